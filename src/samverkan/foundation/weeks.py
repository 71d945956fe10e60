"""ISO weeks: Monday first, week 1 holds the year's first Thursday (ISO 8601)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import clock

_EPOCH = date(1970, 1, 5)  # a Monday
_YEARS = (1900, 2200)
_WRITTEN = re.compile(r"^(\d{4})-W(\d{2})$")


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week. ``str(week)`` is ``2026-W47``; weeks sort by time and can be counted."""

    year: int
    number: int

    def __post_init__(self) -> None:
        try:
            date.fromisocalendar(self.year, self.number, 1)
        except ValueError:
            raise ValueError(f"{self.year} has no week {self.number}.") from None

    @classmethod
    def parse(cls, text: str) -> Week:
        """Read ``2026-W47``; anything else is a ValueError that says how to write it."""
        match = _WRITTEN.match(text.strip())
        # Weeks outside these years are slips of the pen, and the database counts weeks in two bytes.
        if not match or not _YEARS[0] <= int(match[1]) <= _YEARS[1]:
            raise ValueError(f"'{text}' is not a week. Write for example 2026-W47.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Week:
        """The week that holds a date."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def containing(cls, moment: datetime) -> Week:
        """The week of an instant, by Stockholm's calendar."""
        return cls.of(clock.local(moment).date())

    @classmethod
    def current(cls) -> Week:
        return cls.of(clock.today())

    @classmethod
    def from_index(cls, index: int) -> Week:
        return cls.of(_EPOCH + timedelta(weeks=index))

    @property
    def index(self) -> int:
        """Whole weeks since Monday 5 January 1970."""
        return (self.monday - _EPOCH).days // 7

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Half-open, in UTC."""
        return clock.day_span(self.monday, self.sunday)

    def plus(self, weeks: int) -> Week:
        return Week.of(self.monday + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"
