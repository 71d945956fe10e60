"""The scan statistic laid out for its kernels: places, circles, measures and the null hypothesis.

A ``Problem`` is what all three models have in common. The count of a window is
judged against its measure: mu for the permutation and Poisson models, the
number of individuals for the Bernoulli model. The measure is either
*separable*, ``factor(zone) * (clock[e + 1] - clock[s]) / divisor``, or given by
a table of running sums per place and day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Kilometres would hide it: the radius, in metres, that scan results are compared with.
EARTH_RADIUS = 6_367_000.0
#: A table of places × days beyond this many numbers is refused rather than swapped to disk.
LARGEST_TABLE = 200_000_000
POISSON, BERNOULLI = 0, 1
PERMUTE, DRAW, CHOOSE = 0, 1, 2


@dataclass(frozen=True)
class Places:
    """Unique places in the order of the input.

    ``first`` is the input row each place was first seen on, ``of_row`` the place
    of every input row.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    first: NDArray[np.int64]
    of_row: NDArray[np.int64]
    geographic: bool


def places(x: ArrayLike, y: ArrayLike, *, geographic: bool) -> Places:
    """Rows at the same coordinates are one place, numbered as first seen."""
    xs, ys = clean.lonlat(x, y) if geographic else clean.points(x, y)
    if not len(xs):
        none = np.zeros(0, np.int64)
        return Places(xs, ys, none, none, geographic)
    pairs = np.ascontiguousarray(np.column_stack((xs, ys))).view("V16").ravel()
    _, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    order = np.argsort(first, kind="stable")
    rank[order] = np.arange(len(first))
    seen = first[order].astype(np.int64)
    return Places(xs[seen], ys[seen], seen, rank[inverse.ravel()], geographic)


@dataclass(frozen=True)
class Circles:
    """Neighbour lists: for centre c, ``places[offsets[c]:offsets[c + 1]]`` in distance order."""

    offsets: NDArray[np.int64]
    places: NDArray[np.int32]
    distances: NDArray[np.float64]


def circles(
    where: Places,
    *,
    size: NDArray[np.float64],
    max_radius: float | None,
    max_share: float | None,
) -> Circles:
    """Circles round every place, grown by radius (metres) and by share of ``size``."""
    from samverkan.analysis._kernels_scan import neighbours

    radius = math.inf if max_radius is None else clean.positive(max_radius, "max_radius", zero=True)
    share = 1.0 if max_share is None else clean.positive(max_share, "max_share")
    if share > 1:
        raise BadInput(f"max_share is {share}; give a share from 0 to 1, as 0.5.")
    n = len(where.x)
    total = math.fsum(size)
    x, y = where.x, where.y
    if where.geographic:
        x, y = np.radians(x), np.radians(y)
    column = np.full(1, -1, np.int64)
    starts = np.zeros(1, np.int64)
    if not where.geographic and n > 256 and 0 < radius < math.inf:
        wide = max(radius * (1 + 1e-9), float(np.ptp(x)) / n)
        bucket = ((x - x.min()) / wide).astype(np.int64)
        column = np.concatenate((np.argsort(bucket, kind="stable"), bucket))
        starts = np.searchsorted(np.sort(bucket), np.arange(bucket.max() + 2))
    offsets, near, distances = neighbours(
        x, y, EARTH_RADIUS if where.geographic else 0.0, radius, size.astype(np.float64),
        # Rounding in the running sum must not shut out a place that fits exactly.
        share * total * (1 + 1e-12), column, starts.astype(np.int64),
    )  # fmt: skip
    return Circles(offsets, near, distances)


@dataclass(frozen=True)
class Problem:
    """Everything the kernels need. ``T`` days are numbered from 0.

    ``cell_starts, cell_days, cell_counts``: the cases of each place by day.
    ``total``: individuals (Bernoulli) or the number of cases.
    """

    kind: int
    circles: Circles
    cell_starts: NDArray[np.int64]
    cell_days: NDArray[np.int64]
    cell_counts: NDArray[np.int64]
    cases: int
    total: float
    separable: bool
    factor: NDArray[np.float64]
    clock: NDArray[np.float64]
    divisor: float
    measures: NDArray[np.float64]
    to_last_day: bool
    longest: int
    fewest: int
    null: Null

    @property
    def n_places(self) -> int:
        return len(self.cell_starts) - 1

    @property
    def n_days(self) -> int:
        return len(self.clock) - 1

    @property
    def windows(self) -> int:
        """Windows scanned: zones times intervals of days."""
        zones = len(self.circles.places)
        if self.to_last_day:
            return zones * self.longest
        shorter = self.longest * (self.longest - 1) // 2
        return zones * (self.longest * self.n_days - shorter)


@dataclass(frozen=True)
class Null:
    """How a replicate is drawn (see ``_kernels_scan_random.sample``)."""

    how: int
    slots: NDArray[np.int32]
    cell_place: NDArray[np.int32]
    cell_day: NDArray[np.int32]
    given: NDArray[np.int32]
    weights: NDArray[np.float64]
    picks: int


def cells(
    place: NDArray[np.int64], day: NDArray[np.int64], count: NDArray[np.int64], n_places: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Counts joined by place and day: offsets per place, days ascending, counts above zero."""
    keep = count > 0
    place, day, count = place[keep], day[keep], count[keep]
    order = np.lexsort((day, place))
    place, day, count = place[order], day[order], count[order]
    if not len(place):
        return np.zeros(n_places + 1, np.int64), day, count
    new = np.concatenate(([True], (place[1:] != place[:-1]) | (day[1:] != day[:-1])))
    begins = np.flatnonzero(new)
    sums = np.add.reduceat(count, begins)
    starts = np.searchsorted(place[begins], np.arange(n_places + 1)).astype(np.int64)
    return starts, np.ascontiguousarray(day[begins]), sums


def summed(at: NDArray[np.int64], values: NDArray[Any], size: int) -> NDArray[np.float64]:
    """The sum of ``values`` for each of ``size`` places (or places × days), as doubles."""
    return np.bincount(at, values, size).astype(np.float64)


def running(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running sums along the days with a leading zero: places × (T + 1)."""
    result = np.zeros((table.shape[0], table.shape[1] + 1))
    np.cumsum(table, axis=1, out=result[:, 1:])
    return result


def table_fits(n_places: int, n_days: int) -> None:
    """Refuse a table of places × days that would not fit in memory."""
    if n_places * (n_days + 1) > LARGEST_TABLE:
        raise BadInput(
            f"{n_places} places × {n_days} days is too large a table; shorten the study period or use areas."
        )


def recent_payload(problem: Problem, thresholds: NDArray[np.float64]) -> tuple[Any, ...]:
    """What ``replicate_recent`` needs, critical counts included."""
    from samverkan.analysis import _kernels_scan as kernels
    from samverkan.analysis import _kernels_scan_random as random

    null, last = problem.null, problem.n_days - 1
    offsets, near = problem.circles.offsets, problem.circles.places
    lanes = problem.longest
    if null.how == PERMUTE:
        # A place without cases adds nothing to any count and can only lower the statistic.
        offsets, near = _without(offsets, near, problem.factor > 0)
    spans = np.arange(1, lanes + 1)
    if problem.separable:
        mass = _grown(offsets, near, problem.factor)
        levels, rows = np.unique(mass, return_inverse=True)
        lengths = problem.clock[last + 1] - problem.clock[last + 1 - spans]
        measures = levels[:, None] * lengths[None, :] / problem.divisor
    else:
        lasting = problem.measures[:, last + 1, None] - problem.measures[:, last + 1 - spans]
        measures = _grown(offsets, near, lasting)
        rows = np.arange(len(near))
    if null.how == PERMUTE:
        recent = null.given[null.given > last - lanes]
        largest_zone = int(measures_top(problem.factor, offsets, near))
        most = min(len(recent), largest_zone)
        given, picks = recent, len(recent)
    else:
        most, given, picks = problem.cases, null.given, null.picks
    # A lane holds counts to ``most`` and a top bit; short windows fit in a word or two.
    bits = (most + 1).bit_length() + 1
    width = 1 if lanes <= 2 * (64 // bits) else 3
    enough = float(measures.max(initial=0.0))
    critical = np.stack(
        [
            random.critical_counts(
                measures,
                kernels.largest_measures(problem.kind, level, most, enough, float(problem.cases), problem.total),
                problem.fewest,
                most + 1,
            )
            for level in thresholds
        ]
    )
    biases = np.stack([random.pack(table, bits, width) for table in critical])
    odds, alias = _alias(null)
    return (
        null.how, null.slots, null.cell_day, given, odds, alias, null.cell_place, picks,
        offsets, near.astype(np.uint32), rows.astype(np.uint32), measures, thresholds, critical,
        biases, bits, width,
        problem.kind, float(problem.cases), problem.total, problem.n_places, last,
    )  # fmt: skip


def any_payload(problem: Problem, thresholds: NDArray[np.float64]) -> tuple[Any, ...]:
    """What ``replicate_any`` needs."""
    from samverkan.analysis import _kernels_scan as kernels

    null = problem.null
    offsets, near = problem.circles.offsets, problem.circles.places
    if null.how == PERMUTE:
        offsets, near = _without(offsets, near, problem.factor > 0)
    found = [
        kernels.largest_measures(problem.kind, level, problem.cases, math.inf, float(problem.cases), problem.total)
        for level in thresholds
    ]
    odds, alias = _alias(null)
    return (
        null.how, null.slots, null.cell_day, null.given, odds, alias, null.cell_place, null.picks,
        offsets, near, thresholds, np.stack(found), problem.kind, float(problem.cases),
        problem.total, problem.separable, problem.factor, problem.clock, problem.divisor,
        problem.measures, problem.longest, problem.fewest, problem.n_places,
    )  # fmt: skip


def run_recent(payload: Any, stream: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    """Block kernel for ``run_blocks``: windows that reach the last day."""
    from samverkan.analysis._kernels_scan_random import replicate_recent

    result: NDArray[np.float64] = replicate_recent(stream.generate_state(4, np.uint64), n, *payload)
    return result


def run_any(payload: Any, stream: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    """Block kernel for ``run_blocks``: every interval of days."""
    from samverkan.analysis._kernels_scan_random import replicate_any

    result: NDArray[np.float64] = replicate_any(stream.generate_state(4, np.uint64), n, *payload)
    return result


def measures_top(factor: NDArray[np.float64], offsets: NDArray[np.int64], near: NDArray[np.int32]) -> float:
    """The largest ``factor`` sum of any zone."""
    sums = np.concatenate(([0.0], np.cumsum(factor[near])))
    return float((sums[offsets[1:]] - sums[offsets[:-1]]).max(initial=0.0))


def _grown(offsets: NDArray[np.int64], near: NDArray[np.int32], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running sums of ``values`` along each centre's list, added in the order of growth."""
    result = np.empty((len(near), *values.shape[1:]))
    for c in range(len(offsets) - 1):
        begin, end = offsets[c], offsets[c + 1]
        np.cumsum(values[near[begin:end]], axis=0, out=result[begin:end])
    return result


def _without(
    offsets: NDArray[np.int64], near: NDArray[np.int32], keep: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    kept = keep[near]
    running_count = np.concatenate(([0], np.cumsum(kept)))
    return running_count[offsets].astype(np.int64), near[kept]


def _alias(null: Null) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if null.how != DRAW:
        return np.zeros(1), np.zeros(1, np.int64)
    from samverkan.analysis._kernels_scan_random import vose

    odds, alias = vose(null.weights)
    return odds, alias
