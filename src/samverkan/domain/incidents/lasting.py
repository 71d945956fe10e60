"""Whose words an incident is told in, and how long it lasts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from samverkan.foundation import clock

from .models import Incident, Kind, SourceKind, TimePrecision

#: Sources whose incidents are written in the installation itself.
OWN_SOURCES = (SourceKind.PARTNERS, SourceKind.FAULTS)
#: Kinds that go on until somebody says that they are over.
LASTING = (Kind.DEVELOPMENT, Kind.PLACE_FEATURE)


def is_own(incident: Incident) -> bool:
    """Whether the incident was recorded in the installation, and not read from a source of its own."""
    return incident.source.kind in OWN_SOURCES


def lasts(incident: Incident) -> bool:
    """Whether it is a development or a place feature, which can end."""
    return incident.kind in LASTING


def time_of(
    day: date, at: time | None, until_day: date | None, until_at: time | None
) -> tuple[datetime, datetime | None, str]:
    """Start, end (not included) and precision of what was written as days and times of day."""
    start = datetime.combine(day, at or time.min, clock.STOCKHOLM)
    last = until_day or day
    if not until_at and (until_day is None or (last == day and not at)):
        return start, None, TimePrecision.MINUTE if at else TimePrecision.DAY
    ended = datetime.combine(last, until_at, clock.STOCKHOLM) if until_at else clock.day_span(last)[1]
    return start, ended, TimePrecision.SPAN


def last_day(ended_at: datetime) -> date:
    """The last day of a span whose end is not included."""
    return clock.local(ended_at - timedelta(microseconds=1)).date()
