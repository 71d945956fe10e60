"""Compiled loops of the Mantel test with reciprocal distances.

Nothing of the size of the square of the events is kept: closeness in space is
computed where it is needed, and the replicates go 32 at a time, the times of
an event in each of them side by side, so that it is computed once for all 32.
"""

from __future__ import annotations

import numpy as np

from samverkan.analysis._compiled import kernel, kernel_part
from samverkan.analysis._kernels_pairs import LANES, distance

#: Events taken together against every earlier one, to reuse what is in the cache.
_TILE = 32


@kernel
def closeness_sums(x, y, metric, constant):
    """Row sums and row sums of squares of 1 / (distance + constant), zero on the diagonal."""
    n = len(x)
    total, square = np.zeros(n), np.zeros(n)
    for i in range(n):
        for j in range(i):
            w = 1.0 / (distance(metric, x[i], y[i], x[j], y[j]) + constant)
            total[i] += w
            total[j] += w
            square[i] += w * w
            square[j] += w * w
    return total, square


@kernel_part
def _add_two(sums, lanes, i, k, j, a, b, constant):
    """Add a / (|t_i - t_j| + c) + b / (|t_k - t_j| + c) lane by lane, with one division."""
    ti, tk, tj = lanes[i], lanes[k], lanes[j]
    for r in range(LANES):
        p = abs(ti[r] - tj[r]) + constant
        q = abs(tk[r] - tj[r]) + constant
        sums[r] += (a * q + b * p) / (p * q)


@kernel
def cross_products(x, y, metric, space, lanes, time):
    """Sum over pairs of closeness in space times closeness in time, for each of 32 lanes."""
    n = len(x)
    out, sums = np.zeros(LANES), np.zeros(LANES)
    close = np.zeros(_TILE)
    for begin in range(0, n, _TILE):
        end = min(begin + _TILE, n)
        # Sums of a tile first, then of the tiles: the rounding stays small.
        for r in range(LANES):
            sums[r] = 0.0
        for j in range(end - 1):
            first = max(begin, j + 1)
            for i in range(first, end):
                close[i - first] = 1.0 / (distance(metric, x[i], y[i], x[j], y[j]) + space)
            i = first
            while i + 1 < end:
                _add_two(sums, lanes, i, i + 1, j, close[i - first], close[i + 1 - first], time)
                i += 2
            if i < end:
                _add_two(sums, lanes, i, i, j, close[i - first], 0.0, time)
        for r in range(LANES):
            out[r] += sums[r]
    return out
