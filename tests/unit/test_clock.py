"""The time that everything asks for, and the day that can be fixed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from samverkan.foundation import clock
from samverkan.foundation.weeks import Week


@pytest.fixture(autouse=True, params=["Europe/Stockholm", "Pacific/Auckland"])
def computer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stockholm's days hold wherever the computer believes that it stands."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


def test_the_present_is_in_utc_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMVERKAN_TODAY", raising=False)
    before = datetime.now(UTC)
    told = clock.now()
    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == timedelta(0)
    monkeypatch.setenv("SAMVERKAN_TODAY", "")
    assert before <= clock.now() <= datetime.now(UTC)


@pytest.mark.parametrize("day", [date(2019, 4, 5), date(2031, 12, 28)])
def test_a_fixed_day_keeps_the_time_of_day(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", day.isoformat())
    real, told = datetime.now(clock.STOCKHOLM), clock.now()
    assert told.utcoffset() == timedelta(0)
    there = told.astimezone(clock.STOCKHOLM)
    assert there.date() == day == clock.today()
    gone = timedelta(hours=there.hour, minutes=there.minute, seconds=there.second)
    since = timedelta(hours=real.hour, minutes=real.minute, seconds=real.second)
    assert abs(gone - since) < timedelta(seconds=5) or abs(gone - since) > timedelta(hours=23)
    assert Week.current() == Week.of(day)


def test_a_day_that_is_none_is_told_how_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "i morgon")
    with pytest.raises(ValueError, match=r"'i morgon'.*2026-11-23"):
        clock.now()


def test_an_instant_has_stockholms_clock_and_date() -> None:
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert clock.local(late).isoformat() == "2026-07-01T00:30:00+02:00"
    assert clock.local(late) == late
    assert Week.containing(datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == Week(2026, 47)
    assert Week.containing(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == Week(2026, 48)


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        (date(2026, 11, 23), None, "2026-11-22T23:00", "2026-11-23T23:00"),
        (date(2026, 11, 23), date(2026, 11, 29), "2026-11-22T23:00", "2026-11-29T23:00"),
        # Summer time begins and ends: days of 23 and of 25 hours.
        (date(2026, 3, 29), None, "2026-03-28T23:00", "2026-03-29T22:00"),
        (date(2026, 10, 25), None, "2026-10-24T22:00", "2026-10-25T23:00"),
        (date(2026, 12, 31), None, "2026-12-30T23:00", "2026-12-31T23:00"),
    ],
)
def test_days_are_whole_in_stockholm(first: date, last: date | None, begins: str, ends: str) -> None:
    found = clock.day_span(first, last)
    assert [f"{moment:%Y-%m-%dT%H:%M}" for moment in found] == [begins, ends]
    assert all(moment.utcoffset() == timedelta(0) for moment in found)
