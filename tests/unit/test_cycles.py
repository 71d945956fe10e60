"""Weeks and cycles: pure arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.domain.est.week.cycles import first_of, length, reported_week
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


@pytest.mark.parametrize("weeks", range(1, 9))
def test_cycles_are_counted_from_the_first_week_of_2024(weeks: int) -> None:
    start = Week(2024, 1)
    assert first_of(start, weeks) == first_of(start.plus(weeks - 1), weeks) == start
    assert first_of(start.plus(-1), weeks) == start.plus(-weeks)


def test_the_municipality_says_how_long_a_cycle_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samverkan.foundation.municipality.get", {"est.cycle_weeks": "2"}.__getitem__)
    assert length() == 2
    assert reported_week(date(2024, 1, 16)) == Week(2024, 1)
    monkeypatch.setenv("SAMVERKAN_TODAY", "2024-01-30")
    assert reported_week() == Week(2024, 3)
    assert reported_week(weeks=1) == Week(2024, 4)


def test_weeks_are_counted_in_whole_numbers_from_the_first_monday_of_1970() -> None:
    assert [Week(1970, 2).index, Week(1970, 3).index, Week(2024, 1).index] == [0, 1, 2817]
    assert isinstance(Week(2026, 47).index, int), "a key of rows and of the database"


def test_the_first_and_the_last_year_that_is_read() -> None:
    assert [Week.parse(text).year for text in ("1900-W01", "2200-W01")] == [1900, 2200]
    for text in ("1899-W52", "2201-W01"):
        with pytest.raises(ValueError, match="2026-W47"):
            Week.parse(text)


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "2026W47", "v47", "", "2026-W00"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"week"):
        Week.parse(text)
