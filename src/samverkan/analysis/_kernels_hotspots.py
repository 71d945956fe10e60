"""Compiled kernels for Getis-Ord and for neighbours within a distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from samverkan.analysis._compiled import kernel
from samverkan.analysis._kernels_random import below

_ROOT_HALF = math.sqrt(0.5)


@kernel
def local_sums(indptr, indices, weights, own, x) -> Any:
    """Per cell: the sum over its neighbours, its weights' sum and sum of squares.

    ``weights`` empty means all 1. ``own`` (empty for Gi) is the cell's own
    weight, counted in the two latter only: the permutations need the sum of
    the others alone.
    """
    n = len(indptr) - 1
    others = np.empty(n)
    total = np.empty(n)
    squares = np.empty(n)
    for i in range(n):
        begin, end = indptr[i], indptr[i + 1]
        lag = 0.0
        w1 = float(end - begin)
        w2 = w1
        if len(weights) == 0:
            for p in range(begin, end):
                lag += x[indices[p]]
        else:
            w1 = 0.0
            w2 = 0.0
            for p in range(begin, end):
                w = weights[p]
                lag += w * x[indices[p]]
                w1 += w
                w2 += w * w
        if len(own) > 0:
            w1 += own[i]
            w2 += own[i] * own[i]
        others[i] = lag
        total[i] = w1
        squares[i] = w2
    return others, total, squares


@kernel
def scores(others, total, squares, own, x, mean, squared) -> Any:
    """Analytic z and two-sided p of each cell; NaN where the deviation has no scale.

    ``squared`` is the sum of squared deviations from ``mean``. The variances
    have divisor n (Gi*) and n - 1 (Gi, over the others), as Ord and Getis 1995.
    """
    n = len(others)
    z = np.full(n, np.nan)
    p = np.full(n, np.nan)
    star = len(own) > 0
    for i in range(n):
        if star:
            count = float(n)
            centre = mean
            variance = squared / n
            lag = others[i] + own[i] * x[i]
        else:
            count = n - 1.0
            if count < 2.0 or total[i] <= 0.0:
                continue
            off = x[i] - mean
            centre = mean - off / count
            # The squared deviations of the others from their own mean.
            variance = (squared - off * off * n / count) / count
            lag = others[i]
        if count < 2.0:
            continue
        spread = (count * squares[i] - total[i] * total[i]) / (count - 1.0)
        # All cells are neighbours, or all values are equal: rounding only.
        noise = max(1e-12 * squared / n, 1e-24 * centre * centre)
        if spread <= 1e-12 * squares[i] or variance <= noise:
            continue
        score = (lag - total[i] * centre) / math.sqrt(variance * spread)
        z[i] = score
        p[i] = math.erfc(abs(score) * _ROOT_HALF)
    return z, p


@kernel
def draw(state, n, m, count) -> Any:
    """``count`` ordered samples of m of the numbers 0..n - 1 without replacement.

    A partial Fisher-Yates shuffle; started from whatever order the previous
    sample left, each sample is uniform and independent of the others.
    """
    out = np.empty((count, m), dtype=np.int32)
    order = np.arange(n).astype(np.int32)
    for r in range(count):
        for j in range(m):
            pick = j + below(state, n - j)
            chosen = order[pick]
            order[pick] = order[j]
            order[j] = chosen
            out[r, j] = chosen
    return out


@kernel
def running_sums(ids, x, sizes, low, high, conditional, above, under) -> Any:
    """(m + 1, B): the sum of the values of the first k cells of each sample, for every k.

    With equal weights it serves all cells with k neighbours, except one that
    the sample holds among its first k when ``conditional``: that cell is passed
    over for the one after them, and ``above`` and ``under`` get the difference.
    """
    samples, m = ids.shape
    sums = np.zeros((m + 1, samples))
    run = np.zeros(m + 1)
    for r in range(samples):
        for j in range(m):
            run[j + 1] = run[j] + x[ids[r, j]]
        for k in range(1, m + 1):
            sums[k, r] = run[k]
        if conditional:
            for j in range(m):
                cell = ids[r, j]
                k = sizes[cell]
                if j < k:
                    shared, right = run[k], run[k + 1] - x[cell]
                    above[cell] += int(right >= low[cell]) - int(shared >= low[cell])
                    under[cell] += int(right <= high[cell]) - int(shared <= high[cell])
    return sums


@kernel
def weighted_tails(indptr, weights, ids, x, low, high, conditional, own) -> Any:
    """How many samples reach ``low`` from below and ``high`` from above, with unequal weights.

    ``ids`` is (B, m). For cell i with k neighbours a sample uses its first k
    ids, passing over i itself when ``conditional``; else the id after them
    takes the cell's own place, with the weight ``own`` (zero for Gi).
    """
    n = len(indptr) - 1
    samples, m = ids.shape
    values = np.empty((m, samples))
    for r in range(samples):
        for j in range(m):
            values[j, r] = x[ids[r, j]]
    # Where each cell was drawn, by counting sort: few samples hold any one cell.
    start = np.zeros(n + 1, dtype=np.int64)
    for r in range(samples):
        for j in range(m):
            start[ids[r, j] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    filled = np.zeros(n, dtype=np.int64)
    where = np.empty(samples * m, dtype=np.int64)
    for r in range(samples):
        for j in range(m):
            cell = ids[r, j]
            where[start[cell] + filled[cell]] = r * m + j
            filled[cell] += 1
    above = np.zeros(n, dtype=np.int64)
    under = np.zeros(n, dtype=np.int64)
    sums = np.empty(samples)
    for i in range(n):
        begin = indptr[i]
        k = indptr[i + 1] - begin
        for r in range(samples):
            sums[r] = 0.0
        for j in range(k):
            w = weights[begin + j]
            row = values[j]
            for r in range(samples):
                sums[r] += w * row[r]
        if conditional:
            for p in range(start[i], start[i + 1]):
                r, at = where[p] // m, where[p] % m
                if at < k:
                    total = 0.0
                    for j in range(k):
                        total += weights[begin + j] * values[j if j < at else j + 1, r]
                    sums[r] = total
        elif own[i] != 0.0:
            row = values[k]
            for r in range(samples):
                sums[r] += own[i] * row[r]
        more = 0
        less = 0
        for r in range(samples):
            more += sums[r] >= low[i]
            less += sums[r] <= high[i]
        above[i] = more
        under[i] = less
    return above, under


@kernel
def count_within(x, y, start, order, columns, rows, side, reach2) -> Any:
    """How many others lie within reach of each point, from points sorted into squares."""
    counts = np.zeros(len(x), dtype=np.int64)
    for s in range(len(x)):
        column, row = int(x[s] / side), int(y[s] / side)
        for r in range(max(0, row - 1), min(rows, row + 2)):
            first = start[r * columns + max(0, column - 1)]
            last = start[r * columns + min(columns - 1, column + 1) + 1]
            for p in range(first, last):
                dx, dy = x[p] - x[s], y[p] - y[s]
                if p != s and dx * dx + dy * dy <= reach2:
                    counts[order[s]] += 1
    return counts


@kernel
def fill_within(x, y, start, order, columns, rows, side, reach2, indptr) -> Any:
    """The neighbours counted by ``count_within``, row after row."""
    out = np.empty(indptr[-1], dtype=np.int32)
    for s in range(len(x)):
        at = indptr[order[s]]
        column, row = int(x[s] / side), int(y[s] / side)
        for r in range(max(0, row - 1), min(rows, row + 2)):
            first = start[r * columns + max(0, column - 1)]
            last = start[r * columns + min(columns - 1, column + 1) + 1]
            for p in range(first, last):
                dx, dy = x[p] - x[s], y[p] - y[s]
                if p != s and dx * dx + dy * dy <= reach2:
                    out[at] = order[p]
                    at += 1
    return out
