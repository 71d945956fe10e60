"""Compiled loops over pairs of events that are near each other in space.

Events lie in strips: sorted by strip of y, then by x. A strip is a little
higher than the reach, so the partners of an event are in its own strip or a
neighbouring one, within a window of x. No grid is laid out, so one stray
coordinate costs nothing, and events that are near are near in memory too.

A pair is listed once, under the event that comes first in this order. Its
*class* is the number of cuts at or below its distance (0 = before the first
cut); classes are found once and everything after counts whole numbers.

The replicates go 32 at a time: row ``i`` of ``lanes`` holds the time rank that
event ``i`` has in each of 32 replicates. Whether a partner's time is within a
cut is then one subtraction and one unsigned comparison for all 32 at once,
since the ranks within a cut of a given rank are one interval of ranks.
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from samverkan.analysis._compiled import kernel, kernel_part

#: Replicates that are counted side by side: 32 ranks of 16 bits are one cache line.
LANES = 32
EUCLIDEAN, MANHATTAN = 0, 1
# A count in a lane is as wide as a rank, so longer runs are counted in parts.
_RUN = 65_535


@kernel_part
def distance(metric, x1, y1, x2, y2):
    """The distance that every function here agrees on, to the last bit."""
    dx, dy = x2 - x1, y2 - y1
    if metric == MANHATTAN:
        return abs(dx) + abs(dy)
    return math.sqrt(dx * dx + dy * dy)


@kernel_part
def class_of(d, cuts):
    """How many of the rising ``cuts`` are at or below ``d``."""
    k = 0
    for c in range(len(cuts)):
        k += cuts[c] <= d
    return k


@kernel_part
def _windows(x, strips, reach, i, strip, first, last):
    """Where the later partners of ``i`` can be: two runs, put in ``first`` and ``last``.

    The run in its own strip begins after ``i``; the one in the next strip begins
    at ``first[1]``, which only moves forward while ``i`` moves along its strip.
    """
    end = strips[strip + 1]
    q = max(last[0], i + 1)
    while q < end and x[q] - x[i] <= reach:
        q += 1
    first[0], last[0] = i + 1, q
    end = strips[strip + 2]
    p = first[1]
    while p < end and x[i] - x[p] > reach:
        p += 1
    q = max(last[1], p)
    while q < end and x[q] - x[i] <= reach:
        q += 1
    first[1], last[1] = p, q


@kernel_part
def _begin(strips, strip, i, first, last):
    """The strip of ``i``, at or after ``strip``, with the windows set to its beginning."""
    while strips[strip + 1] <= i:
        strip += 1
    first[0] = last[0] = i + 1
    first[1] = last[1] = strips[strip + 1]
    return strip


@kernel_part
def _copy(values, used, size):
    """The first ``used`` values in an array of ``size`` (a plain loop compiles ten times faster)."""
    result = np.empty(size, values.dtype)
    for i in range(used):
        result[i] = values[i]
    return result


@kernel
def walk_pairs(x, y, strips, reach, metric, cuts, degree, slots, begin, most):
    """Go over all pairs within reach once: count them in ``degree`` or list them by ``slots``.

    ``strips`` is the first event of each strip, then the number of events twice; a
    strip followed by an empty row of y has an empty strip after it. ``degree``
    (int32 [classes, events], or empty) gets each event's partners by class.
    ``slots[class]`` is the place of a class in the list, -1 when it is left out.

    Listing starts with event ``begin`` and stops before the row that would take the
    list past ``most`` partners, but lists one row at least. Returns the event after
    the last one listed, offsets (int64, rows × slots + 1) and partners (int32).
    Two jobs in one function because it is compiled once.
    """
    n = len(x)
    width = 0
    for k in range(len(slots)):
        width = max(width, slots[k] + 1)
    offsets = np.zeros((n - begin) * width + 1, np.int64)
    partners = np.empty(min(most, 4 * n + 1024), np.int32)
    first, last = np.zeros(2, np.int64), np.zeros(2, np.int64)
    fill = np.zeros(width, np.int64)
    found = np.empty(n, np.int32)
    slot = np.empty(n, np.int16)
    used = 0
    strip = -1
    for i in range(begin, n):
        if strip < 0 or i >= strips[strip + 1]:
            strip = _begin(strips, max(strip, 0), i, first, last)
        _windows(x, strips, reach, i, strip, first, last)
        for s in range(width):
            fill[s] = 0
        here = 0
        for part in range(2):
            for j in range(first[part], last[part]):
                k = class_of(distance(metric, x[i], y[i], x[j], y[j]), cuts)
                if len(degree) > 0:
                    degree[k, i] += 1
                    degree[k, j] += 1
                elif slots[k] >= 0:
                    found[here] = j
                    slot[here] = slots[k]
                    here += 1
                    fill[slots[k]] += 1
        if used > 0 and used + here > most:
            return i, offsets[: (i - begin) * width + 1], _copy(partners, used, used)
        if used + here > len(partners):
            partners = _copy(partners, used, max(used + here, min(most, 2 * len(partners))))
        row = (i - begin) * width
        for s in range(width):
            offsets[row + s + 1] = offsets[row + s] + fill[s]
            fill[s] = offsets[row + s]
        for k in range(here):
            partners[fill[slot[k]]] = found[k]
            fill[slot[k]] += 1
        used += here
    return n, offsets, _copy(partners, used, used)


@kernel
def rank_intervals(times, cuts):
    """For each cut and rank, the ranks whose time differs by less than the cut.

    ``times`` are the distinct times, rising. A difference of doubles never
    falls when one of them rises, so the ranks are an interval and no rounding
    is lost. Returns first and last rank, int64 [cuts, ranks]; last < first when
    there is none.
    """
    n = len(times)
    first = np.zeros((len(cuts), n), np.int64)
    last = np.zeros((len(cuts), n), np.int64)
    for c in range(len(cuts)):
        if not cuts[c] > 0.0:
            for a in range(n):
                last[c, a] = -1
            continue
        low = high = 0
        for a in range(n):
            while not times[a] - times[low] < cuts[c]:
                low += 1
            high = max(high, a)
            while high + 1 < n and times[high + 1] - times[a] < cuts[c]:
                high += 1
            first[c, a] = low
            last[c, a] = high
    return first, last


def _counter(cuts):
    """The innermost loop, for ``cuts`` neighbouring cuts at a time.

    ``counts[c] += (lanes[partner] - first[c]) <= width[c]`` for partners
    start..stop-1 and cuts c..c+cuts-1, in unsigned arithmetic of the rank's
    width. It is written as vectors of 32 lanes, for any processor, so that the
    counts stay in registers over the whole run.
    """

    @intrinsic
    def count(typingctx, counts, lanes, partners, start, stop, first, width, c):
        signature = types.void(counts, lanes, partners, types.int64, types.int64, first, width, types.int64)

        def generate(context, builder, signature, args):
            bits = signature.args[1].dtype.bitwidth
            word = ir.IntType(64)
            vector = ir.VectorType(ir.IntType(bits), LANES)
            ones = ir.Constant(vector, [ir.Constant(vector.element, 1)] * LANES)

            def data(k):
                return context.make_array(signature.args[k])(context, builder, args[k]).data

            def lanes_at(k, row):
                place = builder.gep(data(k), [builder.mul(row, ir.Constant(word, LANES))])
                return builder.bitcast(place, vector.as_pointer())

            def load(pointer):
                return builder.load(pointer, align=bits // 8)

            rows = [builder.add(args[7], ir.Constant(word, k)) for k in range(cuts)]
            low = [load(lanes_at(5, row)) for row in rows]
            span = [load(lanes_at(6, row)) for row in rows]
            totals = [cgutils.alloca_once(builder, vector) for _ in rows]
            for total, row in zip(totals, rows, strict=True):
                builder.store(load(lanes_at(0, row)), total)
            step = ir.Constant(word, 1)
            with cgutils.for_range_slice(builder, args[3], args[4], step, intp=word) as (k, _):
                partner = builder.zext(builder.load(builder.gep(data(2), [k])), word)
                ranks = load(lanes_at(1, partner))
                for total, least, most in zip(totals, low, span, strict=True):
                    within = builder.icmp_unsigned("<=", builder.sub(ranks, least), most)
                    before = builder.load(total)
                    builder.store(builder.select(within, builder.add(before, ones), before), total)
            for total, row in zip(totals, rows, strict=True):
                builder.store(builder.load(total), lanes_at(0, row), align=bits // 8)
            return context.get_dummy_value()

        return signature, generate

    return count


_count_one = _counter(1)
_count_four = _counter(4)


@kernel
def count_lanes(begin, end, offsets, partners, lanes, first, width, out):
    """Count, for every lane, the listed pairs whose times are within each cut.

    ``first`` and ``width`` (last minus first rank) are of the type of the ranks,
    [cuts, ranks]; ``out`` is int64 [lanes, slots, cuts] and is added to.
    """
    slots, cuts = out.shape[1], out.shape[2]
    low = np.empty((cuts, LANES), lanes.dtype)
    span = np.empty((cuts, LANES), lanes.dtype)
    counts = np.zeros((slots, cuts, LANES), lanes.dtype)
    pending = np.zeros(slots, np.int64)
    for i in range(begin, end):
        row = (i - begin) * slots
        if offsets[row] == offsets[row + slots]:
            continue
        for c in range(cuts):
            for r in range(LANES):
                rank = lanes[i, r]
                low[c, r] = first[c, rank]
                span[c, r] = width[c, rank]
        for s in range(slots):
            start, stop = offsets[row + s], offsets[row + s + 1]
            while start < stop:
                part = min(stop, start + _RUN)
                if pending[s] + part - start > _RUN:
                    _flush(counts[s], out, s)
                    pending[s] = 0
                pending[s] += part - start
                c = 0
                while c + 4 <= cuts:
                    _count_four(counts[s], lanes, partners, start, part, low, span, c)
                    c += 4
                while c < cuts:
                    _count_one(counts[s], lanes, partners, start, part, low, span, c)
                    c += 1
                start = part
    for s in range(slots):
        _flush(counts[s], out, s)


@kernel_part
def _flush(counts, out, slot):
    """Move the narrow ``counts`` of a slot into ``out`` before they can overflow."""
    for c in range(counts.shape[0]):
        for r in range(LANES):
            out[r, slot, c] += counts[c, r]
            counts[c, r] = 0


@kernel
def count_links(begin, end, offsets, partners, ranks, first, last, links):
    """Add to ``links`` each event's listed partners whose rank is within the one interval."""
    for i in range(begin, end):
        low, high = first[ranks[i]], last[ranks[i]]
        for k in range(offsets[i - begin], offsets[i - begin + 1]):
            j = partners[k]
            if low <= ranks[j] <= high:
                links[i] += 1
                links[j] += 1


@kernel
def hypergeometric_tail(population, marked, drawn, least):
    """P(X >= least), X the marked among ``drawn`` of ``population``; arrays of equal length.

    The terms are built outwards from the largest by their ratios and divided
    by their sum, so there are no factorials to lose digits in.
    """
    out = np.empty(len(least))
    for i in range(len(least)):
        total, good, draws, x = population[i], marked[i], drawn[i], least[i]
        bottom, top = max(0, draws + good - total), min(draws, good)
        if x <= bottom:
            out[i] = 1.0
            continue
        if x > top:
            out[i] = 0.0
            continue
        mode = min(max((draws + 1) * (good + 1) // (total + 2), bottom), top)
        everything, tail = 1.0, 1.0 if mode >= x else 0.0
        term = 1.0
        for k in range(mode, top):
            term *= (good - k) * (draws - k) / ((k + 1.0) * (total - good - draws + k + 1.0))
            everything += term
            if k + 1 >= x:
                tail += term
            if term < 1e-300:
                break
        term = 1.0
        for k in range(mode, bottom, -1):
            term *= k * (total - good - draws + k * 1.0) / ((good - k + 1.0) * (draws - k + 1.0))
            everything += term
            if k - 1 >= x:
                tail += term
            if term < 1e-300:
                break
        out[i] = min(1.0, tail / everything)
    return out
