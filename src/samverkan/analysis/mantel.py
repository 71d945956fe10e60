"""Mantel's test with the reciprocal transform: do closeness in place and in time go together?

Mantel 1967, Cancer Research 27:209. Every pair counts, by 1 / (distance + constant)
in place times 1 / (days + constant) in time. Untransformed distances are not
offered: the far pairs, which say nothing about contagion, would drown the near.
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

#: Outside these, products of two constants or distances could leave the doubles.
_SMALLEST, _LARGEST = 1e-50, 1e50
# A block is one group of lanes: already that is much work.
_BLOCK = 32


@dataclass(frozen=True)
class Mantel:
    """Mantel's sum over pairs and the correlation it stands for.

    ``expected`` and ``variance`` are exact under permutation of the times;
    ``z`` is the standardised statistic, NaN when permuting changes nothing.
    ``correlation`` is Pearson's over the pairs. ``p_value`` is upper, Monte Carlo.
    """

    statistic: float
    correlation: float
    expected: float
    variance: float
    z: float
    p_value: float
    pairs: int
    replicates: int
    seed: Any
    parameters: dict[str, Any]
    warnings: tuple[str, ...] = field(default=())


def mantel(
    x: ArrayLike,
    y: ArrayLike,
    t: ArrayLike,
    *,
    space_constant: float = 1.0,
    time_constant: float = 1.0,
    metric: str = "euclidean",
    replicates: int = 999,
    seed: int | np.random.SeedSequence | np.random.Generator = 0,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Mantel:
    """Mantel's test of space-time interaction with reciprocal distances.

    Parameters
    ----------
    x, y : coordinates, shape (n,), in metres (any one planar unit).
    t : times, shape (n,): ``datetime64`` (taken as whole days) or numbers of days.
    space_constant, time_constant : added to every distance (metres) and time
        difference (days) before the reciprocal, above zero. They say what counts
        as near: with 100 m, 50 and 100 m are much alike; with 1 m they are not.
    metric : "euclidean" or "manhattan".
    replicates : permutations of the times; 0 gives no p (NaN).
    seed, executor, workers, progress : see ``blocks.run_blocks``.

    Returns
    -------
    Mantel. Fewer than three events cannot tell: p = 1.

    Raises
    ------
    BadInput : for NaN, infinities, lengths that differ, constants not above zero.
    """
    space, time = (
        _constant(space_constant, "space_constant"),
        _constant(time_constant, "time_constant"),
    )
    code = _pairs.metric_code(metric)
    replicates = clean.whole(replicates, "replicates", least=0)
    xs, ys, ts = _pairs.events(x, y, t)
    n = len(xs)
    for name, values in (("x", xs), ("y", ys), ("date", ts)):
        if n and float(np.ptp(values)) > _LARGEST:
            raise BadInput(f"{name}: the values span more than {_LARGEST:g}; give metres and days.")
    statistic = expected = variance = 0.0
    correlation = z = math.nan
    p = math.nan if replicates == 0 else 1.0
    warnings: list[str] = []
    if n > 1:
        # In order of place, so that rounding does not hang on the order of the rows.
        order = np.lexsort((ts, ys, xs))
        payload = (xs[order], ys[order], ts[order], code, space, time)
        statistic = float(_replicate_sums(payload, None, 1)[0])
        expected, variance, spread = _moments(payload)
    if variance > 0:
        z = (statistic - expected) / math.sqrt(variance)
        correlation = (statistic - expected) / spread
        if replicates:
            permuted = run_blocks(
                _replicate_sums,
                payload,
                replicates,
                seed=seed,
                block=_BLOCK,
                executor=executor,
                workers=workers,
                progress=progress,
            )
            p = p_value(permuted, statistic)
    else:
        warnings.append("Permuting the times changes nothing (too few events, all at one place or all on one day).")
    return Mantel(
        statistic=statistic,
        correlation=correlation,
        expected=expected,
        variance=variance,
        z=z,
        p_value=p,
        pairs=n * (n - 1) // 2,
        replicates=replicates,
        seed=seed if isinstance(seed, int) else None,
        parameters={
            "transform": "1 / (distance + constant)",
            "space_constant": space,
            "time_constant": time,
            "metric": metric,
        },
        warnings=tuple(warnings),
    )


def _constant(value: float, name: str) -> float:
    number = clean.positive(value, name)
    if not _SMALLEST <= number <= _LARGEST:
        raise BadInput(f"{name} is {value}; give a length of the same order as what counts as near.")
    return number


def _moments(payload: tuple[Any, ...]) -> tuple[float, float, float]:
    """Exact mean and variance under permutation, and the scale of the correlation.

    Mantel 1967 by sums of rows, with both closenesses centred first so that the
    variance is not a small difference of large numbers.
    """
    from samverkan.analysis._kernels_mantel import closeness_sums

    x, y, t, metric, space, time = payload
    n = len(x)
    pairs = n * (n - 1) / 2
    centred = []
    for xs, ys, constant in ((x, y, space), (t, np.zeros(n), time)):
        total, square = closeness_sums(_pairs.frozen(xs), _pairs.frozen(ys), metric, constant)
        mean = math.fsum(total) / (2 * pairs)
        rows = total - mean * (n - 1)
        squares = math.fsum(square - 2 * mean * total + mean * mean * (n - 1)) / 2
        # What rounding leaves of equal values is no spread.
        if squares <= 1e-13 * math.fsum(square):
            squares, rows = 0.0, np.zeros(n)
        centred.append((mean, squares, math.fsum(rows * rows) - 2 * squares))
    (mean_a, squares_a, shared_a), (mean_b, squares_b, shared_b) = centred
    variance = squares_a * squares_b / pairs
    if n > 2:
        variance += shared_a * shared_b / (n * (n - 1) * (n - 2))
    if n > 3:
        apart = (squares_a + shared_a) * (squares_b + shared_b)
        variance += 4 * apart / (n * (n - 1) * (n - 2) * (n - 3))
    if n < 3 or variance <= 1e-12 * squares_a * squares_b / pairs:
        variance = 0.0
    return pairs * mean_a * mean_b, variance, math.sqrt(squares_a * squares_b)


def _replicate_sums(
    payload: tuple[Any, ...], stream: np.random.SeedSequence | None, replicates: int
) -> NDArray[np.float64]:
    """Mantel's sum for ``replicates`` orders of the times; without a stream, as they are."""
    from samverkan.analysis._kernels_mantel import cross_products
    from samverkan.analysis._kernels_pairs import LANES
    from samverkan.analysis._kernels_random import shuffled_columns

    x, y, t, metric, space, time = payload
    out = np.empty(-(-replicates // LANES) * LANES)
    state = None if stream is None else stream.generate_state(4, np.uint64)
    for begin in range(0, len(out), LANES):
        lanes = np.repeat(t[:, None], LANES, axis=1)
        if state is not None:
            shuffled_columns(_pairs.frozen(t), state, lanes, min(LANES, replicates - begin))
        out[begin : begin + LANES] = cross_products(_pairs.frozen(x), _pairs.frozen(y), metric, space, lanes, time)
    return out[:replicates]
