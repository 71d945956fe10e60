"""Pairs of events by class of distance and class of time, for the near-repeat methods.

Edges become *cuts* once, so that only half-open intervals remain: the class of
a value is the number of cuts at or below it. Class 0 lies before the first
cut, class k between cut k and cut k + 1, the last class beyond the last cut.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

METRICS = {"euclidean": 0, "manhattan": 1}
CLOSED = ("left", "right")
#: More events than this and the sums of squared degrees could leave 64 bits.
MOST_EVENTS = 2_000_000
#: Partners listed at once (int32): above it the list is made anew for every block.
MOST_LISTED = 32_000_000
_FARTHEST = 1e100


@dataclass(frozen=True)
class Bands:
    """The intervals of one axis: their cuts and how they are told."""

    edges: tuple[float, ...]
    cuts: NDArray[np.float64]
    labels: tuple[str, ...]


def bands(edges: Sequence[float], name: str, *, closed: str, same: bool = False) -> Bands:
    """Check the edges of one axis and make the cuts.

    ``closed="left"`` gives [a, b); ``"right"`` gives (a, b] with the first as
    [a, b]. ``same`` puts a band of exactly zero before the rest; the first
    edge must then be 0. Raises BadInput.
    """
    if closed not in CLOSED:
        raise BadInput(f"closed is {closed!r}; give 'left' for [a, b) or 'right' for (a, b].")
    values = [float(edge) for edge in edges]
    if len(values) < 2:
        raise BadInput(f"{name}: {len(values)} edges; give at least two, such as 0 and 200.")
    if any(math.isnan(v) for v in values) or values[0] < 0 or math.isinf(values[0]):
        raise BadInput(f"{name}: the edges must be numbers from 0, the first of them finite.")
    if any(b <= a for a, b in itertools.pairwise(values)):
        raise BadInput(f"{name}: the edges {values} do not rise; give each edge once, in order.")
    if same and values[0] != 0:
        raise BadInput(f"{name}: a band of its own for the same place needs 0 as the first edge.")
    up = [math.nextafter(v, math.inf) for v in values]
    cuts = list(values) if closed == "left" else [values[0], *up[1:]]
    told = [_told(v) for v in values]
    pairs = list(itertools.pairwise(told))
    if closed == "left":
        labels = [f"[{a}, {b})" for a, b in pairs]
    else:
        labels = [f"({a}, {b}]" for a, b in pairs]
        labels[0] = "[" + labels[0][1:]
    if same:
        cuts.insert(1, up[0])
        labels[0] = "(" + labels[0][1:]
        labels.insert(0, "same place")
    return Bands(tuple(values), frozen(np.array(cuts)), tuple(labels))


def _told(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and value < 1e15 else repr(value)


def events(
    x: ArrayLike, y: ArrayLike, t: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates and times of the events; ``datetime64`` becomes whole days, numbers stand."""
    xs, ys = clean.points(x, y)
    raw = np.asarray(t)
    ts = clean.days(raw).astype(np.float64) if raw.dtype.kind in "MO" else clean.floats(raw, "date") + 0.0
    n = clean.same_length(x=xs, date=ts)
    if n > MOST_EVENTS:
        raise BadInput(f"{n} events; at most {MOST_EVENTS} can be paired, so take a shorter time.")
    for name, values in (("x", xs), ("y", ys), ("date", ts)):
        if n and float(np.abs(values).max()) > _FARTHEST:
            raise BadInput(f"{name}: a value is beyond {_FARTHEST:g}; give metres and days.")
    return xs, ys, ts


def metric_code(metric: str) -> int:
    """The number of a metric in the kernels; BadInput for an unknown one."""
    if metric not in METRICS:
        raise BadInput(f"metric is {metric!r}; give one of {', '.join(METRICS)}.")
    return METRICS[metric]


@dataclass(frozen=True)
class Layout:
    """Events in strips for one reach; ``order`` leads back to the caller's rows."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    strips: NDArray[np.int64]
    order: NDArray[np.int64]
    reach: float


def layout(x: NDArray[np.float64], y: NDArray[np.float64], reach: float) -> Layout:
    """Sort events into strips of y, a little higher than ``reach``, and by x within them."""
    n = len(x)
    # A hair wider, so that no rounding of differences can hide a pair at the edge.
    wide = reach * (1 + 1e-9) + 1e-150
    height = wide * 1.0001 + float(np.ptp(y)) * 1e-12 if n else wide
    strip = np.floor((y - y.min()) / height).astype(np.int64) if n else np.zeros(0, np.int64)
    order = np.lexsort((y, x, strip))
    ids, starts = np.unique(strip[order], return_index=True)
    gaps = np.flatnonzero(np.diff(ids) > 1) + 1
    starts = np.insert(starts, gaps, starts[gaps])
    strips = np.concatenate([starts, [n, n]]).astype(np.int64)
    return Layout(frozen(x[order]), frozen(y[order]), frozen(strips), order, wide)


def degrees(place: Layout, metric: int, cuts: NDArray[np.float64]) -> NDArray[np.int32]:
    """How many partners within reach each event has in each class, [classes, events]."""
    from samverkan.analysis._kernels_pairs import walk_pairs

    count = np.zeros((len(cuts) + 1, len(place.x)), np.int32)
    none = frozen(np.full(len(cuts) + 1, -1, np.int64))
    walk_pairs(place.x, place.y, place.strips, place.reach, metric, cuts, count, none, 0, 0)
    return count


def partners(
    place: Layout, metric: int, cuts: NDArray[np.float64], slots: NDArray[np.int64], begin: int
) -> tuple[int, NDArray[np.int64], NDArray[np.int32]]:
    """The later partners of the events from ``begin`` on, as many as are kept at once.

    See ``_kernels_pairs.walk_pairs``; the answer begins with where to go on.
    """
    from samverkan.analysis._kernels_pairs import walk_pairs

    end, offsets, listed = walk_pairs(
        frozen(place.x),
        frozen(place.y),
        frozen(place.strips),
        place.reach,
        metric,
        frozen(cuts),
        np.zeros((0, 0), np.int32),
        frozen(slots),
        begin,
        MOST_LISTED,
    )
    return end, frozen(offsets), frozen(listed)


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view that cannot be written to, so that kernels are compiled for one type only.

    What comes over a wire is read-only already, what is made here is not.
    """
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Margin:
    """One axis alone: pairs in each class, and pairs of pairs that share an event."""

    pairs: tuple[int, ...]
    shared: tuple[int, ...]


def margin_of_degrees(degree: NDArray[np.int32]) -> Margin:
    """The margin from the degree of each event in each class, [classes, events]."""
    pairs, shared = [], []
    for row in degree:
        d = row.astype(np.int64)
        pairs.append(int(d.sum()) // 2)
        shared.append(int((d * (d - 1)).sum()))
    return Margin(tuple(pairs), tuple(shared))


def moments(n: int, space: Margin, time: Margin) -> tuple[NDArray[Any], NDArray[Any]]:
    """Exact mean and variance of the count in every cell when times are permuted.

    Barton and David 1966; in rational numbers, because the variance is a small
    difference of large ones. Both are [space classes, time classes].
    """
    shape = (len(space.pairs), len(time.pairs))
    mean, variance = np.zeros(shape), np.zeros(shape)
    if n < 2:
        return mean, variance
    two, three, four = n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)
    for a, (s, s_shared) in enumerate(zip(space.pairs, space.shared, strict=True)):
        for b, (t, t_shared) in enumerate(zip(time.pairs, time.shared, strict=True)):
            expected = Fraction(2 * s * t, two)
            square = expected
            if s_shared and t_shared:
                square += Fraction(s_shared * t_shared, three)
            apart, t_apart = s * s - s - s_shared, t * t - t - t_shared
            if apart and t_apart:
                square += Fraction(4 * apart * t_apart, four)
            mean[a, b] = float(expected)
            variance[a, b] = float(square - expected * expected)
    return mean, variance
