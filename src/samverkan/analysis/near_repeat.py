"""Near repeat: are events that are close in place also close in time?

Knox 1964, Applied Statistics 13:25 counts the pairs that are close in both.
The table of distance bands by time bands is how Johnson and Bowers 2004 and
Ratcliffe and Rengert 2008 use it. The places stay, the times are permuted.
The exact mean and variance under permutation are Barton and David 1966; the
p-values are Monte Carlo, and the corrected ones compare each cell with the
largest standardised count anywhere in the table (Westfall and Young 1993).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import _knox, _pairs, clean
from samverkan.analysis.blocks import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray

_LONG_WINDOW = 731
_FEW_PAIRS = 5.0


@dataclass(frozen=True)
class KnoxTable:
    """Pairs of events by distance band (rows) and time band (columns).

    ``expected`` is the exact mean and ``variance`` the exact variance under
    permutation of the times; ``z`` is their standardised difference. ``ratio``
    is observed over expected, NaN where nothing is expected. ``p_value`` is
    upper and for the cell alone, ``p_value_max`` is corrected over the table.
    """

    pairs: int
    events: int
    bands: tuple[float, ...]
    days: tuple[float, ...]
    band_labels: tuple[str, ...]
    day_labels: tuple[str, ...]
    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    ratio: NDArray[np.float64]
    z: NDArray[np.float64]
    p_value: NDArray[np.float64]
    p_value_max: NDArray[np.float64]
    replicates: int
    seed: Any
    parameters: dict[str, Any]
    warnings: tuple[str, ...] = field(default=())


def knox(
    x: ArrayLike,
    y: ArrayLike,
    t: ArrayLike,
    *,
    bands: Sequence[float],
    days: Sequence[float],
    closed: str = "left",
    same_place: bool = False,
    metric: str = "euclidean",
    replicates: int = 999,
    seed: int | np.random.SeedSequence | np.random.Generator = 0,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> KnoxTable:
    """The Knox test for one band or a whole table.

    Parameters
    ----------
    x, y : coordinates, shape (n,), in metres (any one planar unit).
    t : times, shape (n,): ``datetime64`` (taken as whole days) or numbers of days.
    bands, days : edges of distance (units of x) and of time difference (days),
        rising, from 0; the last may be infinite. Two edges give one band.
    closed : "left" for [a, b), "right" for (a, b] with the first as [a, b].
        Knox's own "at most 200 m and 14 days" is bands=(0, 200), days=(0, 14),
        closed="right".
    same_place : count pairs with exactly the same coordinates as a band of their own.
    metric : "euclidean" or "manhattan".
    replicates : permutations of the times; 0 gives no p (NaN).
    seed, executor, workers, progress : see ``blocks.run_blocks``. The result
        is the same for any number of workers and any executor.

    Returns
    -------
    KnoxTable. Fewer than two events give a table of zeros with p = 1.

    Raises
    ------
    BadInput : for NaN, infinities, lengths that differ, edges that do not rise.

    Notes
    -----
    p = (1 + number of permutations with at least the observed count) / (replicates + 1).
    The counts are whole numbers and ties count as reached.
    """
    rows = _pairs.bands(bands, "bands", closed=closed, same=same_place)
    columns = _pairs.bands(days, "days", closed=closed)
    code = _pairs.metric_code(metric)
    replicates = clean.whole(replicates, "replicates", least=0)
    xs, ys, ts = _pairs.events(x, y, t)
    n = len(xs)
    shape = (len(rows.labels), len(columns.labels))
    observed = np.zeros(shape, np.int64)
    mean, variance = np.zeros(shape), np.zeros(shape)
    if n > 1:
        plan = _knox.plan(xs, ys, ts, rows.cuts, columns.cuts, code)
        observed = plan.table(_knox.replicate_counts(plan.payload, None, 1))[0]
        mean, variance = plan.mean, plan.variance
    deviation = np.sqrt(variance)
    if replicates == 0:
        p = p_max = np.full(shape, np.nan)
    elif n < 2:
        p = p_max = np.ones(shape)
    else:
        counted = run_blocks(
            _knox.replicate_counts,
            plan.payload,
            replicates,
            seed=seed,
            block=plan.block,
            executor=executor,
            workers=workers,
            progress=progress,
        )
        permuted = plan.table(counted)
        p = (1 + (permuted >= observed).sum(axis=0)) / (replicates + 1)
        p_max = _corrected(permuted, observed, mean, deviation)
    return KnoxTable(
        pairs=n * (n - 1) // 2,
        events=n,
        bands=rows.edges,
        days=columns.edges,
        band_labels=rows.labels,
        day_labels=columns.labels,
        observed=observed,
        expected=mean,
        variance=variance,
        ratio=_divided(observed, mean),
        z=_divided(observed - mean, deviation),
        p_value=p,
        p_value_max=p_max,
        replicates=replicates,
        seed=seed if isinstance(seed, int) else None,
        parameters={
            "closed": closed,
            "same_place": same_place,
            "metric": metric,
            "null": "times permuted over places",
        },
        warnings=_warnings(xs, ys, ts, mean, variance, replicates),
    )


@dataclass(frozen=True)
class LocalKnox:
    """The events that take part in more close pairs than their neighbours in place and time let expect.

    Arrays have one value per event. ``links`` are the others close in both,
    ``near`` those close in place, ``soon`` those close in time. ``p_value`` is
    P(links at least as many) when the others' times are permuted: exact, not simulated.
    """

    links: NDArray[np.int64]
    near: NDArray[np.int64]
    soon: NDArray[np.int64]
    expected: NDArray[np.float64]
    p_value: NDArray[np.float64]
    total: int
    parameters: dict[str, Any]
    warnings: tuple[str, ...] = field(default=())


def local_knox(
    x: ArrayLike,
    y: ArrayLike,
    t: ArrayLike,
    *,
    distance: float,
    days: float,
    closed: str = "right",
    metric: str = "euclidean",
) -> LocalKnox:
    """Which events carry the near-repeat pattern.

    Parameters are those of ``knox`` for the one band from 0 to ``distance``
    and from 0 to ``days``; ``closed="right"`` includes both ends.

    Notes
    -----
    With its own time held and the other times permuted, the links of an event
    are hypergeometric: ``near`` drawn from the other n - 1 events, of which
    ``soon`` are close in time. The p-values are one-sided, one per event and
    not corrected for looking at every event.

    Raises
    ------
    BadInput : as ``knox``.
    """
    space = _pairs.bands((0.0, distance), "distance", closed=closed)
    time = _pairs.bands((0.0, days), "days", closed=closed)
    code = _pairs.metric_code(metric)
    xs, ys, ts = _pairs.events(x, y, t)
    n = len(xs)
    links, near, soon = np.zeros((3, n), np.int64)
    expected, p = np.zeros(n), np.ones(n)
    if n > 1:
        from samverkan.analysis import _kernels_pairs as kernels

        place = _pairs.layout(xs, ys, space.cuts[1])
        distinct, ranks = np.unique(ts[place.order], return_inverse=True)
        first, last = kernels.rank_intervals(distinct, time.cuts[1:])
        below = np.concatenate([[0], np.cumsum(np.bincount(ranks))])
        soon[place.order] = (below[last[0] + 1] - below[first[0]] - 1)[ranks]
        near[place.order] = _pairs.degrees(place, code, space.cuts)[1]
        slots = np.array([-1, 0, -1], np.int64)
        found = np.zeros(n, np.int64)
        begin = 0
        while begin < n:
            end, offsets, partners = _pairs.partners(place, code, space.cuts, slots, begin)
            kernels.count_links(begin, end, offsets, partners, ranks, first[0], last[0], found)
            begin = end
        links[place.order] = found
        expected = near * soon / (n - 1)
        p = kernels.hypergeometric_tail(np.full(n, n - 1), soon, near, links)
    return LocalKnox(
        links=links,
        near=near,
        soon=soon,
        expected=expected,
        p_value=p,
        total=int(links.sum()) // 2,
        parameters={"distance": distance, "days": days, "closed": closed, "metric": metric},
        warnings=() if n > 1 else ("Fewer than two events: there are no pairs.",),
    )


def _corrected(
    permuted: NDArray[np.int64],
    observed: NDArray[np.int64],
    mean: NDArray[np.float64],
    deviation: NDArray[np.float64],
) -> NDArray[np.float64]:
    """p of each cell against the largest standardised count of each permuted table."""
    varies = deviation > 0
    p = np.ones(observed.shape)
    if varies.any():
        scores = (permuted[:, varies] - mean[varies]) / deviation[varies]
        largest = scores.max(axis=1)
        score = (observed[varies] - mean[varies]) / deviation[varies]
        reached = largest[:, None] >= score - np.abs(score) * clean.SLACK
        p[varies] = (1 + reached.sum(axis=0)) / (len(permuted) + 1)
    return p


def _divided(above: NDArray[Any], below: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)


def _warnings(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    t: NDArray[np.float64],
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    replicates: int,
) -> tuple[str, ...]:
    if len(x) < 2:
        return ("Fewer than two events: there are no pairs.",)
    told = []
    if not variance.any():
        told.append(
            "Permuting the times changes nothing (all at one place, all on one day or too few "
            "events): the table cannot tell."
        )
    elif (mean < _FEW_PAIRS).any():
        told.append(
            f"{int((mean < _FEW_PAIRS).sum())} of {mean.size} cells expect fewer than "
            f"{_FEW_PAIRS:g} pairs; read their ratios with care."
        )
    if np.ptp(t) > _LONG_WINDOW:
        told.append(
            f"The events span {np.ptp(t):.0f} days; over more than two years, growth or decline of "
            "some areas alone looks like near repeat (Kulldorff and Hjalmars 1999)."
        )
    if 0 < replicates < 99:
        told.append(f"{replicates} replicates: no p can be below {1 / (replicates + 1):.3g}.")
    return tuple(told)
