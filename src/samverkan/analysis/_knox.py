"""How a Knox table is counted: which pairs are gone through, and what follows from the rest.

Only what has to be counted pair by pair is: a class of distance that holds most
pairs, and a time cut that no permutation can change, follow from the margins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import _pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Replicates in a block, a whole number of lanes. When the pairs are too many to
#: keep they are found again for every block, so the blocks are longer then.
BLOCK, LONG_BLOCK = 64, 256


@dataclass(frozen=True)
class Payload:
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
class Plan:
    """Which classes are counted pair by pair and how the table follows from them."""

    payload: Payload
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


def plan(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    t: NDArray[np.float64],
    space_cuts: NDArray[np.float64],
    time_cuts: NDArray[np.float64],
    metric: int,
) -> Plan:
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
    payload = Payload(
        place,
        metric,
        space_cuts,
        slots,
        listed,
        ranks.astype(kind),
        first[list(live)].astype(kind),
        (last - first)[list(live)].astype(kind),
    )
    return Plan(
        payload,
        BLOCK if listed is not None else LONG_BLOCK,
        mean,
        variance,
        tuple(counted),
        derived,
        space.pairs,
        below,
        live,
    )


def replicate_counts(payload: Payload, stream: np.random.SeedSequence | None, replicates: int) -> NDArray[np.int64]:
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
    lanes = aligned((len(out), n, kernels.LANES), payload.ranks.dtype)
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
                begin,
                end,
                frozen(offsets),
                frozen(partners),
                lanes[group],
                frozen(payload.first),
                frozen(payload.width),
                out[group],
            )
        begin = end
    return out.reshape(-1, slots, cuts)[:replicates]


def aligned(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array that begins on a cache line, so that a row of lanes is one line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype).reshape(shape)
