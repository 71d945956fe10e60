"""Near-repeat counts the slow and plain way, to compare the fast ones with."""

from __future__ import annotations

import importlib.util
import itertools
import math
import struct
from pathlib import Path

import numpy as np


def distances(x, y, metric="euclidean"):
    n = len(x)
    out = np.zeros((n, n))
    for i, j in itertools.product(range(n), repeat=2):
        dx, dy = float(x[j]) - float(x[i]), float(y[j]) - float(y[i])
        out[i, j] = abs(dx) + abs(dy) if metric == "manhattan" else math.sqrt(dx * dx + dy * dy)
    return out


def inside(value, edges, k, closed):
    low, high = edges[k], edges[k + 1]
    if closed == "left":
        return low <= value < high
    return low < value <= high or (k == 0 and value == low)


def members(matrix, edges, closed, same=False):
    """Boolean [bands, n, n]: is the pair in the band."""
    n = len(matrix)
    found = [
        [[i != j and inside(matrix[i, j], edges, k, closed) for j in range(n)] for i in range(n)]
        for k in range(len(edges) - 1)
    ]
    result = np.array(found, dtype=bool).reshape(len(edges) - 1, n, n)
    if same:
        equal = (matrix == 0) & ~np.eye(n, dtype=bool)
        result[0] &= ~equal
        result = np.concatenate([equal[None], result])
    return result


def table(space, time):
    """Pairs in each distance band and time band, from their matrices."""
    return np.einsum("aij,bij->ab", space.astype(np.int64), time.astype(np.int64)) // 2


def gaps(t):
    return np.abs(np.subtract.outer(np.asarray(t, float), np.asarray(t, float)))


def burkitt():
    """The 188 cases of Burkitt's lymphoma in Uganda's West Nile (Williams et al. 1978), from libpysal.

    x, y and day of onset, or None where libpysal is not installed (it is among the bench's peers).
    """
    spec = importlib.util.find_spec("libpysal")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "examples" / "burkitt" / "burkitt.dbf"
    if not path.exists():
        return None
    raw = path.read_bytes()
    rows, begin, size = struct.unpack("<IHH", raw[4:12])
    cells = [raw[begin + i * size + 1 : begin + (i + 1) * size].decode() for i in range(rows)]
    return tuple(np.array([float(cell[a:b]) for cell in cells]) for a, b in ((6, 12), (12, 18), (18, 25)))
