"""When the clocks of a zone change. No compiled code, so that a web process may ask too."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from samverkan.analysis.errors import BadInput

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def clock_changes(zone: str, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Changes of a zone's offset between two UTC seconds, and the offsets around them.

    Returns (changes, offsets) with offsets one longer; seconds, east positive.
    """
    info = zone_of(zone)
    # Whole years, so that the table of one data set serves the next.
    begin = (_EPOCH + dt.timedelta(seconds=first)).year
    finish = (_EPOCH + dt.timedelta(seconds=last)).year + 1
    changes, offsets = _year_changes(info, begin, finish)
    return np.array(changes, np.int64), np.array(offsets, np.int64)


@lru_cache(maxsize=16)
def _year_changes(info: ZoneInfo, begin: int, finish: int) -> tuple[list[int], list[int]]:
    def offset(at: int) -> int:
        moment = _EPOCH + dt.timedelta(seconds=at)
        shift = moment.astimezone(info).utcoffset()
        return int(shift.total_seconds()) if shift is not None else 0

    day = 86_400
    now = int((dt.datetime(begin, 1, 1, tzinfo=dt.UTC) - _EPOCH).total_seconds()) - 2 * day
    stop = int((dt.datetime(finish, 1, 1, tzinfo=dt.UTC) - _EPOCH).total_seconds()) + 2 * day
    changes: list[int] = []
    offsets = [offset(now)]
    while now < stop:
        if offset(now + day) != offsets[-1]:
            low, high = now, now + day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            changes.append(high)
            offsets.append(offset(high))
        now += day
    return changes, offsets


def zone_of(name: str) -> ZoneInfo:
    """The zone with a name. Raises BadInput when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"zone: {name!r} is not a time zone; try Europe/Stockholm.") from error
