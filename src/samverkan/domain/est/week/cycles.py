"""Cycles of EST: one or more ISO weeks, counted from a fixed Monday. Pure arithmetic."""

from __future__ import annotations

from datetime import date

from samverkan.foundation import clock, municipality
from samverkan.foundation.weeks import Week

#: Cycles of several weeks are counted from this week (the first of 2024), so that all agree.
ANCHOR = Week(2024, 1).index


def length() -> int:
    """Weeks in a cycle, by the municipality's setting."""
    return int(municipality.get("est.cycle_weeks"))


def first_of(week: Week, weeks: int) -> Week:
    """The first week of the cycle that holds a week."""
    return Week.from_index(week.index - (week.index - ANCHOR) % weeks)


def reported_week(today: date | None = None, weeks: int | None = None) -> Week:
    """The cycle to go through now: the latest one that has ended."""
    n = weeks or length()
    return Week.from_index(first_of(Week.of(today or clock.today()), n).index - n)
