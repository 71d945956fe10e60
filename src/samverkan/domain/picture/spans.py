"""Events that are known only as a span of time: each is spread evenly over the hours of its span.

The same weights as ``analysis.rhythm.aoristic`` gives, in plain numpy: that one compiles its loops,
which a web process must not carry. Spans are few, so they are kept beside the columns and not in them. Numpy only.

Reference: Ratcliffe 2002, Journal of Quantitative Criminology 18:23.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from samverkan.analysis.zones import clock_changes
from samverkan.foundation import clock

HOUR = 3600
WEEK_HOURS = 168
#: Spans taken at a time, each of at most 169 hours.
_CHUNK = 20_000

#: (spans, 3): the row's position, start and end as seconds since 1970, end not included.
Spans = NDArray[np.int64]


def none() -> Spans:
    """No spans."""
    return np.zeros((0, 3), np.int64)


def spread(rows: Iterable[tuple[int, datetime, datetime | None]]) -> Spans:
    """(spans, 3) of keys, starts and ends: those with an end, longer than nothing and shorter than a week.

    A span of a week or more says nothing of the hour, and stays where the hour is unknown.
    """
    known = [(key, int(a.timestamp()), int(b.timestamp())) for key, a, b in rows if b is not None]
    found = np.array(known, np.int64).reshape(-1, 3)
    length = found[:, 2] - found[:, 1]
    return found[(length > 0) & (length < WEEK_HOURS * HOUR)]


def placed(spans: Spans, keys: NDArray[np.integer]) -> Spans:
    """The spans with each key replaced by its position among ``keys``, in that order; others are left out."""
    if not len(spans) or not len(keys):
        return none()
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], spans[:, 0]), len(keys) - 1)
    known = keys[order[at]] == spans[:, 0]
    positions = order[at[known]]
    result = np.column_stack([positions, spans[known, 1:]])
    return result[np.argsort(positions, kind="stable")]


def weights(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    """(7, 24): how much of the spans lies in each hour of Stockholm's clock, Monday first; the sum is their number.

    ``start`` and ``end`` are seconds since 1970, each span longer than nothing and shorter than a week.
    """
    total = np.zeros(WEEK_HOURS)
    if not len(start):
        return total.reshape(7, 24)
    changes, offsets = clock_changes(str(clock.STOCKHOLM), int(start.min()), int(end.max()))
    for low in range(0, len(start), _CHUNK):
        s, e = start[low : low + _CHUNK], end[low : low + _CHUNK]
        first = s // HOUR
        pieces = (e - 1) // HOUR - first + 1
        which = np.repeat(np.arange(len(s)), pieces)
        hour = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        inside = np.minimum(e[which], (hour + 1) * HOUR) - np.maximum(s[which], hour * HOUR)
        # Stockholm's clock has always been moved by whole hours, at whole hours.
        local = hour + offsets[np.searchsorted(changes, hour * HOUR, side="right")] // HOUR
        # 1970-01-01 was a Thursday.
        total += np.bincount((local + 72) % WEEK_HOURS, weights=inside / (e - s)[which], minlength=WEEK_HOURS)
    return total.reshape(7, 24)
