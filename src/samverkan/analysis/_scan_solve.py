"""From a scan problem to its answer: clusters without overlap, replicates, p and recurrence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import _scan_circles as rings
from samverkan.analysis import _scan_problem as layout
from samverkan.analysis import blocks, clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

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
class Input:
    places: rings.Places
    place: NDArray[np.int64]
    day: NDArray[np.int64]
    count: NDArray[np.int64]
    period: Period | None
    warnings: list[str] = field(default_factory=list)


def share_of(options: Options) -> float | None:
    """The largest share of a circle: half of all when there is no limit of any kind."""
    if options.max_share is None and options.max_radius is None:
        return DEFAULT_SHARE
    return options.max_share


def solve(model: str, problem: layout.Problem, data: Input, options: Options) -> ScanResult:
    warnings = list(data.warnings)
    asked = clean.whole(options.replicates, "replicates", least=0)
    if problem.n_places == 1 and problem.cases:
        warnings.append("All cases are at one place: there is nothing to compare it with, and no cluster can be told.")
    elif not problem.windows:
        warnings.append("There are too few cases for any cluster to be told.")
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
            payload,
            asked,
            seed=options.seed,
            executor=options.executor,
            workers=options.workers,
            stop=rule,
            progress=options.progress,
        )
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
        model=model,
        cases=problem.cases,
        locations=problem.n_places,
        replicates=len(largest),
        seed=seed,
        clusters=clusters,
        windows=problem.windows,
        place_row=data.places.first,
        largest=largest,
        parameters=_parameters(problem, data, options),
        warnings=tuple(warnings),
    )


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
    closed = np.zeros(problem.n_places, np.bool_)
    offsets, near = problem.circles.offsets, problem.circles.places
    if problem.cases == 0:
        return []
    scanner = layout.Scanner(problem)
    best = scanner.best_of(np.arange(problem.n_places), closed)
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
            best[stale] = scanner.best_of(stale, closed)
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
    data: Input,
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
        rank=rank,
        statistic=statistic,
        p_value=p,
        p_gumbel=gumbel_p(largest, statistic),
        recurrence_interval_days=every / p if every is not None and p is not None else None,
        observed=int(count),
        expected=expected,
        start=data.period.first + int(first) if data.period else None,
        end=data.period.first + int(last) if data.period else None,
        radius_m=float(problem.circles.distances[end - 1]),
        centre=(float(data.places.x[centre]), float(data.places.y[centre])),
        centre_place=centre,
        members=problem.circles.places[begin:end].astype(np.int64),
    )


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


def _parameters(problem: layout.Problem, data: Input, options: Options) -> dict[str, Any]:
    period = data.period
    return {
        "max_radius_m": options.max_radius,
        "max_share": share_of(options),
        "min_cases": problem.fewest,
        "max_days": period.longest if period else None,
        "first_day": period.first if period else None,
        "last_day": period.last if period else None,
        "prospective": period.prospective if period else None,
        "distance": "great-circle" if options.geographic else "planar",
        "earth_radius_m": rings.EARTH_RADIUS if options.geographic else None,
        "every_days": options.every_days,
        "stop_after": options.stop_after,
    }
