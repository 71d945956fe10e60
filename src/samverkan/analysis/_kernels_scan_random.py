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

``largest_any`` for every interval: the largest count of any window of a given
length, found for all its days together, is held against the critical count of
the zone's least measure for that length.

Random numbers: see ``_kernels_random``; unequal cells by Walker's alias method as
arranged by Vose (1991, IEEE TSE 17:972).
"""

# Numba takes the types from the arguments.
# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False, check-untyped-defs=False
from __future__ import annotations

import math

import numpy as np
from numba import uint64

from samverkan.analysis._compiled import kernel, kernel_part
from samverkan.analysis._kernels_random import below, next_word
from samverkan.analysis._kernels_scan import beats, likelihood

PERMUTE, DRAW, CHOOSE = 0, 1, 2


@kernel
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


def lag_steps(lanes, bits, width):
    """``steps[lag]``: words with one in every lane of more than ``lag`` days."""
    per = 64 // bits
    chunks = -(-lanes // (per * width))
    steps = np.zeros((lanes, chunks, width), np.uint64)
    for d in range(lanes):
        word = d // per
        steps[: d + 1, word // width, word % width] += np.uint64(1 << ((d % per) * bits))
    return steps


@kernel_part
def _screen_one(begin, end, places, rows, counts, bias):
    """All lanes' top bits ever set along one centre's list, one word a place."""
    a = hit = uint64(0)
    for p in range(begin, end):
        a += counts[places[p]]
        hit |= a + bias[rows[p]]
    return hit


@kernel_part
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


@kernel_part
def _judge(
    begin,
    end,
    places,
    rows,
    counts,
    first,
    lanes,
    per,
    bits,
    held,
    critical,
    measures,
    kind,
    cases,
    total,
    best,
):
    """The exact best of one centre whose screening raised a bit, or ``best``."""
    mask = (uint64(1) << uint64(bits)) - uint64(1)
    width = len(held)
    for w in range(width):
        held[w] = uint64(0)
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


@kernel
def replicate_recent(
    state,
    result,
    how,
    slots,
    cell_day,
    given,
    odds,
    alias,
    cells,
    where,
    when,
    offsets,
    places,
    rows,
    measures,
    thresholds,
    critical,
    biases,
    bits,
    steps,
    kind,
    cases,
    total,
    last_day,
    counts,
    held,
):
    """The largest statistic of each replicate over windows that reach the last day.

    ``steps[lag]`` adds one to every lane of more than ``lag`` days.
    """
    lanes, chunks, width = steps.shape
    per = 64 // bits
    high = uint64(0)
    for i in range(per):
        high |= uint64(1) << uint64(i * bits + bits - 1)
    for b in range(len(result)):
        sample(state, how, slots, cell_day, given, odds, alias, cells, where, when)
        counts[:] = uint64(0)
        for i in range(len(where)):
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
                            begin,
                            end,
                            places,
                            rows,
                            joined,
                            chunk * width * per,
                            lanes,
                            per,
                            bits,
                            held,
                            critical[stage],
                            measures,
                            kind,
                            cases,
                            total,
                            best,
                        )
            if best >= thresholds[stage]:
                break
        result[b] = best


@kernel
def tally(where, when, prefix):
    """Drawn cases as running counts per place."""
    for i in range(len(where)):
        prefix[where[i], when[i] + 1] += 1
    for place in range(len(prefix)):
        row = prefix[place]
        for t in range(1, len(row)):
            row[t] += row[t - 1]


@kernel_part
def _peak(zone, length):
    """The largest count of any window of ``length`` days."""
    most = np.int32(0)
    # Indexed from zero in both, which lets the compiler take many days at once.
    later = zone[length:]
    for s in range(len(later)):
        count = np.int32(later[s] - zone[s])
        if count > most:
            most = count
    return most


@kernel
def largest_any(
    prefix,
    offsets,
    places,
    rows,
    critical,
    edges,
    kind,
    cases,
    total,
    separable,
    factor,
    clock,
    divisor,
    measures,
    best,
    zone,
    zone_measure,
):
    """The largest statistic of any window of the drawn cases, if above ``best``.

    ``critical[row, length - 1]`` is the fewest cases that can matter in a zone.
    A class of lengths (``edges``) is passed over when its longest holds fewer
    than its shortest needs.
    """
    days = prefix.shape[1]
    for c in range(len(offsets) - 1):
        mass = 0.0
        zone[:] = 0
        summed = offsets[c]
        if not separable:
            zone_measure[:] = 0.0
        for p in range(offsets[c], offsets[c + 1]):
            place, row = places[p], rows[p]
            mass += factor[place]
            if prefix[place, days - 1] == 0:
                continue
            for t in range(days):
                zone[t] += prefix[place, t]
            for k in range(len(edges) - 1):
                shortest, longest = edges[k] + 1, edges[k + 1]
                if _peak(zone, longest) < critical[row, shortest - 1]:
                    continue
                for length in range(shortest, longest + 1):
                    needed = critical[row, length - 1]
                    if _peak(zone, length) < needed:
                        continue
                    if not separable:
                        for q in range(summed, p + 1):
                            for t in range(days):
                                zone_measure[t] += measures[places[q], t]
                        summed = p + 1
                    for s in range(days - length):
                        n = zone[s + length] - zone[s]
                        if n >= needed:
                            inside = mass * (clock[s + length] - clock[s]) / divisor
                            m = inside if separable else zone_measure[s + length] - zone_measure[s]
                            best = max(best, beats(kind, n, m, cases, total, best))
    return best


def vose(weights):
    """Alias tables for drawing index i with probability proportional to ``weights[i]``."""
    width = len(weights)
    odds = weights * (width / math.fsum(weights))
    alias = np.arange(width, dtype=np.int64)
    _vose(odds, alias)
    return odds, alias


@kernel
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
