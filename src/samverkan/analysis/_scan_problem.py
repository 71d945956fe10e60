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
from samverkan.analysis._scan_circles import Circles
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A table of places × days beyond this many numbers is refused rather than swapped to disk.
LARGEST_TABLE = 200_000_000
POISSON, BERNOULLI = 0, 1
PERMUTE, DRAW, CHOOSE = 0, 1, 2


@dataclass(frozen=True)
class Problem:
    """Everything the kernels need. ``T`` days are numbered from 0.

    ``cell_starts, cell_days``: each place's days with cases; ``prefix``: its running
    counts, places × (T + 1).
    ``total``: individuals (Bernoulli) or the number of cases.
    """

    kind: int
    circles: Circles
    cell_starts: NDArray[np.int64]
    cell_days: NDArray[np.int64]
    prefix: NDArray[np.int32]
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
    place: NDArray[np.int64], day: NDArray[np.int64], count: NDArray[np.int64], n_places: int, n_days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """The cases as ``cell_starts``, ``cell_days`` and ``prefix`` of a problem."""
    table_fits(n_places, n_days)
    table = summed(place * n_days + day, count, n_places * n_days).reshape(n_places, n_days)
    at, days = np.nonzero(table)
    starts = np.searchsorted(at, np.arange(n_places + 1)).astype(np.int64)
    return starts, days.astype(np.int64), running(table).astype(np.int32)


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


def recent_payload(problem: Problem, thresholds: NDArray[np.float64]) -> Recent:
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
    return Recent(
        draw=(null.how, null.slots, null.cell_day, given, odds, alias, null.cell_place),
        picks=picks,
        words=(problem.n_places, biases.shape[1], width),
        tables=(
            offsets,
            near.astype(np.uint32),
            rows.astype(np.uint32),
            measures,
            thresholds,
            critical,
            biases,
            bits,
            random.lag_steps(lanes, bits, width),
            problem.kind,
            float(problem.cases),
            problem.total,
            last,
        ),
    )


@dataclass(frozen=True)
class Recent:
    """What ``replicate_recent`` needs for a block."""

    draw: tuple[Any, ...]
    picks: int
    words: tuple[int, int, int]
    tables: tuple[Any, ...]


@dataclass(frozen=True)
class Every:
    """What the replicates over every interval need for a block."""

    draw: tuple[Any, ...]
    picks: int
    size: tuple[int, int]
    thresholds: NDArray[np.float64]
    critical: NDArray[np.int32]
    lists: tuple[Any, ...]
    tables: tuple[Any, ...]


def any_payload(problem: Problem, thresholds: NDArray[np.float64]) -> Every:
    """What the replicates over every interval need, critical counts included."""
    from samverkan.analysis import _kernels_scan as kernels
    from samverkan.analysis import _kernels_scan_random as random

    null, clock = problem.null, problem.clock
    offsets, near = problem.circles.offsets, problem.circles.places
    lengths = range(1, problem.longest + 1)
    if null.how == PERMUTE:
        offsets, near = _without(offsets, near, problem.factor > 0)
    if problem.separable:
        levels, rows = np.unique(_grown(offsets, near, problem.factor), return_inverse=True)
        spans = [clock[length:] - clock[:-length] for length in lengths]
        # Where nothing is measured nothing is drawn, so such windows need no critical count.
        least = np.array([span[span > 0].min(initial=math.inf) for span in spans])
        measures = levels[:, None] * least[None, :] / problem.divisor
    else:
        rows = np.arange(len(near))
        measures = np.empty((len(near), problem.longest))
        for c in range(len(offsets) - 1):
            own = slice(offsets[c], offsets[c + 1])
            zone = np.cumsum(problem.measures[near[own]], axis=0)
            for length in lengths:
                spans_of = zone[:, length:] - zone[:, :-length]
                measures[own, length - 1] = spans_of.min(axis=1, where=spans_of > 0, initial=math.inf)
    enough = float(measures.max(initial=0.0, where=np.isfinite(measures)))
    critical = np.stack(
        [
            random.critical_counts(
                measures,
                kernels.largest_measures(
                    problem.kind, level, problem.cases, enough, float(problem.cases), problem.total
                ),
                problem.fewest,
                problem.cases + 1,
            )
            for level in thresholds
        ]
    )
    odds, alias = _alias(null)
    return Every(
        draw=(null.how, null.slots, null.cell_day, null.given, odds, alias, null.cell_place),
        picks=null.picks,
        size=(problem.n_places, problem.n_days),
        thresholds=thresholds,
        critical=critical,
        lists=(offsets, near, rows),
        tables=(
            _edges(problem.longest),
            problem.kind,
            float(problem.cases),
            problem.total,
            problem.separable,
            problem.factor,
            clock,
            problem.divisor,
            problem.measures,
        ),
    )


def _own(draw: tuple[Any, ...]) -> tuple[Any, ...]:
    """The draw with slots of its own: drawing shuffles them, and every block begins alike."""
    return (draw[0], draw[1].copy(), *draw[2:])


def run_recent(payload: Recent, stream: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    """Block kernel for ``run_blocks``: windows that reach the last day."""
    from samverkan.analysis import _kernels_scan_random as random

    kernels: Any = random
    result = np.zeros(n)
    n_places, chunks, width = payload.words
    kernels.replicate_recent(
        stream.generate_state(4, np.uint64),
        result,
        *_own(payload.draw),
        np.empty(payload.picks, np.int64),
        np.empty(payload.picks, np.int64),
        *payload.tables,
        np.empty((chunks, n_places * width), np.uint64),
        np.empty(width, np.uint64),
    )
    return result


def run_any(payload: Every, stream: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    """Block kernel for ``run_blocks``: every interval of days."""
    from samverkan.analysis import _kernels_scan_random as random

    kernels: Any = random
    n_places, n_days = payload.size
    state, draw = stream.generate_state(4, np.uint64), _own(payload.draw)
    where, when = np.empty(payload.picks, np.int64), np.empty(payload.picks, np.int64)
    prefix = np.empty((n_places, n_days + 1), np.int32)
    zone, zone_measure = np.empty(n_days + 1, np.int32), np.empty(n_days + 1)
    result = np.zeros(n)
    for b in range(n):
        kernels.sample(state, *draw, where, when)
        prefix[:] = 0
        kernels.tally(where, when, prefix)
        for level, critical in zip(payload.thresholds, payload.critical, strict=True):
            result[b] = kernels.largest_any(
                prefix, *payload.lists, critical, *payload.tables, result[b], zone, zone_measure
            )
            if result[b] >= level:
                break
    return result


class Scanner:
    """``scan`` with its scratch room, for one problem's own cases."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.edges = _edges(problem.longest)
        self.least = _least(problem.clock, self.edges)

    def best_of(self, centres: NDArray[np.int64], closed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Each centre's best window: value, places, first day, last day, count, measure."""
        from samverkan.analysis._kernels_scan import scan

        problem = self.problem
        out = np.zeros((len(centres), 6))
        scan(
            centres,
            problem.circles.offsets,
            problem.circles.places,
            closed,
            problem.cell_starts,
            problem.cell_days,
            problem.prefix,
            problem.kind,
            float(problem.cases),
            problem.total,
            problem.separable,
            problem.factor,
            problem.clock,
            problem.divisor,
            problem.measures,
            problem.to_last_day,
            problem.fewest,
            self.edges,
            self.least,
            clean.SLACK,
            np.zeros(problem.n_days + 1, np.int32),
            np.zeros(problem.n_days + 1),
            out,
        )
        return out


def _edges(longest: int) -> NDArray[np.int64]:
    """Classes of lengths, each up to half as long again as the one before: (0, 1], (1, 2], (2, 3], (3, 5] …"""
    edges = [0]
    while edges[-1] < longest:
        edges.append(min(longest, max(edges[-1] + 1, math.ceil(1.5 * edges[-1]))))
    return np.array(edges, np.int64)


def _least(clock: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each class and day, the least clock time of the class's shortest window within its reach."""
    n_days = len(clock) - 1
    result = np.zeros((len(edges) - 1, n_days))
    for k in range(len(edges) - 1):
        shortest, most = int(edges[k]) + 1, int(edges[k + 1])
        spans = clock[shortest:] - clock[:-shortest]
        for day in range(n_days):
            low, high = max(day - most + 1, 0), min(day + most - 1, n_days - 1) - shortest + 2
            result[k, day] = spans[low:high].min()
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
