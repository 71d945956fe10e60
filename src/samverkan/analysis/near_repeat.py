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

from samverkan.analysis import _pairs, clean
from samverkan.analysis.blocks import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray

#: Replicates in a block, a whole number of lanes. When the pairs are too many to
#: keep they are found again for every block, so the blocks are longer then.
BLOCK, LONG_BLOCK = 64, 256
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
    seed: int | np.random.SeedSequence | np.random.Generator = 1,
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
        plan = _plan(xs, ys, ts, rows.cuts, columns.cuts, code)
        observed = plan.table(_replicate_counts(plan.payload, None, 1))[0]
        mean, variance = plan.mean, plan.variance
    deviation = np.sqrt(variance)
    if replicates == 0:
        p = p_max = np.full(shape, np.nan)
    elif n < 2:
        p = p_max = np.ones(shape)
    else:
        counted = run_blocks(
            _replicate_counts, plan.payload, replicates, seed=seed, block=plan.block,
            executor=executor, workers=workers, progress=progress,
        )  # fmt: skip
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


@dataclass(frozen=True)
class _Payload:
    """What a block of replicates needs, wherever it is computed."""

    place: _pairs.Layout
    metric: int
    cuts: NDArray[np.float64]
    slots: NDArray[np.int64]
    listed: tuple[int, NDArray[np.int64], NDArray[np.int32]] | None
    ranks: NDArray[Any]
    first: NDArray[Any]
    width: NDArray[Any]


@dataclass(frozen=True)
class _Plan:
    """Which classes are counted pair by pair and how the table follows from them."""

    payload: _Payload
    block: int
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    counted: tuple[int, ...]
    derived: int | None
    space: tuple[int, ...]
    below: tuple[int, ...]
    live: tuple[int, ...]

    def table(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Counts [replicates, counted classes, live time cuts] → [replicates, bands, days]."""
        replicates = len(counts)
        cumulative = np.zeros((replicates, len(self.space), len(self.below)), np.int64)
        for k, pairs in enumerate(self.space):
            for c, all_below in enumerate(self.below):
                if c not in self.live:
                    cumulative[:, k, c] = pairs if all_below else 0
        for s, k in enumerate(self.counted):
            cumulative[:, k, list(self.live)] = counts[:, s, :]
        if self.derived is not None:
            others = cumulative[:, list(self.counted), :].sum(axis=1)
            cumulative[:, self.derived, :] = np.array(self.below) - others
        return np.diff(cumulative[:, 1:-1, :], axis=2)


def _plan(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    t: NDArray[np.float64],
    space_cuts: NDArray[np.float64],
    time_cuts: NDArray[np.float64],
    metric: int,
) -> _Plan:
    from samverkan.analysis import _kernels_pairs as kernels

    n = len(x)
    total = n * (n - 1) // 2
    bands = len(space_cuts) - 1
    finite = _pairs.frozen(space_cuts[np.isfinite(space_cuts)])
    place = _pairs.layout(x, y, finite[-1])
    degree = np.zeros((bands + 2, n), np.int32)
    degree[: len(finite)] = _pairs.degrees(place, metric, finite)[:-1]
    # All beyond the last finite cut is what is left, be it a band or outside the table.
    degree[len(finite)] = (n - 1) - degree[: len(finite)].sum(axis=0)
    space = _pairs.margin_of_degrees(degree)
    # One class may be had as what the others leave of the pairs at each time: the
    # largest is never listed when that spares more pairs than listing the rest costs.
    table = range(1, bands + 1)
    counted = [k for k in table if space.pairs[k]]
    derived = None
    largest = max(table, key=lambda k: space.pairs[k])
    if total - space.pairs[largest] < sum(space.pairs[k] for k in table):
        derived = largest
        counted = [k for k in range(bands + 2) if k != largest and space.pairs[k]]
    if len(finite) in counted:
        place = _pairs.layout(x, y, np.inf)
    elif counted and counted[-1] + 1 < len(finite):
        place = _pairs.layout(x, y, finite[counted[-1]])

    distinct, ranks = np.unique(t[place.order], return_inverse=True)
    first, last = kernels.rank_intervals(distinct, time_cuts)
    before = np.concatenate([[0], np.cumsum(np.bincount(ranks))])
    within = np.where(last >= first, before[last + 1] - before[first] - 1, 0)[:, ranks]
    time = _pairs.margin_of_degrees(np.diff(within, axis=0))
    below = tuple(int(row.sum()) // 2 for row in within)
    mean, variance = _pairs.moments(n, _pairs.Margin(space.pairs[1 : bands + 1], space.shared[1 : bands + 1]), time)
    live = tuple(c for c, pairs in enumerate(below) if 0 < pairs < total)

    kind = np.uint16 if len(distinct) <= 1 << 16 else np.uint32
    slots = np.full(bands + 2, -1, np.int64)
    slots[counted] = np.arange(len(counted))
    listed = None
    if sum(space.pairs[k] for k in counted) <= _pairs.MOST_LISTED:
        listed = _pairs.partners(place, metric, space_cuts, slots, 0)
    payload = _Payload(
        place, metric, space_cuts, slots, listed, ranks.astype(kind),
        first[list(live)].astype(kind), (last - first)[list(live)].astype(kind),
    )  # fmt: skip
    return _Plan(
        payload, BLOCK if listed is not None else LONG_BLOCK, mean, variance,
        tuple(counted), derived, space.pairs, below, live,
    )  # fmt: skip


def _replicate_counts(payload: _Payload, stream: np.random.SeedSequence | None, replicates: int) -> NDArray[np.int64]:
    """Counts [replicates, counted classes, live cuts]; without a stream, of the times as they are."""
    from samverkan.analysis import _kernels_pairs as kernels
    from samverkan.analysis._kernels_random import shuffled_columns

    frozen = _pairs.frozen
    n = len(payload.place.x)
    slots = int(payload.slots.max()) + 1
    cuts = len(payload.first)
    out = np.zeros((-(-replicates // kernels.LANES), kernels.LANES, slots, cuts), np.int64)
    if slots == 0 or cuts == 0:
        return np.zeros((replicates, slots, cuts), np.int64)
    lanes = _aligned((len(out), n, kernels.LANES), payload.ranks.dtype)
    if stream is None:
        lanes[:] = payload.ranks[None, :, None]
    else:
        state = stream.generate_state(4, np.uint64)
        for group in range(len(out)):
            filled = min(kernels.LANES, replicates - group * kernels.LANES)
            shuffled_columns(frozen(payload.ranks), state, lanes[group], filled)
            lanes[group, :, filled:] = 0
    begin = 0
    while begin < n:
        if payload.listed is not None:
            end, offsets, partners = payload.listed
        else:
            end, offsets, partners = _pairs.partners(payload.place, payload.metric, payload.cuts, payload.slots, begin)
        for group in range(len(out)):
            kernels.count_lanes(
                begin, end, frozen(offsets), frozen(partners), lanes[group],
                frozen(payload.first), frozen(payload.width), out[group],
            )  # fmt: skip
        begin = end
    return out.reshape(-1, slots, cuts)[:replicates]


def _aligned(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array that begins on a cache line, so that a row of lanes is one line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)


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
