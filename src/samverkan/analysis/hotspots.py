"""Where does it gather: local Getis-Ord statistics Gi and Gi*.

Each cell's sum over its neighbourhood is compared with what the same numbers
would give if they lay anywhere. Gi* counts the cell itself in its
neighbourhood, Gi does not.

References: Getis and Ord 1992, Geographical Analysis 24:189; Ord and Getis
1995, Geographical Analysis 27:286 (standardised form); false discovery rate
over a map by Caldas de Castro and Singer 2006, Geographical Analysis 38:180.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.blocks import run_blocks
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import ArrayLike, NDArray

    from samverkan.analysis.grids import Neighbours

#: Replicates in a block; fixed, since another size gives other random numbers.
BLOCK = 1000
#: Never fewer replicates than this when the number is left to the method.
FEWEST = 999
_MOST = 999_999
# Drawn numbers kept in memory at once when the number of replicates is left to the method.
_MOST_DRAWN = 20_000_000


@dataclass(frozen=True)
class HotSpots:
    """Gi or Gi* of every cell.

    Attributes
    ----------
    statistic : "Gi*" or "Gi".
    value : (n,) the values given.
    local : (n,) the sum over the neighbourhood, or its weighted mean when
        row-standardised; NaN for Gi without neighbours.
    neighbours : (n,) number of neighbours, the cell itself not counted.
    z : (n,) standard score, variance with divisor n; NaN where undefined (no
        neighbours with Gi, all cells neighbours, all values equal).
    p_value : (n,) two-sided, from z and the normal distribution; NaN as z.
    p_permutation : (n,) two-sided, or None without replicates; NaN for Gi
        without neighbours.
    significant_fdr : (n,) bool, at the false discovery rate ``alpha``.
    threshold : the largest p that is significant, 0 when none is.
    tested : number of cells with a p.
    parameters, replicates, seed, warnings : what was asked, and what to know.
    """

    statistic: str
    value: NDArray[np.float64]
    local: NDArray[np.float64]
    neighbours: NDArray[np.int64]
    z: NDArray[np.float64]
    p_value: NDArray[np.float64]
    p_permutation: NDArray[np.float64] | None
    significant_fdr: NDArray[np.bool_]
    threshold: float
    tested: int
    parameters: dict[str, Any]
    replicates: int
    seed: int | None
    warnings: tuple[str, ...]


def hotspots(
    values: ArrayLike,
    neighbours: Neighbours,
    *,
    star: bool = True,
    row_standardise: bool = False,
    replicates: int | None = None,
    null: Literal["conditional", "total"] = "conditional",
    alpha: float = 0.05,
    seed: int | None = 0,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> HotSpots:
    """Hot and cold spots by Gi* (``star``) or Gi.

    Parameters
    ----------
    values : (n,) counts, rates or any finite numbers, one per cell.
    neighbours : who is whose neighbour, from ``samverkan.analysis.grids``.
        For Gi* a cell weighs for itself what the list of pairs says, else the
        largest weight among its neighbours (1 when all weigh 1, or when alone).
    row_standardise : divide each cell's weights by their sum. This turns the
        local sum into a local mean; z and p stay the same, since both are
        free of scale.
    replicates : random relocations behind ``p_permutation``; 0 for none. None
        takes as many as the false discovery rate needs for this number of
        cells (at least 999, at most 999,999), which is cheap here.
    null : "conditional" keeps the cell's own value and draws its neighbours'
        values without replacement from all other cells; "total" (Gi* only)
        draws also the cell's own value. The draws are shared by all cells.
    alpha : the false discovery rate accepted.
    seed, executor, workers, progress : see ``samverkan.analysis.blocks``.

    Returns
    -------
    HotSpots. The permutation p is min(1, 2 (1 + min(#>=, #<=)) / (B + 1)), ties
    counted on both sides with a relative slack of 1e-9. The false discovery
    rate is judged on it, or without replicates on the analytic p.

    Raises
    ------
    BadInput for values that are not finite, another number of values than of
    cells, alpha outside 0..1, and the total null with Gi.
    """
    x = clean.floats(values, "value")
    n = len(x)
    _check(n, neighbours, star, null, alpha)
    own = _own_weights(neighbours, star)
    others, total, squares = _sums(x, neighbours, own)
    z, p_value = _scores(x, others, total, squares, own)
    notes = _notes(x, neighbours, z, star)
    alone = neighbours.cardinalities == 0
    count = _replicates(replicates, n, neighbours, alpha)
    p_permutation = None
    if count and n:
        p_permutation = _permutation(
            x,
            neighbours,
            others,
            own,
            null == "total",
            count,
            seed=seed,
            executor=executor,
            workers=workers,
            progress=progress,
        )
        if not star:
            p_permutation[alone] = np.nan
    judged = p_value if p_permutation is None else p_permutation
    significant, threshold, tested = false_discovery_rate(judged, alpha)
    if p_permutation is not None and tested and 2 / (count + 1) > alpha / tested:
        notes.append(
            f"The smallest p that {count:,} replicates can give, {2 / (count + 1):.2g}, is above "
            f"the first threshold of the false discovery rate, {alpha / tested:.2g}: single hot "
            f"spots may be missed. Use {enough_replicates(tested, alpha):,} replicates."
        )
    local = others if not star else others + own * x
    if row_standardise:
        local = np.divide(local, total, out=np.full(n, np.nan), where=total > 0)
    if not star:
        local = np.where(alone, np.nan, local)
    return HotSpots(
        statistic="Gi*" if star else "Gi",
        value=x,
        local=local,
        neighbours=neighbours.cardinalities,
        z=z,
        p_value=p_value,
        p_permutation=p_permutation,
        significant_fdr=significant,
        threshold=threshold,
        tested=tested,
        parameters={
            "star": star,
            "row_standardise": row_standardise,
            "weights": "binary" if neighbours.weights is None else "given",
            "null": null,
            "alpha": alpha,
        },
        replicates=count,
        seed=seed if count else None,
        warnings=tuple(notes),
    )


def false_discovery_rate(p: ArrayLike, alpha: float = 0.05) -> tuple[NDArray[np.bool_], float, int]:
    """Which p are significant when ``alpha`` of the findings may be false.

    The p are put in order; the largest p(i) at most i alpha / m, m the number
    of p that are not NaN, is the threshold (Benjamini and Hochberg's rule,
    for maps Caldas de Castro and Singer 2006).

    Returns
    -------
    (significant (n,) bool, threshold or 0, m).
    """
    array = np.asarray(p, dtype=np.float64)
    known = array[~np.isnan(array)]
    m = len(known)
    # Only p up to alpha can count, which spares sorting the rest.
    small = np.sort(known[known <= alpha])
    passed = np.flatnonzero(small <= alpha * np.arange(1, len(small) + 1) / max(m, 1))
    threshold = float(small[passed[-1]]) if passed.size else 0.0
    significant = array <= threshold if passed.size else np.zeros(len(array), dtype=bool)
    return significant, threshold, m


def enough_replicates(cells: int, alpha: float = 0.05) -> int:
    """The replicates with which a single cell among ``cells`` can be significant."""
    return math.ceil(2 * cells / alpha) - 1 if cells else 0


def draw_block(payload: tuple[int, int], stream: np.random.SeedSequence, n: int) -> NDArray[np.int32]:
    """One block of replicates: (n, m) cell numbers, each row without replacement."""
    from samverkan.analysis import _kernels_hotspots as kernels

    cells, m = payload
    return np.asarray(kernels.draw(stream.generate_state(4, np.uint64), cells, m, n))


def _check(n: int, neighbours: Neighbours, star: bool, null: str, alpha: float) -> None:
    if len(neighbours) != n:
        raise BadInput(f"There are {n} values but {len(neighbours)} cells in the neighbours; give one value per cell.")
    if null not in ("conditional", "total"):
        raise BadInput(f"null is {null!r}; it is conditional or total.")
    if null == "total" and not star:
        raise BadInput("The total null draws the cell's own value, which only Gi* counts; use Gi*.")
    if not 0 < alpha < 1:
        raise BadInput(f"alpha is {alpha}; it must lie between 0 and 1.")


def _own_weights(neighbours: Neighbours, star: bool) -> NDArray[np.float64]:
    """What each cell weighs for itself; empty for Gi."""
    if not star:
        return np.zeros(0)
    own = np.ones(len(neighbours))
    if neighbours.weights is not None:
        some = np.flatnonzero(neighbours.cardinalities)
        if some.size:
            own[some] = np.maximum.reduceat(neighbours.weights, neighbours.indptr[some])
    if neighbours.own is not None:
        own = np.where(neighbours.own > 0, neighbours.own, own)
    return own


def _sums(
    x: NDArray[np.float64], neighbours: Neighbours, own: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    from samverkan.analysis import _kernels_hotspots as kernels

    weights = np.zeros(0) if neighbours.weights is None else neighbours.weights
    others, total, squares = kernels.local_sums(neighbours.indptr, neighbours.indices, weights, own, x)
    return others, total, squares


def _scores(
    x: NDArray[np.float64],
    others: NDArray[np.float64],
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
    own: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from samverkan.analysis import _kernels_hotspots as kernels

    mean = float(x.mean()) if len(x) else 0.0
    deviation = x - mean
    squared = float(deviation @ deviation)
    z, p = kernels.scores(others, total, squares, own, x, mean, squared)
    return z, p


def _notes(x: NDArray[np.float64], neighbours: Neighbours, z: NDArray[np.float64], star: bool) -> list[str]:
    notes = []
    n = len(x)
    if n and x.min() == x.max():
        notes.append("All values are equal: no place can stand out.")
    elif n and np.isnan(z).all():
        notes.append("No cell could be scored: too few cells, or none has neighbours.")
    islands = int(np.count_nonzero(neighbours.cardinalities == 0))
    if islands:
        notes.append(
            f"{islands} of {n} cells have no neighbours: "
            + ("their neighbourhood is themselves alone." if star else "they are left without a score.")
        )
    zeros = int(np.count_nonzero(x == 0))
    if n and 2 * zeros > n and zeros < n:
        notes.append(f"{zeros} of {n} values are 0: z is then far from normal; trust the permutation p.")
    return notes


def _replicates(asked: int | None, n: int, neighbours: Neighbours, alpha: float) -> int:
    if asked is not None:
        return clean.whole(asked, "replicates", least=0)
    widest = int(neighbours.cardinalities.max()) + 1 if n else 1
    most = max(FEWEST, min(_MOST, _MOST_DRAWN // widest))
    return min(most, max(FEWEST, enough_replicates(n, alpha)))


def _permutation(
    x: NDArray[np.float64],
    neighbours: Neighbours,
    others: NDArray[np.float64],
    own: NDArray[np.float64],
    total: bool,
    count: int,
    **how: Any,
) -> NDArray[np.float64]:
    """Two-sided permutation p of each cell.

    One table of draws serves every cell. For a cell with k neighbours the
    first k cells of a draw, the cell itself passed over, are a sample without
    replacement of the other cells. With equal weights the sum of the first k
    is the same number for all cells with k neighbours, except where the draw
    holds the cell itself: so each k needs one sorted list, and the exceptions
    (k in every n) are put right one by one.
    """
    cells = len(x)
    sizes = neighbours.cardinalities
    m = min(int(sizes.max()) + 1, cells)
    ids = run_blocks(draw_block, (cells, m), count, block=BLOCK, **how)
    observed = others + own * x if total else others
    magnitude = np.abs(x)
    if np.array_equal(magnitude, x):
        slack = clean.SLACK * np.abs(observed)
    else:
        # Sums of mixed signs round by the size of what is added, not of the sum.
        slack = clean.SLACK * _sums(magnitude, neighbours, own)[0]
    low, high = observed - slack, observed + slack
    if neighbours.weights is None and (not total or (own == 1).all()):
        above, below = _tails(x, sizes, ids, low, high, conditional=not total)
    else:
        from samverkan.analysis import _kernels_hotspots as kernels

        weights = np.ones(len(neighbours.indices)) if neighbours.weights is None else neighbours.weights
        above, below = kernels.weighted_tails(neighbours.indptr, weights, ids, x, low, high, not total, own)
    return np.minimum(1.0, 2.0 * (1 + np.minimum(above, below)) / (count + 1))


def _tails(
    x: NDArray[np.float64],
    sizes: NDArray[np.int64],
    ids: NDArray[np.int32],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    conditional: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many draws reach low from below and high from above, all weights equal."""
    from samverkan.analysis import _kernels_hotspots as kernels

    count = len(ids)
    above = np.zeros(len(x), dtype=np.int64)
    below = np.zeros(len(x), dtype=np.int64)
    sums = kernels.running_sums(ids, x, sizes, low, high, conditional, above, below)
    for k in np.unique(sizes):
        cells = np.flatnonzero(sizes == k)
        reference = np.sort(sums[k if conditional else k + 1])
        above[cells] += count - np.searchsorted(reference, low[cells], side="left")
        below[cells] += np.searchsorted(reference, high[cells], side="right")
    return above, below
