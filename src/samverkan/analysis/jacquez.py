"""Jacquez' test: are an event's nearest neighbours in place also its nearest in time?

Jacquez 1996, Statistics in Medicine 15:1935. It needs no critical distance, only
how many neighbours to look at, so it keeps its power where people live far apart
in one part and close in another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import _pairs, clean
from samverkan.analysis.blocks import p_value, run_blocks
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Jacquez:
    """How many of the k nearest in place are among the k nearest in time, over all events.

    ``expected`` is the exact mean under permutation, n k² / (n - 1).
    ``p_value`` is upper, Monte Carlo.
    """

    statistic: float
    expected: float
    p_value: float
    neighbours: int
    events: int
    replicates: int
    seed: Any
    parameters: dict[str, Any]
    warnings: tuple[str, ...] = field(default=())


def jacquez(
    x: ArrayLike,
    y: ArrayLike,
    t: ArrayLike,
    *,
    k: int,
    metric: str = "euclidean",
    replicates: int = 999,
    seed: int | np.random.SeedSequence | np.random.Generator = 0,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Jacquez:
    """Jacquez' k nearest neighbour test of space-time interaction.

    Parameters
    ----------
    x, y : coordinates, shape (n,), in metres (any one planar unit).
    t : times, shape (n,): ``datetime64`` (taken as whole days) or numbers of days.
    k : neighbours looked at, at least 1.
    metric : "euclidean" or "manhattan".
    replicates : permutations of the times; 0 gives no p (NaN).
    seed, executor, workers, progress : see ``blocks.run_blocks``.

    Returns
    -------
    Jacquez. With k or fewer events nothing can be told: statistic 0, p = 1.

    Raises
    ------
    BadInput : for NaN, infinities, lengths that differ, k below 1, or so many events
        at the same distance that their links do not fit in memory.

    Notes
    -----
    Events at the same distance share the last places among them: with k = 3, one
    event nearer and four at the next distance, each of the four counts one half.
    So the answer does not hang on the order of the rows.
    """
    k = clean.whole(k, "k", least=1)
    code = _pairs.metric_code(metric)
    replicates = clean.whole(replicates, "replicates", least=0)
    xs, ys, ts = _pairs.events(x, y, t)
    n = len(xs)
    statistic = expected = 0.0
    p = math.nan if replicates == 0 else 1.0
    warnings: tuple[str, ...] = (f"{n} events are too few for {k} neighbours each.",)
    if n > k:
        payload = _payload(xs, ys, ts, code, k)
        statistic = float(_replicate_sums(payload, None, 1)[0])
        expected = n * k * k / (n - 1)
        warnings = ()
        if replicates:
            permuted = run_blocks(
                _replicate_sums,
                payload,
                replicates,
                seed=seed,
                executor=executor,
                workers=workers,
                progress=progress,
            )
            p = p_value(permuted, statistic)
    return Jacquez(
        statistic=statistic,
        expected=expected,
        p_value=p,
        neighbours=k,
        events=n,
        replicates=replicates,
        seed=seed if isinstance(seed, int) else None,
        parameters={"k": k, "metric": metric, "ties": "shared"},
        warnings=warnings,
    )


def _payload(
    x: NDArray[np.float64], y: NDArray[np.float64], t: NDArray[np.float64], metric: int, k: int
) -> tuple[NDArray[Any], ...]:
    from samverkan.analysis import _kernels_jacquez as kernels

    frozen = _pairs.frozen
    order = np.lexsort((t, y, x))
    offsets, neighbours, weights = kernels.nearest_in_space(
        frozen(x[order]), frozen(y[order]), metric, k, _pairs.MOST_LISTED
    )
    if offsets[-1] < 0:
        raise BadInput(
            f"So many events share a place that their {k} nearest neighbours are over "
            f"{_pairs.MOST_LISTED}; use knox, which counts the same place as a band of its own."
        )
    distinct, ranks, counts = np.unique(t[order], return_inverse=True, return_counts=True)
    return (
        offsets,
        neighbours,
        weights,
        ranks.astype(np.int64),
        *kernels.nearest_in_time(distinct, counts, k),
    )


def _replicate_sums(
    payload: tuple[NDArray[Any], ...], stream: np.random.SeedSequence | None, replicates: int
) -> NDArray[np.float64]:
    """The statistic for ``replicates`` orders of the times; without a stream, as they are."""
    from samverkan.analysis import _kernels_jacquez as kernels

    arrays = [_pairs.frozen(array) for array in payload]
    if stream is None:
        return np.full(replicates, kernels.shared_neighbours(*arrays))
    permuted: Any = kernels.permuted_neighbours
    return permuted(*arrays, stream.generate_state(4, np.uint64), replicates)
