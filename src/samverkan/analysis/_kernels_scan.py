"""Compiled loops of the scan statistic: the likelihood ratios and the observed scan.

Words used here and in ``_kernels_scan_random``:

* a *zone* is a centre and the first k places of its neighbour list;
* a *window* is a zone and an interval of days ``s..e`` (both included);
* the *measure* of a window is what its case count is judged against: the
  expected count mu, or for the Bernoulli model the number of individuals.

Both statistics rise with the count and fall with the measure, as long as the
count is above what the measure lets expect. Everything that saves time below
rests on that.
"""

# Numba takes the types from the arguments.
# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False, check-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from samverkan.analysis._compiled import kernel, kernel_part

POISSON, BERNOULLI = 0, 1


@kernel
def likelihood(kind, n, m, cases, total):
    """The log likelihood ratio of ``n`` cases in measure ``m``; 0 unless raised.

    POISSON: n ln(n/m) + (C-n) ln((C-n)/(C-m)). BERNOULLI: ``m`` of ``total``
    individuals are inside. The last term goes through log1p because the
    difference of two long logarithms would lose the digits ties are told by.
    """
    if kind == POISSON:
        if n <= m:
            return 0.0
        if m <= 0.0:
            return math.inf
        value = n * math.log(n / m)
        if n < cases:
            value += (cases - n) * math.log1p((m - n) / (cases - m))
        return value
    if n * total <= m * cases:
        return 0.0
    outside, others = cases - n, total - m
    value = n * math.log(n * total / (m * cases))
    if outside > 0.0:
        value += outside * math.log(outside * total / (others * cases))
    healthy = total - cases
    if m > n:
        value += (m - n) * math.log((m - n) * total / (m * healthy))
    if others > outside:
        value += (others - outside) * math.log((others - outside) * total / (others * healthy))
    return value


@kernel
def largest_measures(kind, threshold, most, enough, cases, total):
    """For each count n, a measure at and above which the statistic is below ``threshold``.

    Ends at ``most`` cases, or as soon as the measure ``enough`` is reached;
    found by bisection and rounded up, so nothing above the threshold is lost.
    """
    result = np.zeros(most + 1)
    last = most
    for n in range(1, most + 1):
        low, high = 0.0, n * 1.0 if kind == POISSON else n * total / cases
        if kind == BERNOULLI:
            low = n * 1.0
            if likelihood(kind, n, low, cases, total) < threshold:
                high = low
        for _ in range(52):
            if high - low <= high * 1e-12:
                break
            middle = 0.5 * (low + high)
            if likelihood(kind, n, middle, cases, total) >= threshold:
                low = middle
            else:
                high = middle
        result[n] = high * (1.0 + 1e-11)
        if result[n] > enough:
            last = n
            break
    return result[: last + 1]


@kernel_part
def beats(kind, n, m, cases, total, best):
    """The statistic when it can be above ``best``, else 0.

    Pearson's chi-square is an upper bound without logarithms.
    """
    if kind == POISSON:
        if n <= m:
            return 0.0
        bound = (n - m) * (n - m) * cases / (m * (cases - m))
    else:
        if n * total <= m * cases:
            return 0.0
        mean = m * cases / total
        bound = (n - mean) * (n - mean) / (mean * (1.0 - m / total) * (1.0 - cases / total))
    if bound * (1.0 + 1e-9) < best:
        return 0.0
    return likelihood(kind, n, m, cases, total)


@kernel
def scan(
    centres,
    offsets,
    places,
    closed,
    starts,
    days,
    prefix,
    kind,
    cases,
    total,
    separable,
    factor,
    clock,
    divisor,
    measures,
    prospective,
    fewest,
    edges,
    least,
    slack,
    zone,
    zone_measure,
    out,
):
    """Best window of each centre.

    A row of ``out``: value, places, first day, last day, count, measure.
    ``prefix`` holds each place's running case counts, ``starts`` and ``days`` its
    days with cases. ``closed`` places end the growing of a circle.

    After a place has joined, only windows with one of its case days are new:
    any other has the same count as before and no smaller measure. Around such
    a day the lengths are taken in classes (``edges``). A class is passed over
    when even the count of the whole stretch its windows can cover, judged
    against the smallest measure of its shortest window (``least``), is too
    little for the best so far.
    """
    last_day = len(clock) - 2
    for i in range(len(centres)):
        best = mass = 0.0
        zone[:] = 0
        if not separable:
            zone_measure[:] = 0.0
        origin = offsets[centres[i]]
        for p in range(origin, offsets[centres[i] + 1]):
            place = places[p]
            if closed[place]:
                break
            mass += factor[place]
            if not separable:
                for t in range(last_day + 2):
                    zone_measure[t] += measures[place, t]
            first, last = starts[place], starts[place + 1]
            if first == last:
                continue
            for t in range(last_day + 2):
                zone[t] += prefix[place, t]
            if prospective:
                first = last - 1  # one pass over the windows that hold the place's last case day
            for q in range(first, last):
                day = days[q]
                for k in range(len(edges) - 1):
                    shortest, most = edges[k] + 1, edges[k + 1]
                    low, high = max(day - most + 1, 0), min(day + most - 1, last_day)
                    if not prospective:
                        n = zone[high + 1] - zone[low]
                        if n < fewest:
                            continue
                        if separable:
                            m = mass * least[k, day] / divisor
                            if m > 0.0 and beats(kind, n, m, cases, total, best) <= best:
                                continue
                    for length in range(shortest, most + 1):
                        low = max(day - length + 1, 0)
                        high = min(day, last_day - length + 1)
                        if prospective:
                            low = last_day - length + 1
                            high = min(low, day)
                        for s in range(low, high + 1):
                            e = s + length - 1
                            n = zone[e + 1] - zone[s]
                            if n < fewest or zone[s + 1] == zone[s]:
                                continue
                            inside = mass * (clock[e + 1] - clock[s]) / divisor
                            m = inside if separable else zone_measure[e + 1] - zone_measure[s]
                            value = beats(kind, n, m, cases, total, best)
                            if value > best * (1.0 + slack) and value > 0.0:
                                best = value
                                out[i, 0] = value
                                out[i, 1] = p - origin + 1
                                out[i, 2] = s
                                out[i, 3] = e
                                out[i, 4] = n
                                out[i, 5] = m
