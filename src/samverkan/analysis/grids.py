"""Who is whose neighbour: on a grid, on hexagons, within a distance, from a list of pairs.

A neighbourhood is kept in compressed rows: the neighbours of cell ``i`` are
``indices[indptr[i]:indptr[i + 1]]``. A cell is never in its own row; what it
weighs for itself (needed by Gi*) is kept beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: The steps to the six hexagons around one, in axial coordinates.
HEXAGON_STEPS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
_LARGEST_AXIAL = 2**30


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of n cells in compressed rows.

    Attributes
    ----------
    indptr : (n + 1,) int64, where each row begins.
    indices : int32, the neighbours, no cell in its own row and none twice.
    weights : float64 above zero beside ``indices``, or None when all weigh 1.
    own : (n,) float64, what each cell weighs for itself where that was given
        (else 0), or None when it was given nowhere.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float64] | None = None
    own: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def cardinalities(self) -> NDArray[np.int64]:
        """How many neighbours each cell has."""
        return np.diff(self.indptr)


class Buckets:
    """Points sorted into squares at least ``reach`` wide; the coordinates with a near origin."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64], reach: float) -> None:
        self.left, self.low = float(x.min()), float(y.min())
        wide = max(float(x.max()) - self.left, float(y.max()) - self.low)
        # A limit on the number of squares keeps memory small; wider squares only cost time.
        self.side = max(reach, wide / 1024) or 1.0
        column = ((x - self.left) / self.side).astype(np.int64)
        row = ((y - self.low) / self.side).astype(np.int64)
        self.columns, self.rows = int(column.max()) + 1, int(row.max()) + 1
        bucket = row * self.columns + column
        self.order = np.argsort(bucket, kind="stable")
        counts = np.bincount(bucket, minlength=self.columns * self.rows)
        self.start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        self.x, self.y = x[self.order] - self.left, y[self.order] - self.low


def grid(nx: int, ny: int, *, rule: Literal["queen", "rook"] = "queen") -> Neighbours:
    """Squares on a full grid, cell ``row * nx + column``; queen has eight neighbours, rook four.

    Raises BadInput for sides below 1 and another rule.
    """
    nx, ny = clean.whole(nx, "nx", least=1), clean.whole(ny, "ny", least=1)
    if rule not in ("queen", "rook"):
        raise BadInput(f"rule is {rule!r}; it is queen (eight neighbours) or rook (four).")
    column = np.tile(np.arange(nx, dtype=np.int64), ny)
    row = np.repeat(np.arange(ny, dtype=np.int64), nx)
    steps = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)]
    if rule == "rook":
        steps = [step for step in steps if 0 in step]
    candidates = np.empty((nx * ny, len(steps)), dtype=np.int64)
    for j, (right, up) in enumerate(steps):
        there = (column + right >= 0) & (column + right < nx) & (row + up >= 0) & (row + up < ny)
        candidates[:, j] = np.where(there, (row + up) * nx + column + right, -1)
    return _from_table(candidates)


def hexagons(q: ArrayLike, r: ArrayLike) -> Neighbours:
    """Hexagons by axial coordinates; any set of them, with holes and islands.

    Parameters
    ----------
    q, r : (n,) whole numbers, the axial coordinates, each hexagon once.

    Raises
    ------
    BadInput for a hexagon given twice, broken numbers and lengths that differ.
    """
    qs, rs = clean.days(q, name="q"), clean.days(r, name="r")
    clean.same_length(q=qs, r=rs)
    if not len(qs):
        return _from_table(np.empty((0, 6), dtype=np.int64))
    if max(int(np.abs(qs).max()), int(np.abs(rs).max())) >= _LARGEST_AXIAL:
        raise BadInput(f"q and r must lie within ±{_LARGEST_AXIAL}.")
    key = qs * (4 * _LARGEST_AXIAL) + rs
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if twice.size:
        at = order[twice[0]]
        raise BadInput(f"hexagon ({qs[at]}, {rs[at]}) is given twice; add its counts together.")
    candidates = np.empty((len(qs), 6), dtype=np.int64)
    for j, (dq, dr) in enumerate(HEXAGON_STEPS):
        wanted = (qs + dq) * (4 * _LARGEST_AXIAL) + rs + dr
        place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        candidates[:, j] = np.where(ordered[place] == wanted, order[place], -1)
    return _from_table(candidates)


def within(x: ArrayLike, y: ArrayLike, distance: float) -> Neighbours:
    """Cells whose midpoints are at most ``distance`` apart (closed, relative slack 1e-9).

    Parameters
    ----------
    x, y : (n,) midpoints in metres or any one unit.
    distance : above zero, in the same unit. On squares with side a, 1.5 a
        gives the eight around; on hexagons b across flats, 1.1 b gives the six.

    Raises
    ------
    BadInput for coordinates that are not finite and a distance not above zero.
    """
    from samverkan.analysis import _kernels_hotspots as kernels

    xs, ys = clean.points(x, y)
    reach = clean.positive(distance, "distance") * (1 + clean.SLACK) + clean.rounding(xs, ys)
    if not len(xs):
        return Neighbours(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32))
    b = Buckets(xs, ys, reach)
    sorted_points = (b.x, b.y, b.start, b.order, b.columns, b.rows, b.side, reach * reach)
    indptr = np.concatenate(([0], np.cumsum(kernels.count_within(*sorted_points))))
    return Neighbours(indptr, kernels.fill_within(*sorted_points, indptr))


def pairs(
    n: int,
    first: ArrayLike,
    second: ArrayLike,
    weight: ArrayLike | None = None,
) -> Neighbours:
    """Neighbours from a list of pairs (areas that touch, or any weights of one's own).

    Parameters
    ----------
    n : the number of cells.
    first, second : (m,) cell numbers from 0. When no pair stands in both
        directions, each counts both ways; else the list is taken as it stands.
        A pair of a cell with itself gives the cell's own weight, used by Gi*.
    weight : (m,) at least zero; a pair weighing 0 is no pair. None: all weigh 1.

    Raises
    ------
    BadInput for cell numbers outside 0..n - 1, broken weights, and the same
    pair with two weights.
    """
    n = clean.whole(n, "n", least=0)
    i, j = clean.days(first, name="first"), clean.days(second, name="second")
    w = np.ones(len(i)) if weight is None else clean.weights(weight)
    clean.same_length(first=i, second=j, weight=w)
    for name, column in (("first", i), ("second", j)):
        bad = (column < 0) | (column >= n)
        if bad.any():
            at = int(np.argmax(bad))
            raise BadInput(f"{name}: pair {at + 1} names cell {column[at]}; cells are 0 to {n - 1}.")
    own = None
    itself = i == j
    if itself.any():
        own = np.zeros(n)
        own[i[itself]] = w[itself]
        _same_weight(i[itself], w[itself], own[i[itself]])
    keep = ~itself & (w > 0)
    i, j, w = i[keep], j[keep], w[keep]
    if not np.isin(j * n + i, i * n + j).any():
        i, j, w = np.concatenate((i, j)), np.concatenate((j, i)), np.concatenate((w, w))
    key, kept, back = np.unique(i * n + j, return_index=True, return_inverse=True)
    _same_weight(i, w, w[kept][back])
    indptr = np.concatenate(([0], np.cumsum(np.bincount(i[kept], minlength=n)))).astype(np.int64)
    indices = (key % max(n, 1)).astype(np.int32)
    # All-ones weights are the plain case, which the permutations do much faster.
    plain = bool((w == 1).all())
    return Neighbours(indptr, indices, None if plain else w[kept], own)


def _same_weight(i: NDArray[np.int64], w: NDArray[np.float64], kept: NDArray[np.float64]) -> None:
    differs = w != kept
    if differs.any():
        at = int(np.argmax(differs))
        raise BadInput(f"a pair of cell {i[at]} is given with two weights; keep one of them.")


def _from_table(candidates: NDArray[np.int64]) -> Neighbours:
    """Compressed rows from a table with -1 where there is no neighbour."""
    there = candidates >= 0
    indptr = np.concatenate(([0], np.cumsum(there.sum(axis=1)))).astype(np.int64)
    return Neighbours(indptr, candidates[there].astype(np.int32))
