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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import _scan_problem as layout
from samverkan.analysis import blocks, clean
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray

EULER = 0.5772156649015329
#: The share of all cases (or people) a circle may hold when no limit is given.
DEFAULT_SHARE = 0.5


@dataclass(frozen=True)
class Cluster:
    """One cluster. Places are indices into the result's places.

    ``start`` and ``end`` are days since 1970-01-01, both included, or None for
    a scan without time. ``radius_m`` is the distance from the centre to the
    farthest member. ``p_gumbel`` is the p of a Gumbel law fitted to the
    replicates: finer than 1/(B+1) when p is small.
    """

    rank: int
    statistic: float
    p_value: float | None
    p_gumbel: float | None
    recurrence_interval_days: float | None
    observed: int
    expected: float
    start: int | None
    end: int | None
    radius_m: float
    centre: tuple[float, float]
    centre_place: int
    members: NDArray[np.int64]


@dataclass(frozen=True)
class ScanResult:
    """Clusters in order of their statistic, with what they were found by.

    ``place_row`` is the row of the places' input (from 0) each place was first
    seen on. ``largest`` holds the replicates' maxima in order.
    """

    model: str
    cases: int
    locations: int
    replicates: int
    seed: int | None
    clusters: tuple[Cluster, ...]
    windows: int
    place_row: NDArray[np.int64]
    largest: NDArray[np.float64]
    parameters: dict[str, Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """Parameters every scan shares.

    Attributes
    ----------
    max_radius : metres, or None for no limit by radius.
    max_share : the largest share of all cases (permutation), expected (Poisson)
        or individuals (Bernoulli) in a circle; 0.5 when no radius is given either.
    min_cases : the fewest cases in a cluster.
    max_clusters : the most clusters to report.
    replicates : Monte Carlo replicates, 0 for none.
    seed : whole number, SeedSequence or Generator.
    stop_after : end when this many replicates have reached the largest statistic.
    every_days : days between analyses, for the recurrence interval.
    geographic : x, y are longitude and latitude in degrees; distances are great circles.
    workers, executor, progress : see ``blocks.run_blocks``.
    """

    max_radius: float | None = None
    max_share: float | None = None
    min_cases: int = 2
    max_clusters: int = 10
    replicates: int = 999
    seed: int | np.random.SeedSequence | np.random.Generator = 0
    stop_after: int | None = None
    every_days: float = 1.0
    geographic: bool = False
    workers: int = 1
    executor: Executor | None = None
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True)
class Period:
    """The study period: days since 1970-01-01, both included."""

    first: int
    last: int
    longest: int
    prospective: bool

    @property
    def days(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class _Input:
    places: layout.Places
    place: NDArray[np.int64]
    day: NDArray[np.int64]
    count: NDArray[np.int64]
    period: Period | None
    warnings: list[str] = field(default_factory=list)


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
    by_place = np.bincount(data.place, data.count, n_places)
    by_day = np.bincount(data.day, data.count, n_days)
    circles = _circles(data, options, by_place)
    starts, days, counts = layout.cells(data.place, data.day, data.count, n_places)
    holders = np.repeat(np.arange(n_places, dtype=np.int32), by_place.astype(np.int64))
    dealt = np.repeat(np.arange(n_days, dtype=np.int32), by_day.astype(np.int64))
    problem = layout.Problem(
        kind=layout.POISSON, circles=circles,
        cell_starts=starts, cell_days=days, cell_counts=counts,
        cases=total, total=float(total), separable=True, factor=by_place,
        clock=np.concatenate(([0.0], np.cumsum(by_day))), divisor=float(max(total, 1)),
        measures=np.zeros((1, 1)), to_last_day=prospective, longest=data.period.longest,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.PERMUTE, holders, np.arange(n_places, dtype=np.int32),
            np.zeros(1, np.int32), dealt, np.zeros(1), total,
        ),
    )  # fmt: skip
    return _solve("permutation", problem, data, options)


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
    by_place = np.bincount(at, weight, n_places)
    whole = math.fsum(weight)
    if total and not whole > 0:
        raise BadInput("expected: nothing is expected anywhere; give a population or counts.")
    circles = _circles(data, options, by_place)
    starts, days, counts = layout.cells(data.place, data.day, data.count, n_places)
    scale = total / whole if whole else 0.0
    measures = np.zeros((1, 1))
    separable = expected_day is None or data.period is None
    clock = np.arange(n_days + 1, dtype=np.float64)
    layout.table_fits(n_places, n_days)
    if separable:
        mean = np.repeat(by_place / n_days, n_days)
    else:
        assert data.period is not None
        on = _within(clean.days(expected_day), data.period, "expected")
        clean.same_length(expected=weight, expected_date=on)
        mean = np.bincount(at * n_days + on, weight, n_places * n_days)
        measures = layout.running(mean.reshape(n_places, n_days) * scale)
    missed = (data.count > 0) & (mean[data.place * n_days + data.day] <= 0)
    if missed.any():
        raise BadInput(
            f"count: row {int(np.argmax(missed)) + 1} has cases where nothing is expected; "
            "give the place a population or leave the row out."
        )
    drawn = np.flatnonzero(mean > 0)
    problem = layout.Problem(
        kind=layout.POISSON, circles=circles,
        cell_starts=starts, cell_days=days, cell_counts=counts,
        cases=total, total=float(total), separable=separable, factor=by_place * scale,
        clock=clock, divisor=float(n_days), measures=measures,
        to_last_day=prospective or n_days == 1,
        longest=data.period.longest if data.period else 1,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.DRAW, np.zeros(1, np.int32), (drawn // n_days).astype(np.int32),
            (drawn % n_days).astype(np.int32), np.zeros(1, np.int32), mean[drawn], total,
        ),
    )  # fmt: skip
    return _solve("poisson", problem, data, options)


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
    if people > 2**31 - 1:
        raise BadInput(f"controls: {people} individuals; use the Poisson model for populations.")
    n_places = len(data.places.x)
    n_days = data.period.days if data.period else 1
    by_place = np.bincount(data.place, everyone, n_places)
    circles = _circles(data, options, by_place)
    starts, days, counts = layout.cells(data.place, data.day, data.count, n_places)
    separable = n_days == 1
    measures = np.zeros((1, 1))
    if not separable:
        layout.table_fits(n_places, n_days)
        flat = np.bincount(data.place * n_days + data.day, everyone, n_places * n_days)
        measures = layout.running(flat.reshape(n_places, n_days))
    problem = layout.Problem(
        kind=layout.BERNOULLI, circles=circles,
        cell_starts=starts, cell_days=days, cell_counts=counts,
        cases=total, total=float(people), separable=separable, factor=by_place,
        clock=np.arange(n_days + 1, dtype=np.float64), divisor=1.0, measures=measures,
        to_last_day=prospective or n_days == 1,
        longest=data.period.longest if data.period else 1,
        fewest=clean.whole(options.min_cases, "min_cases", least=1),
        null=layout.Null(
            layout.CHOOSE, np.repeat(np.arange(len(everyone), dtype=np.int32), everyone),
            data.place.astype(np.int32), data.day.astype(np.int32), np.zeros(1, np.int32),
            np.zeros(1), total,
        ),
    )  # fmt: skip
    return _solve("bernoulli", problem, data, options)


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
) -> _Input:
    where = layout.places(x, y, geographic=options.geographic)
    rows = where.of_row
    if place is not None:
        rows = where.of_row[_indices(place, len(where.of_row), "place")]
    counts = np.ones(len(rows), np.int64) if count is None else clean.counts(count)
    clean.same_length(place=rows, count=counts)
    warnings: list[str] = []
    if day is None:
        if prospective:
            raise BadInput("prospective: a scan over time needs dates; give the date column.")
        return _Input(where, rows, np.zeros(len(rows), np.int64), counts, None, warnings)
    days = clean.days(day)
    clean.same_length(place=rows, date=days)
    first = int(days.min()) if first_day is None and len(days) else int(first_day or 0)
    last = int(days.max()) if last_day is None and len(days) else int(last_day or first)
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
    return _Input(where, rows, _within(days, period, "date"), counts, period, warnings)


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


def _circles(data: _Input, options: Options, size: NDArray[np.float64]) -> layout.Circles:
    share = options.max_share
    if share is None and options.max_radius is None:
        share = DEFAULT_SHARE
    return layout.circles(data.places, size=size, max_radius=options.max_radius, max_share=share)


def _solve(model: str, problem: layout.Problem, data: _Input, options: Options) -> ScanResult:
    warnings = list(data.warnings)
    asked = clean.whole(options.replicates, "replicates", least=0)
    every = clean.positive(options.every_days, "every_days")
    found = _greedy(problem, clean.whole(options.max_clusters, "max_clusters", least=1))
    largest = np.zeros(0)
    if asked and found:
        rule = None
        if options.stop_after is not None:
            rule = blocks.StopAfter(found[0][1][0], options.stop_after)
        thresholds = _ladder(problem.windows)
        recent = problem.to_last_day
        payload = (layout.recent_payload if recent else layout.any_payload)(problem, thresholds)
        largest = blocks.run_blocks(
            layout.run_recent if recent else layout.run_any,
            payload, asked, seed=options.seed, executor=options.executor,
            workers=options.workers, stop=rule, progress=options.progress,
        )  # fmt: skip
        if rule is not None:
            largest = rule.cut(largest)
            if len(largest) < asked:
                warnings.append(
                    f"Stopped after {len(largest)} of {asked} replicates: enough had reached the largest statistic."
                )
    prospective = bool(data.period and data.period.prospective)
    clusters = tuple(
        _cluster(rank, centre, numbers, problem, data, largest, every if prospective else None)
        for rank, (centre, numbers) in enumerate(found, 1)
    )
    seed = options.seed if isinstance(options.seed, int) else None
    return ScanResult(
        model=model, cases=problem.cases, locations=problem.n_places,
        replicates=len(largest), seed=seed, clusters=clusters, windows=problem.windows,
        place_row=data.places.first, largest=largest,
        parameters=_parameters(problem, data, options), warnings=tuple(warnings),
    )  # fmt: skip


def _ladder(windows: int) -> NDArray[np.float64]:
    """Thresholds to screen by. Which ones changes only the time: the maximum stays exact.

    Under the null a window's statistic passes t with a chance of about e**-t, so
    the largest of many windows is nearly always well above log(windows) - 7.5.
    """
    start = max(math.log(max(windows, 1)) - 7.5, 1.0)
    return np.array([start, 0.7 * start, 0.0])


def _greedy(problem: layout.Problem, most: int) -> list[tuple[int, NDArray[np.float64]]]:
    """The window with the largest statistic, then the largest that shares no place with it, …

    Each centre's best window is known. A centre whose best window overlaps a
    reported cluster is scanned again with its circle ending before the first
    taken place; until it comes first its old value is an upper bound.
    """
    from samverkan.analysis._kernels_scan import observed

    closed = np.zeros(problem.n_places, np.bool_)
    offsets, near = problem.circles.offsets, problem.circles.places

    def best_of(centres: NDArray[np.int64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = observed(
            centres, offsets, near, closed,
            problem.cell_starts, problem.cell_days, problem.cell_counts,
            problem.kind, float(problem.cases), problem.total, problem.separable,
            problem.factor, problem.clock, problem.divisor, problem.measures,
            problem.to_last_day, problem.longest, problem.fewest, clean.SLACK,
        )  # fmt: skip
        return result

    if problem.cases == 0:
        return []
    best = best_of(np.arange(problem.n_places))
    fresh = np.ones(problem.n_places, np.bool_)
    found: list[tuple[int, NDArray[np.float64]]] = []
    while len(found) < most:
        values = best[:, 0]
        top = float(values.max())
        if top <= 0:
            break
        # Among equal statistics the first place of the file is the centre.
        tied = np.flatnonzero(values >= top * (1 - clean.SLACK))
        stale = tied[~fresh[tied]]
        if len(stale):
            best[stale] = best_of(stale)
            fresh[stale] = True
            continue
        centre = int(tied[0])
        numbers = best[centre].copy()
        found.append((centre, numbers))
        closed[near[offsets[centre] : offsets[centre] + int(numbers[1])]] = True
        fresh[:] = False
    return found


def _cluster(
    rank: int,
    centre: int,
    numbers: NDArray[np.float64],
    problem: layout.Problem,
    data: _Input,
    largest: NDArray[np.float64],
    every: float | None,
) -> Cluster:
    statistic, size, first, last, count, measure = (float(value) for value in numbers)
    begin = int(problem.circles.offsets[centre])
    end = begin + int(size)
    expected = measure
    if problem.kind == layout.BERNOULLI:
        expected = measure * problem.cases / problem.total
    p = blocks.p_value(largest, statistic) if len(largest) else None
    return Cluster(
        rank=rank, statistic=statistic, p_value=p, p_gumbel=gumbel_p(largest, statistic),
        recurrence_interval_days=every / p if every is not None and p is not None else None,
        observed=int(count), expected=expected,
        start=data.period.first + int(first) if data.period else None,
        end=data.period.first + int(last) if data.period else None,
        radius_m=float(problem.circles.distances[end - 1]),
        centre=(float(data.places.x[centre]), float(data.places.y[centre])),
        centre_place=centre, members=problem.circles.places[begin:end].astype(np.int64),
    )  # fmt: skip


def gumbel_p(largest: NDArray[np.float64], statistic: float) -> float | None:
    """p of ``statistic`` by the Gumbel law with the replicates' mean and variance.

    None with fewer than 50 replicates or when they do not vary.
    """
    if len(largest) < 50:
        return None
    spread = float(largest.std(ddof=1))
    if not spread > 0:
        return None
    scale = spread * math.sqrt(6) / math.pi
    place = float(largest.mean()) - EULER * scale
    return -math.expm1(-math.exp(min(-(statistic - place) / scale, 700.0)))


def _parameters(problem: layout.Problem, data: _Input, options: Options) -> dict[str, Any]:
    share = options.max_share
    if share is None and options.max_radius is None:
        share = DEFAULT_SHARE
    period = data.period
    return {
        "max_radius_m": options.max_radius,
        "max_share": share,
        "min_cases": problem.fewest,
        "max_days": period.longest if period else None,
        "first_day": period.first if period else None,
        "last_day": period.last if period else None,
        "prospective": period.prospective if period else None,
        "distance": "great-circle" if options.geographic else "planar",
        "earth_radius_m": layout.EARTH_RADIUS if options.geographic else None,
        "every_days": options.every_days,
        "stop_after": options.stop_after,
    }
