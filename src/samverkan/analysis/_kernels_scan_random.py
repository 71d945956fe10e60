"""Compiled loops of the scan statistic: replicates under the null hypothesis.

A replicate draws where and when the cases would be without any cluster and
returns the exact largest statistic over all windows. Two scans do that:

``replicate_recent`` when every window ends on the last day (prospective) or
there is no time at all. The counts of a zone by length of the window lie side
by side in the lanes of 64-bit words, so adding a place is a handful of
additions, and one more addition of ``2**(bits-1) - critical`` sets the top bit of
every lane whose count reaches its critical count. Only those lanes are
evaluated. The critical counts belong to a threshold; a replicate that finds
nothing above it is scanned again with a lower one, so the maximum is exact.

``replicate_any`` for every interval, by the case days of each zone.

Random numbers: see ``_kernels_random``; unequal cells by Walker's alias method as
arranged by Vose (1991, IEEE TSE 17:972).
"""

# Numba takes the types from the arguments.
# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False, check-untyped-defs=False
from __future__ import annotations

import math

import numpy as np
from numba import njit, uint64

from samverkan.analysis._kernels_random import below, next_word
from samverkan.analysis._kernels_scan import likelihood, scan_centre

PERMUTE, DRAW, CHOOSE = 0, 1, 2


@njit(cache=True, nogil=True)
def sample(state, how, slots, cell_day, given, odds, alias, cells, places, times):
    """Draw one replicate's cases as (place, day).

    PERMUTE: the days ``given`` go to cases chosen without replacement, each slot
    being the place of a case. CHOOSE: cases chosen without replacement among
    individuals, each slot a cell. DRAW: cells with replacement by ``odds``.
    """
    picks = len(places)
    if how == DRAW:
        width = len(odds)
        for i in range(picks):
            u = (next_word(state) >> uint64(11)) * (width / 9007199254740992.0)
            cell = min(np.int64(u), width - 1)
            if u - cell >= odds[cell]:
                cell = alias[cell]
            places[i] = cells[cell]
            times[i] = cell_day[cell]
        return
    size = len(slots)
    for i in range(picks):
        j = i + below(state, size - i)
        chosen = slots[j]
        slots[j] = slots[i]
        slots[i] = chosen
        places[i] = cells[chosen]
        times[i] = given[i] if how == PERMUTE else cell_day[chosen]


def critical_counts(measures, limits, fewest, cap):
    """The smallest count whose statistic can reach the threshold, at most ``cap``."""
    found = np.searchsorted(limits[1:], measures.ravel(), side="right") + 1
    found = np.clip(found, fewest, None)
    return np.minimum(found, cap).astype(np.int32).reshape(measures.shape)


def pack(critical, bits, width):
    """Lane words of ``2**(bits-1) - critical``: chunks × (rows of ``width`` words each)."""
    rows, lanes = critical.shape
    per = 64 // bits
    words = -(-lanes // (per * width)) * width
    result = np.zeros((words, rows), np.uint64)
    bias = (1 << (bits - 1)) - critical.astype(np.uint64)
    for d in range(lanes):
        result[d // per] |= bias[:, d] << np.uint64((d % per) * bits)
    chunks = result.reshape(-1, width, rows).transpose(0, 2, 1)
    return np.ascontiguousarray(chunks).reshape(len(chunks), -1)


@njit(cache=True, nogil=True)
def _screen_one(begin, end, places, rows, counts, bias):
    """All lanes' top bits ever set along one centre's list, one word a place."""
    a = hit = uint64(0)
    for p in range(begin, end):
        a += counts[places[p]]
        hit |= a + bias[rows[p]]
    return hit


@njit(cache=True, nogil=True)
def _screen_three(begin, end, places, rows, counts, bias):
    """The same with three words a place. Without branches, it runs at the speed of the additions."""
    a = b = c = hit = uint64(0)
    for p in range(begin, end):
        i, j = uint64(places[p]) * uint64(3), uint64(rows[p]) * uint64(3)
        a += counts[i]
        b += counts[i + uint64(1)]
        c += counts[i + uint64(2)]
        hit |= (a + bias[j]) | (b + bias[j + uint64(1)]) | (c + bias[j + uint64(2)])
    return hit


@njit(cache=True, nogil=True)
def _judge(
    begin, end, places, rows, counts, first, lanes, per, bits, width,
    critical, measures, kind, cases, total, best,
):  # fmt: skip
    """The exact best of one centre whose screening raised a bit, or ``best``."""
    mask = (uint64(1) << uint64(bits)) - uint64(1)
    held = np.zeros(width, np.uint64)
    for p in range(begin, end):
        row = rows[p]
        for w in range(width):
            held[w] += counts[np.int64(places[p]) * width + w]
        for d in range(first, min(first + width * per, lanes)):
            word = held[(d - first) // per]
            n = np.int64((word >> uint64((d % per) * bits)) & mask)
            if n >= critical[row, d]:
                best = max(best, likelihood(kind, n, measures[row, d], cases, total))
    return best


@njit(cache=True, nogil=True)
def replicate_recent(
    seeds, replicates, how, slots, cell_day, given, odds, alias, cells, picks,
    offsets, places, rows, measures, thresholds, critical, biases, bits, width,
    kind, cases, total, n_places, last_day,
):  # fmt: skip
    """The largest statistic of each replicate over windows that reach the last day."""
    state = seeds.copy()
    own = slots.copy()
    where = np.empty(picks, np.int64)
    when = np.empty(picks, np.int64)
    lanes = measures.shape[1]
    chunks = biases.shape[1]
    per = 64 // bits
    high = uint64(0)
    for i in range(per):
        high |= uint64(1) << uint64(i * bits + bits - 1)
    # A case with lag l is in every window of more than l days.
    steps = np.zeros((lanes, chunks, width), np.uint64)
    for lag in range(lanes):
        for d in range(lag, lanes):
            w = d // per
            steps[lag, w // width, w % width] += uint64(1) << uint64((d % per) * bits)
    counts = np.zeros((chunks, n_places * width), np.uint64)
    result = np.zeros(replicates)
    for b in range(replicates):
        sample(state, how, own, cell_day, given, odds, alias, cells, where, when)
        counts[:] = uint64(0)
        for i in range(picks):
            lag = last_day - when[i]
            if lag < lanes:
                for chunk in range(chunks):
                    for w in range(width):
                        counts[chunk, where[i] * width + w] += steps[lag, chunk, w]
        best = 0.0
        for stage in range(len(thresholds)):
            for chunk in range(chunks):
                joined, bias = counts[chunk], biases[stage, chunk]
                for c in range(len(offsets) - 1):
                    begin, end = offsets[c], offsets[c + 1]
                    if width == 1:
                        hit = _screen_one(begin, end, places, rows, joined, bias)
                    else:
                        hit = _screen_three(begin, end, places, rows, joined, bias)
                    if hit & high:
                        best = _judge(
                            begin, end, places, rows, joined, chunk * width * per, lanes,
                            per, bits, width, critical[stage], measures, kind, cases, total, best,
                        )  # fmt: skip
            if best >= thresholds[stage]:
                break
        result[b] = best
    return result


@njit(cache=True, nogil=True)
def replicate_any(
    seeds, replicates, how, slots, cell_day, given, odds, alias, cells, picks,
    offsets, places, thresholds, limits, kind, cases, total,
    separable, factor, clock, divisor, measures, longest, fewest, n_places,
):  # fmt: skip
    """The largest statistic of each replicate over every interval of days."""
    state = seeds.copy()
    own = slots.copy()
    where = np.empty(picks, np.int64)
    when = np.empty(picks, np.int64)
    width = len(clock)
    closed = np.zeros(n_places, np.bool_)
    zone_counts = np.zeros(width, np.int64)
    days = np.zeros(width, np.int64)
    zone_measure = np.zeros(width)
    out = np.zeros(6)
    starts = np.zeros(n_places + 1, np.int64)
    cell_days = np.empty(picks, np.int64)
    cell_counts = np.empty(picks, np.int64)
    by_day = np.zeros(width + 1, np.int64)
    order = np.empty(picks, np.int64)
    result = np.zeros(replicates)
    for b in range(replicates):
        sample(state, how, own, cell_day, given, odds, alias, cells, where, when)
        # Two counting sorts: by day, then by place; then equal days are joined.
        by_day[:] = 0
        for i in range(picks):
            by_day[when[i] + 1] += 1
        for t in range(width):
            by_day[t + 1] += by_day[t]
        for i in range(picks):
            order[by_day[when[i]]] = i
            by_day[when[i]] += 1
        ends = np.zeros(n_places + 1, np.int64)
        for i in range(picks):
            ends[where[i] + 1] += 1
        for k in range(n_places):
            ends[k + 1] += ends[k]
        room = ends.copy()
        for position in range(picks):
            i = order[position]
            cell_days[room[where[i]]] = when[i]
            room[where[i]] += 1
        write = 0
        for k in range(n_places):
            starts[k] = write
            for q in range(ends[k], ends[k + 1]):
                if write > starts[k] and cell_days[write - 1] == cell_days[q]:
                    cell_counts[write - 1] += 1
                else:
                    cell_days[write] = cell_days[q]
                    cell_counts[write] = 1
                    write += 1
        starts[n_places] = write
        best = 0.0
        for stage in range(len(thresholds)):
            for c in range(len(offsets) - 1):
                best = scan_centre(
                    c, offsets, places, closed, starts, cell_days, cell_counts,
                    kind, cases, total, separable, factor, clock, divisor, measures,
                    False, longest, fewest, limits[stage], best, 0.0,
                    zone_counts, days, zone_measure, out,
                )  # fmt: skip
            if best >= thresholds[stage]:
                break
        result[b] = best
    return result


def vose(weights):
    """Alias tables for drawing index i with probability proportional to ``weights[i]``."""
    width = len(weights)
    odds = weights * (width / math.fsum(weights))
    alias = np.arange(width, dtype=np.int64)
    _vose(odds, alias)
    return odds, alias


@njit(cache=True, nogil=True)
def _vose(odds, alias):
    width = len(odds)
    small = np.empty(width, np.int64)
    large = np.empty(width, np.int64)
    few = many = 0
    for i in range(width):
        if odds[i] < 1.0:
            small[few] = i
            few += 1
        else:
            large[many] = i
            many += 1
    while few > 0 and many > 0:
        few -= 1
        poor = small[few]
        rich = large[many - 1]
        alias[poor] = rich
        odds[rich] = (odds[rich] + odds[poor]) - 1.0
        if odds[rich] < 1.0:
            many -= 1
            small[few] = rich
            few += 1
    for i in range(many):
        odds[large[i]] = 1.0
    for i in range(few):
        odds[small[i]] = 1.0
