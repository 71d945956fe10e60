"""The only place that tells the time.

Everything else asks here, so that a demonstration, a picture in the documentation or a test
can fix the day with the environment variable ``SAMVERKAN_TODAY`` (``YYYY-MM-DD``). The time of
day then still runs, which keeps the order of events.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@lru_cache(maxsize=4)
def _fixed_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"SAMVERKAN_TODAY is '{text}'. Write a date such as 2026-11-23.") from None


def now() -> datetime:
    """The present instant, in UTC and aware."""
    real = datetime.now(UTC)
    text = os.environ.get("SAMVERKAN_TODAY")
    if not text:
        return real
    local = real.astimezone(STOCKHOLM)
    day = _fixed_day(text)
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def today() -> date:
    """The present date in Stockholm."""
    return now().astimezone(STOCKHOLM).date()


def local(moment: datetime) -> datetime:
    """The same instant on a Stockholm clock."""
    return moment.astimezone(STOCKHOLM)


def day_span(first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """The half-open span of instants that covers whole Stockholm days, in UTC.

    ``last`` is inclusive and defaults to ``first``. A day may be 23, 24 or 25 hours long.
    """
    end = (last or first) + timedelta(days=1)
    return (
        datetime(first.year, first.month, first.day, tzinfo=STOCKHOLM).astimezone(UTC),
        datetime(end.year, end.month, end.day, tzinfo=STOCKHOLM).astimezone(UTC),
    )
