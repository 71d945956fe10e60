"""Random replicates in fixed blocks, the same whoever computes them.

The replicates are cut into blocks whose size never depends on the number of
workers. Each block has a stream of its own, spawned from the seed, and the
results are put together in the order of the blocks. One worker, eight
threads, a pool of processes or a dask cluster therefore give the same
numbers to the last digit. Sequential stopping looks only at the ordered
prefix of finished blocks, never at whichever came home first.

Reference for sequential stopping: Besag and Clifford 1991, Biometrika 78:301.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis.clean import SLACK, whole
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

#: Replicates in a block when the caller does not say.
BLOCK = 64


def run_blocks(
    kernel: Callable[[Any, np.random.SeedSequence, int], NDArray[Any]],
    payload: Any,
    replicates: int,
    *,
    seed: int | np.random.SeedSequence | np.random.Generator,
    block: int = BLOCK,
    executor: Executor | None = None,
    workers: int = 1,
    stop: Callable[[NDArray[Any]], bool] | None = None,
    progress: Callable[[int], None] | None = None,
) -> NDArray[Any]:
    """Run ``kernel`` for every block and join the results along the first axis.

    Parameters
    ----------
    kernel
        Top-level function ``kernel(payload, seed_sequence, n) -> array`` whose
        first axis has length ``n``. It must not keep state between calls.
    payload
        What every block needs; picklable when processes or a cluster are used.
        A dask client gets it once per worker.
    replicates
        Number of replicates, at least 0.
    seed
        An integer, a ``SeedSequence`` or a ``Generator`` (which is advanced).
    block
        Replicates in a block. A different size gives different random numbers.
    executor
        Any ``concurrent.futures.Executor``, also ``Client.get_executor()`` of
        dask.distributed. It is not shut down.
    workers
        Threads to use when no executor is given (the kernels release the GIL),
        and blocks kept in flight beyond what is asked for when one is.
    stop
        Called with the joined results of the finished prefix after each block;
        when it returns true the prefix is returned.
    progress
        Called with the number of replicates of each block joined.

    Returns
    -------
    The joined array, of length ``replicates`` or, after a stop, a whole number
    of blocks.
    """
    replicates = whole(replicates, "replicates", least=0)
    block = whole(block, "block", least=1)
    workers = whole(workers, "workers", least=1)
    if replicates == 0:
        return np.zeros(0)
    sizes = [min(block, replicates - first) for first in range(0, replicates, block)]
    streams = sequence(seed).spawn(len(sizes))
    jobs = list(zip(streams, sizes, strict=True))
    if executor is None and workers == 1:
        results: Generator[NDArray[Any]] = (kernel(payload, *job) for job in jobs)
        return _collect(results, stop, progress)
    if executor is None:
        with ThreadPoolExecutor(min(workers, len(jobs))) as threads:
            return _collect(_ordered(threads, kernel, payload, jobs, 2 * workers), stop, progress)
    # A cluster is fed everything when there is no stopping rule; with one, a
    # window of blocks in flight keeps the waste small.
    flight = len(jobs) if stop is None else max(2 * workers, 16)
    return _collect(_ordered(executor, kernel, payload, jobs, flight), stop, progress)


def sequence(seed: int | np.random.SeedSequence | np.random.Generator) -> np.random.SeedSequence:
    """The seed as a fresh ``SeedSequence`` that has spawned nothing.

    Raises BadInput for a negative or broken seed.
    """
    if isinstance(seed, np.random.Generator):
        return np.random.SeedSequence([int(part) for part in seed.integers(0, 2**32, 4)])
    if isinstance(seed, np.random.SeedSequence):
        # Without this a second call with the same object would spawn other streams.
        return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key, pool_size=seed.pool_size)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise BadInput(f"seed is {seed!r}; give a whole number from 0.")
    return np.random.SeedSequence(int(seed))


def at_least(replicated: NDArray[Any], observed: float) -> int:
    """How many replicates reach the observed statistic, ties (relative 1e-9) included."""
    return int(np.count_nonzero(replicated >= observed - abs(observed) * SLACK))


def p_value(replicated: NDArray[Any], observed: float) -> float:
    """Monte Carlo p, ``(1 + #{T* >= T}) / (B + 1)``, ties included."""
    return (1 + at_least(replicated, observed)) / (len(replicated) + 1)


class StopAfter:
    """Stop when ``hits`` replicates have reached ``observed`` (Besag and Clifford).

    ``cut`` gives the replicates up to and including the one that made it, which
    keeps the test exact: the p of a stopped run does not depend on the block.
    """

    def __init__(self, observed: float, hits: int) -> None:
        self.observed = observed
        self.hits = whole(hits, "hits", least=1)

    def __call__(self, prefix: NDArray[Any]) -> bool:
        return at_least(prefix, self.observed) >= self.hits

    def cut(self, replicated: NDArray[Any]) -> NDArray[Any]:
        reached = np.cumsum(replicated >= self.observed - abs(self.observed) * SLACK)
        end = int(np.searchsorted(reached, self.hits)) + 1
        return replicated[:end]


def _collect(
    results: Generator[NDArray[Any]],
    stop: Callable[[NDArray[Any]], bool] | None,
    progress: Callable[[int], None] | None,
) -> NDArray[Any]:
    parts: list[NDArray[Any]] = []
    for part in results:
        parts.append(part)
        if progress is not None:
            progress(len(part))
        if stop is not None:
            prefix = np.concatenate(parts)
            if stop(prefix):
                results.close()
                return prefix
    return np.concatenate(parts)


def _ordered(
    executor: Executor,
    kernel: Callable[..., NDArray[Any]],
    payload: Any,
    jobs: list[tuple[np.random.SeedSequence, int]],
    flight: int,
) -> Generator[NDArray[Any]]:
    """The results in the order of the blocks, at most ``flight`` blocks under way."""
    shared = _scattered(executor, payload)
    waiting: deque[Any] = deque()
    position = 0
    try:
        while position < len(jobs) or waiting:
            while position < len(jobs) and len(waiting) < flight:
                waiting.append(executor.submit(kernel, shared, *jobs[position]))
                position += 1
            yield waiting.popleft().result()
    finally:
        # Also on Ctrl-C and on a stop: nothing is left queued behind us.
        for future in waiting:
            future.cancel()


def _scattered(executor: Executor, payload: Any) -> Any:
    """With a dask executor, the payload sent once to every worker instead of with each block."""
    client = getattr(executor, "_client", None)
    if client is None or not hasattr(client, "scatter"):
        return payload
    # A list keeps scatter from taking a tuple or dict payload apart.
    return client.scatter([payload], broadcast=True, hash=False)[0]
