"""Emerging clusters: the space-time permutation, Poisson and Bernoulli scan statistics.

Each scan asks of every circle round every place (and every interval of days)
whether it holds more cases than expected, takes the one that is hardest to
explain, and compares it with the hardest one of data sets in which nothing is
going on.

* Permutation: Kulldorff, Heffernan, Hartman, Assunção, Mostashari 2005, PLoS
  Medicine 2:e59. Needs only cases. Expected: cases in the circle × cases in the
  days / all cases.
* Prospective: Kulldorff 2001, JRSS A 164:61. Only windows that last to the end.
* Poisson and Bernoulli: Kulldorff 1997, Communications in Statistics 26:1481.
* Gumbel p: Abrams, Kulldorff, Kleinman 2010, Statistics in Medicine 29:2838.

p is ``(1 + #{T* >= T}) / (B + 1)`` with ties (relative 1e-9) included.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from samverkan.analysis import _scan_circles as rings
from samverkan.analysis import _scan_problem as layout
from samverkan.analysis import clean
from samverkan.analysis._scan_solve import (
    Cluster,
    Input,
    Options,
    Period,
    ScanResult,
    gumbel_p,
    share_of,
    solve,
)
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Cluster",
    "Options",
    "ScanResult",
    "bernoulli_scan",
    "gumbel_p",
    "permutation_scan",
    "poisson_scan",
]


#: Sums of cases are kept in 32 bits, and each case is dealt by itself.
MOST_CASES = 2**31 - 1


def permutation_scan(
    x: ArrayLike,
    y: ArrayLike,
    day: ArrayLike,
    *,
    place: ArrayLike | None = None,
    count: ArrayLike | None = None,
    prospective: bool = False,
    max_days: int | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    options: Options | None = None,
) -> ScanResult:
    """Space-time permutation scan: clusters from nothing but dated cases.

    Parameters
    ----------
    x, y : float arrays (n,) or, with ``place``, (places,)
        Metres in the plane, or degrees with ``options.geographic``.
    day : (n,) dates, datetime64 or whole days since 1970-01-01.
    place : (n,) indices into x, y when these list the places; places without
        cases are then centres too.
    count : (n,) cases on each row, 1 when not given.
    prospective : only windows that last to the study period's last day.
    max_days : the longest window, half the study period when not given.
    first_day, last_day : the study period; the first and last case when not given.

    Returns
    -------
    ScanResult with model ``permutation``; no clusters for no cases.

    Raises
    ------
    BadInput : broken coordinates, dates, counts, or a case outside the period.

    Notes
    -----
    Kulldorff et al. 2005. A replicate deals the days out over the cases anew,
    which keeps the number of cases of every place and of every day: neither
    large places, weekdays nor seasons are clusters. A shift of where people
    are, or one place's own weekday rhythm, can be.
    """
    options = options or Options()
    data = _read(x, y, day, place, count, options, prospective, max_days, first_day, last_day)
    assert data.period is not None
    total = int(data.count.sum())
    n_places, n_days = len(data.places.x), data.period.days
    by_place = layout.summed(data.place, data.count, n_places)
    by_day = layout.summed(data.day, data.count, n_days)
    circles = _circles(data, options, by_place)
    starts, days, prefix = layout.cells(data.place, data.day, data.count, n_places, n_days)
    holders = np.repeat(np.arange(n_places, dtype=np.int32), by_place.astype(np.int64))
    dealt = np.repeat(np.arange(n_days, dtype=np.int32), by_day.astype(np.int64))
    problem = layout.Problem(
        kind=layout.POISSON,
        circles=circles,
        cell_starts=starts,
        cell_days=days,
        prefix=prefix,
        cases=total,
        total=float(total),
        separable=True,
        factor=by_place,
        clock=np.concatenate(([0.0], np.cumsum(by_day))),
        divisor=float(max(total, 1)),
        measures=np.zeros((1, 1)),
        to_last_day=prospective,
        longest=data.period.longest,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.PERMUTE,
            holders,
            np.arange(n_places, dtype=np.int32),
            np.zeros(1, np.int32),
            dealt,
            np.zeros(1),
            total,
        ),
    )
    return solve("permutation", problem, data, options)


def poisson_scan(
    x: ArrayLike,
    y: ArrayLike,
    *,
    count: ArrayLike,
    expected: ArrayLike,
    day: ArrayLike | None = None,
    place: ArrayLike | None = None,
    expected_day: ArrayLike | None = None,
    expected_place: ArrayLike | None = None,
    prospective: bool = False,
    max_days: int | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    options: Options | None = None,
) -> ScanResult:
    """Poisson scan: counts against a population or expected counts.

    Parameters
    ----------
    x, y, day, place, count : as in ``permutation_scan``; without ``day`` the
        scan is purely spatial. ``count`` is (n,).
    expected : population or expected counts, (n,) beside the counts or, with
        ``expected_place``, (m,) indices into the places. Only the proportions matter: they
        are scaled to the number of cases.
    expected_day : (m,) the day each value of ``expected`` is for. When not given
        the expected is spread evenly over the study period.

    Notes
    -----
    Kulldorff 1997. A replicate draws every case anew in proportion to the
    expected. Cases where nothing is expected are refused: no such data can
    come from the model.
    """
    options = options or Options()
    data = _read(x, y, day, place, count, options, prospective, max_days, first_day, last_day)
    total = int(data.count.sum())
    n_places = len(data.places.x)
    n_days = data.period.days if data.period else 1
    weight = clean.weights(expected, name="expected")
    if expected_place is None:
        clean.same_length(expected=weight, count=data.count)
        at = data.place
    else:
        rows = _indices(expected_place, len(data.places.of_row), "expected_place")
        at = data.places.of_row[rows]
        clean.same_length(expected=weight, expected_place=at)
    by_place = layout.summed(at, weight, n_places)
    whole = math.fsum(weight)
    if total and not whole > 0:
        raise BadInput("expected: nothing is expected anywhere; give a population or counts.")
    circles = _circles(data, options, by_place)
    starts, days, prefix = layout.cells(data.place, data.day, data.count, n_places, n_days)
    scale = total / whole if whole else 0.0
    measures = np.zeros((1, 1))
    separable = expected_day is None or data.period is None
    clock = np.arange(n_days + 1, dtype=np.float64)
    if expected_day is None or data.period is None:
        mean = np.repeat(by_place / n_days, n_days)
    else:
        on = _within(clean.days(expected_day), data.period, "expected")
        clean.same_length(expected=weight, expected_date=on)
        mean = layout.summed(at * n_days + on, weight, n_places * n_days)
        measures = layout.running(mean.reshape(n_places, n_days) * scale)
    missed = (data.count > 0) & (mean[data.place * n_days + data.day] <= 0)
    if missed.any():
        raise BadInput(
            f"count: row {int(np.argmax(missed)) + 1} has cases where nothing is expected; "
            "give the place a population or leave the row out."
        )
    drawn = np.flatnonzero(mean > 0)
    problem = layout.Problem(
        kind=layout.POISSON,
        circles=circles,
        cell_starts=starts,
        cell_days=days,
        prefix=prefix,
        cases=total,
        total=float(total),
        separable=separable,
        factor=by_place * scale,
        clock=clock,
        divisor=float(n_days),
        measures=measures,
        to_last_day=prospective or n_days == 1,
        longest=data.period.longest if data.period else 1,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.DRAW,
            np.zeros(1, np.int32),
            (drawn // n_days).astype(np.int32),
            (drawn % n_days).astype(np.int32),
            np.zeros(1, np.int32),
            mean[drawn],
            total,
        ),
    )
    return solve("poisson", problem, data, options)


def bernoulli_scan(
    x: ArrayLike,
    y: ArrayLike,
    *,
    count: ArrayLike,
    controls: ArrayLike,
    day: ArrayLike | None = None,
    place: ArrayLike | None = None,
    prospective: bool = False,
    max_days: int | None = None,
    first_day: int | None = None,
    last_day: int | None = None,
    options: Options | None = None,
) -> ScanResult:
    """Bernoulli scan: cases against controls.

    Parameters
    ----------
    count, controls : (n,) cases and controls on each row; the row's day, when
        given, is the day of both.
    x, y, day, place : as in ``permutation_scan``; without ``day`` the scan is
        purely spatial.

    Notes
    -----
    Kulldorff 1997. A replicate chooses who the cases are anew among all
    individuals. ``expected`` is the number of cases if the risk were the same
    everywhere.
    """
    options = options or Options()
    data = _read(x, y, day, place, count, options, prospective, max_days, first_day, last_day)
    others = clean.counts(controls, name="controls")
    clean.same_length(count=data.count, controls=others)
    everyone = data.count + others
    total, people = int(data.count.sum()), int(everyone.sum())
    if people > MOST_CASES:
        raise BadInput(f"controls: {people} individuals; use the Poisson model for populations.")
    n_places = len(data.places.x)
    n_days = data.period.days if data.period else 1
    by_place = layout.summed(data.place, everyone, n_places)
    circles = _circles(data, options, by_place)
    starts, days, prefix = layout.cells(data.place, data.day, data.count, n_places, n_days)
    separable = n_days == 1
    measures = np.zeros((1, 1))
    if not separable:
        flat = layout.summed(data.place * n_days + data.day, everyone, n_places * n_days)
        measures = layout.running(flat.reshape(n_places, n_days))
    problem = layout.Problem(
        kind=layout.BERNOULLI,
        circles=circles,
        cell_starts=starts,
        cell_days=days,
        prefix=prefix,
        cases=total,
        total=float(people),
        separable=separable,
        factor=by_place,
        clock=np.arange(n_days + 1, dtype=np.float64),
        divisor=1.0,
        measures=measures,
        to_last_day=prospective or n_days == 1,
        longest=data.period.longest if data.period else 1,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.CHOOSE,
            np.repeat(np.arange(len(everyone), dtype=np.int32), everyone),
            data.place.astype(np.int32),
            data.day.astype(np.int32),
            np.zeros(1, np.int32),
            np.zeros(1),
            total,
        ),
    )
    return solve("bernoulli", problem, data, options)


def _read(
    x: ArrayLike,
    y: ArrayLike,
    day: ArrayLike | None,
    place: ArrayLike | None,
    count: ArrayLike | None,
    options: Options,
    prospective: bool,
    max_days: int | None,
    first_day: int | None,
    last_day: int | None,
) -> Input:
    where = rings.places(x, y, geographic=options.geographic)
    rows = where.of_row
    if place is not None:
        rows = where.of_row[_indices(place, len(where.of_row), "place")]
    counts = np.ones(len(rows), np.int64) if count is None else clean.counts(count)
    clean.same_length(place=rows, count=counts)
    total = int(counts.sum())
    if total > MOST_CASES:
        raise BadInput(f"count: {total} cases; at most {MOST_CASES} can be scanned. Count in thousands instead.")
    warnings: list[str] = []
    if day is None:
        if prospective:
            raise BadInput("prospective: a scan over time needs dates; give the date column.")
        return Input(where, rows, np.zeros(len(rows), np.int64), counts, None, warnings)
    days = clean.days(day)
    clean.same_length(place=rows, date=days)
    # Without a single date the period is what is said of it.
    known = days if len(days) else np.array([d for d in (first_day, last_day, 0) if d is not None][:1], np.int64)
    first = int(known.min() if first_day is None else first_day)
    last = int(known.max() if last_day is None else last_day)
    if last < first:
        raise BadInput("The study period ends before it begins; turn the dates round.")
    if last - first > 1_000_000:
        raise BadInput("date: the study period is over a million days; check the dates.")
    length = last - first + 1
    longest = max(1, length // 2)
    if max_days is not None:
        longest = min(clean.whole(max_days, "max_days", least=1), length)
    if length == 1 and len(days):
        warnings.append("Everything is on one day: nothing can be told about time.")
    period = Period(first, last, longest, prospective)
    return Input(where, rows, _within(days, period, "date"), counts, period, warnings)


def _within(days: NDArray[np.int64], period: Period, name: str) -> NDArray[np.int64]:
    outside = (days < period.first) | (days > period.last)
    if outside.any():
        raise BadInput(
            f"{name}: row {int(np.argmax(outside)) + 1} is outside the study period; leave it out or widen the period."
        )
    return days - period.first


def _indices(values: ArrayLike, size: int, name: str) -> NDArray[np.int64]:
    result = clean.days(values, name=name)
    if len(result) and (result.min() < 0 or result.max() >= size):
        raise BadInput(f"{name}: an index is outside the {size} places; number them from 0.")
    return result


def _circles(data: Input, options: Options, size: NDArray[np.float64]) -> rings.Circles:
    return rings.circles(data.places, size=size, max_radius=options.max_radius, max_share=share_of(options))
