"""Dates and times of day as people write them in a field, in a hurry and on a telephone."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from ..text import folded, plain

#: Days from today, by what they are called. Both languages: who writes does not choose first.
_NAMED = {
    "i dag": 0, "idag": 0, "today": 0, "i gar": -1, "igar": -1, "yesterday": -1, "i forrgar": -2, "forrgar": -2,
    "i morgon": 1, "imorgon": 1, "tomorrow": 1, "i overmorgon": 2, "overmorgon": 2,
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH = {"may": 5, "oct": 10}
_WEEKDAYS = {
    "mandag": 0, "tisdag": 1, "onsdag": 2, "torsdag": 3, "fredag": 4, "lordag": 5, "sondag": 6,
}  # fmt: skip
_LAST_WEEKDAY = re.compile(r"i (\w{5,9}?)(?:en|s)?")
_WHOLE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_SHORT = re.compile(r"(?:den )?(\d{1,2})(?:[/.-]| )(\d{1,2})(?:[/., -]{1,2}(\d{4}|\d{2}))?")
_IN_WORDS = re.compile(r"(?:\w{2,9} )?(?:den )?(\d{1,2})(?::?e|:?a|\.)? ?([a-z]{3,9})\.?,?(?: (\d{4}))?")
_TIME = re.compile(r"(?:kl\.? ?|klockan )?(\d{1,2})(?:[:.,](\d{2})(?:[:.]\d{2})?|(\d{2}))?")


def read_day(text: str, today: date) -> date | None:
    """A date as written, or None: ``2026-11-27``, ``20261127``, ``27/11``, ``27.11.26``, ``27 november``, ``i går``,
    ``i måndags``. Without a year it is the nearest to today, which for what is reported and planned is the one meant.
    """
    said = plain(text)
    if said in _NAMED:
        return today + timedelta(days=_NAMED[said])
    if found := _LAST_WEEKDAY.fullmatch(said):
        number = _WEEKDAYS.get(found[1])
        return None if number is None else today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
    if found := _WHOLE.fullmatch(said):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SHORT.fullmatch(said):
        return _near(int(found[1]), int(found[2]), found[3], today)
    if found := _IN_WORDS.fullmatch(said):
        word = found[2][:3]
        month = _ENGLISH.get(word) or (_MONTHS.index(word) + 1 if word in _MONTHS else 0)
        return _near(int(found[1]), month, found[3], today)
    return None


def _near(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    years = (_date(today.year + step, month, day) for step in (-1, 0, 1))
    return min((d for d in years if d), key=lambda d: abs(d - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """A time of day as written, or None: ``22.30``, ``22:30``, ``2230``, ``930``, ``22``, ``kl. 22,30``."""
    found = _TIME.fullmatch(folded(text))
    if not found:
        return None
    digits = found[1] + (found[3] or "")
    # "930" is half past nine: the first group takes two digits where there are three.
    hour, minute = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, found[2] or "0")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        return None
