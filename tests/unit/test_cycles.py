"""Weeks and cycles: pure arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.domain.est.week.cycles import first_of, reported_week
from samverkan.foundation.weeks import Week

DAYS = st.dates(date(2016, 1, 1), date(2040, 12, 31))


@given(DAYS)
def test_a_week_holds_its_days_and_is_read_as_it_is_written(day: date) -> None:
    week = Week.of(day)
    assert week.monday <= day <= week.sunday
    assert Week.parse(str(week)) == week == Week.from_index(week.index)
    assert week.plus(1).monday == week.monday + timedelta(days=7)
    begin, end = week.span
    # Clocks change on Sundays: a week lasts 167, 168 or 169 hours.
    assert (end - begin) / timedelta(hours=1) in {167, 168, 169}


@given(DAYS, st.integers(1, 8))
def test_cycles_follow_each_other_without_gap(day: date, weeks: int) -> None:
    first = first_of(Week.of(day), weeks)
    assert first <= Week.of(day) < first.plus(weeks)
    assert first_of(first.plus(weeks), weeks) == first.plus(weeks)
    told = reported_week(day, weeks)
    assert told.plus(weeks) == first


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "2026W47", "v47", "", "2026-W00"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"week"):
        Week.parse(text)
