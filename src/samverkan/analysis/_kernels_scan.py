"""Compiled loops of the scan statistic: the likelihood ratios, the observed scan, circles.

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
from numba import njit

POISSON, BERNOULLI = 0, 1


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _bound(kind, n, m, cases, total):
    """An upper bound of ``likelihood`` without logarithms (Pearson's chi-square)."""
    if kind == POISSON:
        return (n - m) * (n - m) * cases / (m * (cases - m)) if m < cases else math.inf
    mean = m * cases / total
    spread = mean * (1.0 - m / total) * (1.0 - cases / total)
    return (n - mean) * (n - mean) / spread if spread > 0.0 else math.inf


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def haversine(lon1, lat1, lon2, lat2):
    """Half the squared chord on the unit sphere between two points in radians."""
    a = math.sin((lat2 - lat1) * 0.5)
    b = math.sin((lon2 - lon1) * 0.5)
    return a * a + math.cos(lat1) * math.cos(lat2) * b * b


@njit(cache=True, nogil=True)
def _sort(keys, values, n):
    """Heap sort of the first ``n`` keys with their values (numba's own sort is slow to compile)."""
    start, end = n // 2, n
    while end > 1:
        if start > 0:
            start -= 1
            key, value = keys[start], values[start]
        else:
            end -= 1
            key, value = keys[end], values[end]
            keys[end], values[end] = keys[0], values[0]
        root = start
        child = 2 * root + 1
        while child < end:
            if child + 1 < end and keys[child + 1] > keys[child]:
                child += 1
            if keys[child] <= key:
                break
            keys[root], values[root] = keys[child], values[child]
            root = child
            child = 2 * root + 1
        keys[root], values[root] = key, value


@njit(cache=True, nogil=True)
def neighbours(x, y, sphere, radius, size, largest, column, starts):
    """Neighbour lists in distance order, equal distances (1e-9) in file order.

    ``sphere`` > 0 is the earth's radius and x, y are radians; otherwise the
    plane. ``column`` is the bucket of each place along x (in ``starts`` order)
    so that a radius looks only at nearby columns. The list of a centre ends
    before the first place that takes its ``size`` over ``largest``.
    Returns offsets, places and distances.
    """
    n = len(x)
    offsets = np.zeros(n + 1, np.int64)
    room = max(1024, 8 * n)
    places = np.empty(room, np.int32)
    distances = np.empty(room)
    found = np.empty(n, np.int32)
    far = np.empty(n)
    used = 0
    reach = radius * (1.0 + 1e-12)
    for c in range(n):
        first, last = 0, n
        if column[0] >= 0:
            first = starts[max(column[n + c] - 1, 0)]
            last = starts[min(column[n + c] + 2, len(starts) - 1)]
        count = 0
        for position in range(first, last):
            j = column[position] if column[0] >= 0 else position
            if sphere > 0.0:
                h = haversine(x[c], y[c], x[j], y[j])
                d = 2.0 * sphere * math.asin(min(1.0, math.sqrt(h)))
            else:
                dx, dy = x[j] - x[c], y[j] - y[c]
                d = math.sqrt(dx * dx + dy * dy)
            if d <= reach:
                found[count] = j
                far[count] = d
                count += 1
        _sort(far, found, count)
        # Runs of equal distance are put in file order.
        begin = 0
        for i in range(1, count + 1):
            if i == count or far[i] > far[i - 1] * (1.0 + 1e-9):
                for a in range(begin + 1, i):
                    j, d = found[a], far[a]
                    b = a - 1
                    while b >= begin and found[b] > j:
                        found[b + 1] = found[b]
                        far[b + 1] = far[b]
                        b -= 1
                    found[b + 1] = j
                    far[b + 1] = d
                begin = i
        if used + count > room:
            room = max(2 * room, used + count)
            wider = np.empty(room, np.int32)
            longer = np.empty(room)
            for i in range(used):
                wider[i] = places[i]
                longer[i] = distances[i]
            places, distances = wider, longer
        inside = 0.0
        for i in range(count):
            inside += size[found[i]]
            if inside > largest:
                break
            places[used] = found[i]
            distances[used] = far[i]
            used += 1
        offsets[c + 1] = used
    return offsets, places[:used].copy(), distances[:used].copy()


@njit(cache=True, nogil=True)
def scan_centre(
    centre, offsets, places, closed, cell_starts, cell_days, cell_counts,
    kind, cases, total, separable, factor, clock, divisor, measures,
    prospective, longest, fewest, limits, best, slack,
    zone_counts, days, zone_measure, out,
):  # fmt: skip
    """Best window of one centre that beats ``best``; its numbers go to ``out``.

    Only windows that begin (and, retrospectively, end) on a day with a case in
    the zone are looked at: any other has a shorter one inside it with the same
    count and no larger measure. ``closed`` places end the growing of the
    circle. A count n is passed over when its measure is not below ``limits[n]``.
    """
    last_day = len(clock) - 2
    active = 0
    mass = 0.0
    top = len(limits) - 1
    if not separable:
        zone_measure[:] = 0.0
    for p in range(offsets[centre], offsets[centre + 1]):
        place = places[p]
        if closed[place]:
            break
        if separable:
            mass += factor[place]
        else:
            for t in range(last_day + 2):
                zone_measure[t] += measures[place, t]
        begin, end = cell_starts[place], cell_starts[place + 1]
        if begin == end:
            continue
        newest, oldest = cell_days[end - 1], cell_days[begin]
        # Merge the place's days into the zone's sorted days, from the back.
        fresh = 0
        i = active - 1
        for q in range(end - 1, begin - 1, -1):
            while i >= 0 and days[i] > cell_days[q]:
                i -= 1
            if i < 0 or days[i] != cell_days[q]:
                fresh += 1
        write, i = active + fresh - 1, active - 1
        for q in range(end - 1, begin - 1, -1):
            while i >= 0 and days[i] > cell_days[q]:
                days[write] = days[i]
                zone_counts[write] = zone_counts[i]
                write -= 1
                i -= 1
            if i >= 0 and days[i] == cell_days[q]:
                days[write] = days[i]
                zone_counts[write] = zone_counts[i] + cell_counts[q]
                i -= 1
            else:
                days[write] = cell_days[q]
                zone_counts[write] = cell_counts[q]
            write -= 1
        active += fresh
        # Windows without a new case have been judged with a smaller measure already.
        for high in range(active - 1, -1, -1):
            e = days[high]
            if prospective:
                if high < active - 1:
                    break
                e = last_day
            if e < oldest:
                break
            n = 0
            for low in range(high, -1, -1):
                s = days[low]
                if e - s >= longest:
                    break
                n += zone_counts[low]
                if n < fewest or s > newest:
                    continue
                inside = mass * (clock[e + 1] - clock[s]) / divisor
                m = inside if separable else zone_measure[e + 1] - zone_measure[s]
                if m >= limits[min(n, top)] and n <= top:
                    continue
                if kind == POISSON:
                    if n <= m:
                        continue
                elif n * total <= m * cases:
                    continue
                if _bound(kind, n, m, cases, total) * (1.0 + 1e-9) < best:
                    continue
                value = likelihood(kind, n, m, cases, total)
                if value > best * (1.0 + slack) and value > 0.0:
                    best = value
                    out[0] = value
                    out[1] = p - offsets[centre] + 1
                    out[2] = s
                    out[3] = e
                    out[4] = n
                    out[5] = m
    return best


@njit(cache=True, nogil=True)
def observed(
    centres, offsets, places, closed, cell_starts, cell_days, cell_counts,
    kind, cases, total, separable, factor, clock, divisor, measures,
    prospective, longest, fewest, slack,
):  # fmt: skip
    """Best window of each centre: value, places, first day, last day, count, measure."""
    width = len(clock)
    limits = np.full(1, math.inf)
    zone_counts = np.zeros(width, np.int64)
    days = np.zeros(width, np.int64)
    zone_measure = np.zeros(width)
    result = np.zeros((len(centres), 6))
    for i in range(len(centres)):
        scan_centre(
            centres[i], offsets, places, closed, cell_starts, cell_days, cell_counts,
            kind, cases, total, separable, factor, clock, divisor, measures,
            prospective, longest, fewest, limits, 0.0, slack,
            zone_counts, days, zone_measure, result[i],
        )  # fmt: skip
    return result
