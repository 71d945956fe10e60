"""Compiled loops of Jacquez' test: nearest neighbours in place, and who is also nearest in time."""

from __future__ import annotations

import numpy as np

from samverkan.analysis._compiled import kernel, kernel_part
from samverkan.analysis._kernels_pairs import distance
from samverkan.analysis._kernels_random import shuffle


@kernel_part
def _kth_distance(x, y, metric, i, k, nearest):
    """The k-th smallest distance from event ``i``; events are sorted by x."""
    n = len(x)
    for s in range(k):
        nearest[s] = np.inf
    low, high = i - 1, i + 1
    while low >= 0 or high < n:
        left = x[i] - x[low] if low >= 0 else np.inf
        right = x[high] - x[i] if high < n else np.inf
        if min(left, right) > nearest[k - 1]:
            break
        if left <= right:
            j = low
            low -= 1
        else:
            j = high
            high += 1
        d = distance(metric, x[i], y[i], x[j], y[j])
        s = k - 1
        if d < nearest[s]:
            while s > 0 and nearest[s - 1] > d:
                nearest[s] = nearest[s - 1]
                s -= 1
            nearest[s] = d
    return nearest[k - 1]


@kernel
def nearest_in_space(x, y, metric, k, most):
    """Each event's k nearest, events at the same distance sharing the last places.

    The events are sorted by x and there are more than k. Returns offsets, neighbours and
    their weights; the offsets end early with -1 when there are more than ``most``.
    """
    n = len(x)
    offsets = np.zeros(n + 1, np.int64)
    reach = np.zeros(n)
    closer = np.zeros(n, np.int64)
    nearest = np.zeros(k)
    # Counted first, then listed: the ties may be many.
    for i in range(n):
        reach[i] = _kth_distance(x, y, metric, i, k, nearest)
        found = 0
        for step in (-1, 1):
            j = i + step
            while 0 <= j < n and abs(x[j] - x[i]) <= reach[i]:
                d = distance(metric, x[i], y[i], x[j], y[j])
                if d <= reach[i]:
                    found += 1
                    closer[i] += d < reach[i]
                j += step
        offsets[i + 1] = offsets[i] + found
        if offsets[i + 1] > most:
            offsets[n] = -1
            return offsets, np.zeros(0, np.int32), np.zeros(0)
    neighbours = np.zeros(offsets[n], np.int32)
    weights = np.zeros(offsets[n])
    for i in range(n):
        at = offsets[i]
        share = (k - closer[i]) / (offsets[i + 1] - offsets[i] - closer[i])
        for step in (-1, 1):
            j = i + step
            while 0 <= j < n and abs(x[j] - x[i]) <= reach[i]:
                d = distance(metric, x[i], y[i], x[j], y[j])
                if d <= reach[i]:
                    neighbours[at] = j
                    weights[at] = 1.0 if d < reach[i] else share
                    at += 1
                j += step
    return offsets, neighbours, weights


@kernel
def nearest_in_time(times, counts, k):
    """For each distinct time, whose times are among its k nearest, as intervals of ranks.

    ``times`` rise, ``counts`` are the events at each. Ranks strictly nearer than
    the k-th are ``inner[0]..inner[1]`` (weight 1), those as near as the k-th the
    rest of ``outer[0]..outer[1]`` (weight ``share``). Intervals are int64 [ranks, 2].
    """
    n = len(times)
    inner, outer = np.zeros((n, 2), np.int64), np.zeros((n, 2), np.int64)
    share = np.zeros(n)
    for a in range(n):
        low = high = a
        # Events within low..high, without the one itself.
        inside = counts[a] - 1
        inner[a, 0], inner[a, 1] = a, a - 1
        nearer = 0
        while inside < k:
            inner[a, 0], inner[a, 1] = low, high
            nearer = inside
            left = times[a] - times[low - 1] if low > 0 else np.inf
            right = times[high + 1] - times[a] if high + 1 < n else np.inf
            if left <= right:
                low -= 1
                inside += counts[low]
            if right <= left:
                high += 1
                inside += counts[high]
        outer[a, 0], outer[a, 1] = low, high
        share[a] = (k - nearer) / (inside - nearer)
    return inner, outer, share


@kernel
def shared_neighbours(offsets, neighbours, weights, ranks, inner, outer, share):
    """Sum over events and their nearest in place of the weight of being nearest in time."""
    total = 0.0
    for i in range(len(ranks)):
        a = ranks[i]
        for k in range(offsets[i], offsets[i + 1]):
            b = ranks[neighbours[k]]
            if inner[a, 0] <= b <= inner[a, 1]:
                total += weights[k]
            elif outer[a, 0] <= b <= outer[a, 1]:
                total += weights[k] * share[a]
    return total


@kernel
def permuted_neighbours(offsets, neighbours, weights, ranks, inner, outer, share, state, replicates):
    """``shared_neighbours`` for ``replicates`` random orders of the ranks."""
    order = ranks.copy()
    out = np.zeros(replicates)
    for r in range(replicates):
        shuffle(order, state)
        out[r] = shared_neighbours(offsets, neighbours, weights, order, inner, outer, share)
    return out
