"""Dates, times and weeks as people write them, in Swedish and English."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date

from .. import clock
from ..weeks import Week
from .numbers import NBSP, is_swedish, locale_of


def as_day(value: date | datetime) -> date:
    """The date in Stockholm."""
    return clock.local(value).date() if isinstance(value, datetime) else value


def date_words(value: date | datetime, language: str = "sv", *, weekday: bool = True, year: bool = True) -> str:
    """``måndag 23 november 2026``; English ``Monday 23 November 2026``."""
    pattern = ("EEEE " if weekday else "") + f"d{NBSP}MMMM" + (" y" if year else "")
    return format_date(as_day(value), pattern, locale_of(language))


def date_table(value: date | datetime) -> str:
    """``2026-11-23``, for tables and fields."""
    return as_day(value).isoformat()


def time_words(value: datetime, language: str = "sv") -> str:
    """``kl. 08.12``; English ``08:12``."""
    moment = clock.local(value)
    return f"kl.{NBSP}{moment:%H.%M}" if is_swedish(language) else f"{moment:%H:%M}"


def moment_table(value: datetime) -> str:
    """``2026-11-23 08:12``, for tables."""
    return f"{clock.local(value):%Y-%m-%d %H:%M}"


def near_words(value: date | datetime, language: str = "sv", today: date | None = None) -> str:
    """``i dag``, ``i går``, ``i morgon``, else the date; with the time of day when there is one."""
    day, today = as_day(value), today or clock.today()
    names = {0: ("i dag", "today"), -1: ("i går", "yesterday"), 1: ("i morgon", "tomorrow")}
    swedish = is_swedish(language)
    offset = (day - today) // timedelta(days=1)
    if offset in names:
        words = names[offset][0 if swedish else 1]
    else:
        words = date_words(day, language, weekday=False, year=day.year != today.year)
    if isinstance(value, datetime):
        words += (" " if swedish else " at ") + time_words(value, language)
    return words


def span_words(first: date, last: date, language: str = "sv") -> str:
    """``23–27 november 2026``, as short as it can be said."""
    if first == last:
        return date_words(first, language, weekday=False)
    end = date_words(last, language, weekday=False)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    return f"{date_words(first, language, weekday=False, year=first.year != last.year)} – {end}"


def week_words(week: Week | date, language: str = "sv") -> str:
    """``vecka 47, 2026``; English ``week 47, 2026``."""
    one = week if isinstance(week, Week) else Week.of(week)
    return f"{'vecka' if is_swedish(language) else 'week'}{NBSP}{one.number}, {one.year}"


def week_table(week: Week | date, language: str = "sv") -> str:
    """``2026 v. 47``; English ``2026 w. 47``."""
    one = week if isinstance(week, Week) else Week.of(week)
    return f"{one.year} {'v' if is_swedish(language) else 'w'}.{NBSP}{one.number}"
