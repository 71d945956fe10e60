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
def _add_four(sums, lanes, near, close, j, first, last, constant):
    """Add close[m] / (|t_(near + m) - t_j| + c), m = 0..3, lane by lane, with one division.

    Division is what takes the time, and its unit may be shared by two workers.
    Past ``last`` the weights are zero, and which times stand there does not matter.
    """
    a, b, c, d = close[near - first], close[near - first + 1], close[near - first + 2], close[near - first + 3]
    t0, t1, t2, t3 = lanes[near], lanes[min(near + 1, last)], lanes[min(near + 2, last)], lanes[min(near + 3, last)]
    tj = lanes[j]
    for r in range(LANES):
        p, q = abs(t0[r] - tj[r]) + constant, abs(t1[r] - tj[r]) + constant
        u, v = abs(t2[r] - tj[r]) + constant, abs(t3[r] - tj[r]) + constant
        pq, uv = p * q, u * v
        sums[r] += ((a * q + b * p) * uv + (c * v + d * u) * pq) / (pq * uv)


@kernel
def cross_products(x, y, metric, space, lanes, time):
    """Sum over pairs of closeness in space times closeness in time, for each of 32 lanes."""
    n = len(x)
    out, sums = np.zeros(LANES), np.zeros(LANES)
    close = np.zeros(_TILE + 3)
    for begin in range(0, n, _TILE):
        end = min(begin + _TILE, n)
        # Sums of a tile first, then of the tiles: the rounding stays small.
        for r in range(LANES):
            sums[r] = 0.0
        for j in range(end - 1):
            first = max(begin, j + 1)
            for i in range(first, end):
                close[i - first] = 1.0 / (distance(metric, x[i], y[i], x[j], y[j]) + space)
            close[end - first : end - first + 3] = 0.0
            for i in range(first, end, 4):
                _add_four(sums, lanes, i, close, j, first, end - 1, time)
        for r in range(LANES):
            out[r] += sums[r]
    return out
