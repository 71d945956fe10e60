"""Compiled loops of the rhythm."""

from __future__ import annotations

import numpy as np

from samverkan.analysis._compiled import kernel

WEEK = 168
HOUR = 3600


@kernel
def aoristic(start, end, changes, offsets, total, squares, tally) -> None:
    """Add each event's weights to `total`, their squares to `squares` (both 168).

    start, end: UTC seconds, start <= end. changes: UTC seconds where the
    zone's offset changes; offsets: seconds east of UTC, one more than changes.
    tally: points, points at local midnight, spans, spans of a week or more.
    """
    one = np.zeros(WEEK)
    at = 0
    last = changes.size
    for i in range(start.size):
        s = start[i]
        e = end[i]
        while at < last and s >= changes[at]:
            at += 1
        while at > 0 and s < changes[at - 1]:
            at -= 1
        local = s + offsets[at]
        length = e - s
        if length == 0:
            b = (local // HOUR + 72) % WEEK  # 1970-01-01 was a Thursday
            total[b] += 1.0
            squares[b] += 1.0
            tally[0] += 1
            if local % 86400 == 0:
                tally[1] += 1
            continue
        tally[2] += 1
        if length >= WEEK * HOUR:
            tally[3] += 1
            for b in range(WEEK):
                total[b] += 1.0 / WEEK
                squares[b] += 1.0 / (WEEK * WEEK)
            continue
        per_second = 1.0 / length
        if (at == last or e <= changes[at]) and length <= (WEEK - 1) * HOUR:
            # No change of the clock inside and no hour met twice: straight through.
            hour = local // HOUR
            first = (hour + 1) * HOUR - local
            b = (hour + 72) % WEEK
            if first >= length:
                total[b] += 1.0
                squares[b] += 1.0
                continue
            w = first * per_second
            total[b] += w
            squares[b] += w * w
            left = length - first
            full = left // HOUR
            w = HOUR * per_second
            ww = w * w
            b += 1
            stop = min(b + full, WEEK)
            for k in range(b, stop):
                total[k] += w
                squares[k] += ww
            for k in range(b + full - stop):
                total[k] += w
                squares[k] += ww
            w = (left - full * HOUR) * per_second
            b = (b + full) % WEEK
            total[b] += w
            squares[b] += w * w
            continue
        one[:] = 0.0
        now = s
        j = at
        while now < e:
            until = e
            if j < last and changes[j] < until:
                until = changes[j]
            local = now + offsets[j]
            while now < until:
                hour = local // HOUR
                step = min((hour + 1) * HOUR - local, until - now)
                one[(hour + 72) % WEEK] += step
                now += step
                local += step
            j += 1
        for b in range(WEEK):
            w = one[b] * per_second
            total[b] += w
            squares[b] += w * w
