"""Checks shared by every method: what comes in is finite, of one length and of the right kind.

The functions return fresh contiguous arrays, so a kernel may rely on the
layout and a caller's array is never changed. Empty input passes: whether a
method has an answer for nothing is for the method to say.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Two statistics closer than this (relative) are the same statistic.
SLACK = 1e-9
#: Rejects a case count whose sums could leave 64-bit integers or exact doubles.
LARGEST_TOTAL = 2**53


def floats(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """A one-dimensional array of finite doubles.

    Raises BadInput with the position of the first value that is not finite.
    """
    array = _one_dimension(values, name)
    try:
        result = np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: not numbers; give a column of numbers.") from error
    bad = ~np.isfinite(result)
    if bad.any():
        where = int(np.argmax(bad))
        raise BadInput(f"{name}: value {where + 1} is {result[where]}; remove the row or give it a number.")
    return result


def points(
    x: ArrayLike, y: ArrayLike, *, names: tuple[str, str] = ("x", "y")
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates in metres (or any one unit) as two arrays of doubles of the same length.

    Negative zero becomes zero so that equal places compare equal byte by byte.
    Raises BadInput for NaN, infinities, text and lengths that differ.
    """
    xs, ys = floats(x, names[0]), floats(y, names[1])
    same_length(**{names[0]: xs, names[1]: ys})
    return xs + 0.0, ys + 0.0


def rounding(*coordinates: NDArray[np.float64]) -> float:
    """How much of a distance may be rounding alone, in the unit of the coordinates.

    A coordinate such as 6584123.7 is kept to the nearest double, half a
    nanometre away. Two places that are 33.3 metres apart in the file are then
    33.299999999 or 33.300000001 apart, and must not for that fall on the wrong
    side of an edge at 33.3.
    """
    return (
        4 * float(np.finfo(np.float64).eps) * max((float(np.abs(c).max(initial=0.0)) for c in coordinates), default=0.0)
    )


def lonlat(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude in degrees (WGS 84), checked against their ranges."""
    xs, ys = points(lon, lat, names=("lon", "lat"))
    for name, array, limit in (("lon", xs, 180.0), ("lat", ys, 90.0)):
        bad = np.abs(array) > limit
        if bad.any():
            where = int(np.argmax(bad))
            raise BadInput(
                f"{name}: value {where + 1} is {array[where]}, outside ±{limit:g} degrees; metres belong in x and y."
            )
    return xs, ys


def days(t: ArrayLike, *, name: str = "date") -> NDArray[np.int64]:
    """Whole days as integers.

    Accepts ``datetime64`` (days since 1970-01-01; a time of day is cut off, so
    convert to local time first), integers, or doubles that are whole numbers.
    Raises BadInput for missing dates, infinities and broken days.
    """
    array = _one_dimension(t, name)
    if array.dtype.kind == "M":
        missing = np.isnat(array)
        if missing.any():
            raise BadInput(f"{name}: value {int(np.argmax(missing)) + 1} is missing; give it a date.")
        return array.astype("datetime64[D]").astype(np.int64)
    if array.dtype.kind == "O" and array.size:
        try:
            return days(array.astype("datetime64[D]"), name=name)
        except (TypeError, ValueError) as error:
            raise BadInput(f"{name}: not dates; write them as YYYY-MM-DD.") from error
    return _whole(array, name, "give whole days")


def counts(c: ArrayLike, *, name: str = "count") -> NDArray[np.int64]:
    """Whole numbers, zero or more, whose sum is exact.

    Raises BadInput for negatives, broken numbers, NaN, infinities and sums
    over 2**53.
    """
    result = _whole(_one_dimension(c, name), name, "give whole numbers")
    if result.size:
        if int(result.min()) < 0:
            where = int(np.argmax(result < 0))
            raise BadInput(f"{name}: value {where + 1} is {result[where]}; a count cannot be below zero.")
        # In doubles, because the integer sum itself may wrap.
        if float(result.sum(dtype=np.float64)) > LARGEST_TOTAL:
            raise BadInput(f"{name}: the sum is over {LARGEST_TOTAL}; use smaller counts.")
    return result


def weights(w: ArrayLike, *, name: str = "weight") -> NDArray[np.float64]:
    """Finite doubles, zero or more (population, expected counts, harm)."""
    result = floats(w, name)
    if result.size and result.min() < 0:
        where = int(np.argmax(result < 0))
        raise BadInput(f"{name}: value {where + 1} is {result[where]}; it cannot be below zero.")
    return result


def same_length(**arrays: NDArray[Any]) -> int:
    """The common length; BadInput names the arrays when the lengths differ."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise BadInput(f"The columns differ in length: {told}; give one value per row in each.")
    return next(iter(lengths.values()), 0)


def positive(value: float, name: str, *, zero: bool = False) -> float:
    """A finite parameter above zero (or, with ``zero``, not below it)."""
    number = float(value)
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        raise BadInput(f"{name} is {value}; it must be {'at least' if zero else 'above'} zero.")
    return number


def whole(value: int, name: str, *, least: int) -> int:
    """A whole-number parameter of at least ``least``."""
    if isinstance(value, bool) or int(value) != value or value < least:
        raise BadInput(f"{name} is {value}; it must be a whole number of at least {least}.")
    return int(value)


def _one_dimension(values: ArrayLike, name: str) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadInput(f"{name}: {array.ndim} dimensions; give one column.")
    return array


def _whole(array: NDArray[Any], name: str, advice: str) -> NDArray[np.int64]:
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind in "ib":
        return np.array(array, dtype=np.int64, order="C")
    if array.dtype.kind == "u":
        if int(array.max()) > np.iinfo(np.int64).max:
            raise BadInput(f"{name}: {int(array.max())} is too large; {advice} below 2**53.")
        return np.array(array, dtype=np.int64, order="C")
    number = floats(array, name)
    broken = (number != np.floor(number)) | (np.abs(number) > LARGEST_TOTAL)
    if broken.any():
        where = int(np.argmax(broken))
        raise BadInput(f"{name}: value {where + 1} is {number[where]}; {advice}.")
    return number.astype(np.int64)
