"""Dates and times as people write them, and nothing that only looks like one.

Python's own ``fromisoformat`` is too kind: it reads ``14.30`` as fourteen hours and three tenths of a
second, and ``19800101-1212``, a personal number, as a time of day with an offset. Here a text is a
time only when it has one of the shapes below from its first sign to its last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .words import _

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "mars march mar",
            "april apr",
            "maj may",
            "juni june jun",
            "juli july jul",
            "augusti august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = (
    r"(?:(?:må|mån|ti|tis|on|ons|to|tor|tors|fr|fre|lö|lör|sö|sön|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)"
    r"(?:dag(?:en)?|sday|nesday|rsday|urday|day)?\.?,?\s+)?(?:den\s+)?"
)
_END = r"(?:,?\s+|T|,?\s*$)(?P<rest>.*)$"
#: Shapes of a date, each with the time of day, if any, after it.
_SHAPES = tuple(
    re.compile(r"^" + shape + _END, re.IGNORECASE)
    for shape in (
        r"(?P<y>\d{4})(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        _WEEKDAY + r"(?P<d>\d{1,2})(?::?[ea])?\.?\s*" + _MONTH + r"(?:,?\s*(?P<y>\d{4}))?",
        # 27-nov-25 is how spreadsheets in Swedish show a day.
        r"(?P<d>\d{1,2})-" + _MONTH + r"-(?:(?P<y>\d{4})|(?P<short>\d{2}))",
        r"(?:[a-z]+,?\s+)?" + _MONTH + r"\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{4}))?",
        _WEEKDAY + r"(?P<d>\d{1,2})(?P<mark>[.-])(?P<m>\d{1,2})(?P=mark)(?P<y>\d{4})",
        # 23/11 2026, 23/11-2026 and 23/11-26 are Swedish, the day first.
        _WEEKDAY + r"(?P<d>\d{1,2})/(?P<m>\d{1,2})(?:\s*-\s*(?P<short>\d{2})|(?:\s*-\s*|\s+)(?P<y>\d{4}))?(?=[\sT]|$)",
        # 03/04/2026 is the third of April in Europe and the fourth of March in America.
        r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<y>\d{4})",
    )
)
_CLOCK = re.compile(
    r"^(?:kl(?:ockan)?\.?\s*)?(?P<h>\d{1,2})(?:(?P<mark>[:.])(?P<m>\d{2})(?:(?P=mark)(?P<s>\d{2})(?:[.,]\d{1,9})?)?)"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?$",
    re.IGNORECASE,
)
_CLOCK_DIGITS = re.compile(
    # Spreadsheets take the zero away from 0930.
    r"^(?:kl(?:ockan)?\.?\s*)?(?P<h>\d{1,2})(?P<m>\d{2})(?P<s>\d{2})?(?P<zone>Z|[+-]\d{2}:?\d{2})?$",
    re.I,
)
_CLOCK_HOUR = re.compile(
    r"^(?:kl(?:ockan)?\.?\s*(?P<h>\d{1,2})|(?P<ah>\d{1,2})\s*(?P<half>[ap]\.?m\.?))$", re.IGNORECASE
)
_DAY_NUMBER = re.compile(r"^[2-7]\d{4}(?:[.,]\d+)?$")
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
#: Hyphens and dashes of print, and signs that are not seen.
_SIGNS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-") | dict.fromkeys(
    map(ord, "\u200b\u200e\u200f\ufeff")
)


_SLASHES = re.compile(r"\D{0,12}(\d{1,2})/(\d{1,2})/\d{4}")


class NotATime(ValueError):
    """The text is no date or time that exists. The message says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date and time as it is written: ``clock`` is None where only the day is told."""

    day: date
    clock: time | None = None
    offset: timedelta | None = None


def two_ways(text: str) -> tuple[int, int] | None:
    """The numbers of a date such as 03/04/2026, in which the day or the month may stand first. None for others."""
    match = _SLASHES.match(text)
    return (int(match[1]), int(match[2])) if match else None


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether the day stands first in dates such as 03/04/2026, by the first that shows it. None where none does."""
    for first, second in filter(None, map(two_ways, texts)):
        if (first > 12) != (second > 12):
            return first > 12
    return None


def _tidy(text: str) -> str:
    return _BLANKS.sub(" ", text if text.isascii() else text.translate(_SIGNS)).strip()


def _not_a_clock(text: str, whole: str) -> NotATime:
    """What a time of day that is none gets as an answer, with the date that it stands after."""
    if text == whole.strip():
        return not_a_date(whole)
    return NotATime(_("“{text}” is not a time of day that exists. Write for example 18:30.").format(text=text[:60]))


def not_a_date(text: str) -> NotATime:
    """What a text that is no date gets as an answer."""
    return NotATime(
        _("“{text}” is not a date that exists. Write for example 2026-02-28 or 2026-02-28 18:30.").format(
            text=text[:60]
        )
    )


@lru_cache(maxsize=100_000)
def written(text: str, day_first: bool | None = None) -> Written:
    """What a text says. ``day_first`` decides texts such as 03/04/2026, which else are asked about.

    Raises :class:`NotATime`.
    """
    plain = _tidy(text)
    for shape in _SHAPES:
        if match := shape.match(plain):
            day = _day(match.groupdict(), text, day_first)
            apart = plain[match.start("rest") - 1 : match.start("rest")].upper() == "T"
            clock, offset, days = _clock(match["rest"].strip(), text, apart)
            try:
                return Written(day + timedelta(days=days), clock, offset)
            except OverflowError:
                raise NotATime(_("“{text}” lies outside the calendar.").format(text=text[:60])) from None
    if _DAY_NUMBER.match(plain):
        raise NotATime(
            _(
                "“{text}” is a day's number in a spreadsheet and not a date. Give the column the form of a date, 2026-02-28, "
                "and save again."
            ).format(text=text[:60])
        )
    if re.match(r"^\d{4}[-/]\d{1,2}$", plain):
        raise NotATime(_("“{text}” is a month. The day is needed: 2026-02-28.").format(text=text[:60]))
    raise not_a_date(text)


def _day(parts: dict[str, str | None], text: str, day_first: bool | None) -> date:
    year = parts.get("y") or (f"20{parts['short']}" if parts.get("short") else None)
    if year is None:
        raise NotATime(_("“{text}” has no year. Write it out: 2026-02-28.").format(text=text[:60]))
    if parts.get("first"):
        first, second = int(parts["first"] or 0), int(parts["second"] or 0)
        if day_first is None and first <= 12 and second <= 12 and first != second:
            raise NotATime(
                _(
                    "“{text}” can be two days. Say whether the day or the month stands first, or write the year first: 2026-02-28."
                ).format(text=text[:60])
            )
        day, month = (first, second) if (second <= 12 if day_first is None else day_first) else (second, first)
    else:
        day = int(parts["d"] or 0)
        month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["m"] or 0)  # type: ignore[union-attr]
    try:
        return date(int(year), month, day)
    except ValueError:
        raise not_a_date(text) from None


def _clock(text: str, whole: str, apart: bool = False) -> tuple[time | None, timedelta | None, int]:
    """The time of day, the offset, and days to add: 24:00 is the next day's beginning.

    22:00-02:00 is a night as people write it, and an offset only where programs write: ``apart`` from the
    date by a T, or with seconds.
    """
    if not text:
        return None, None, 0
    match = _CLOCK.match(text) or _CLOCK_DIGITS.match(text) or _CLOCK_HOUR.match(text)
    if match is None:
        raise _not_a_clock(text, whole)
    parts = match.groupdict()
    if (parts.get("zone") or "")[:1] == "-" and not apart and not parts.get("s"):
        raise _not_a_clock(text, whole)
    hour = int(parts.get("h") or parts.get("ah") or 0)
    minute, second = int(parts.get("m") or 0), int(parts.get("s") or 0)
    if half := (parts.get("half") or "").lower():
        if not 1 <= hour <= 12:
            raise _not_a_clock(text, whole)
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    days = 0
    if hour == 24 and minute == second == 0:
        hour, days = 0, 1
    try:
        clock = time(hour, minute, second)
    except ValueError:
        raise _not_a_clock(text, whole) from None
    offset = None
    if zone := parts.get("zone"):
        digits = zone.replace(":", "")
        offset = timedelta(0)
        if digits.upper() != "Z":
            minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
            if minutes >= 24 * 60:
                raise _not_a_clock(text, whole)
            offset = timedelta(minutes=-minutes if digits[0] == "-" else minutes)
    return clock, offset, days


def joined(day: str, clock: str, day_first: bool | None = None) -> Written:
    """A date in one column and a time of day in another.

    Spreadsheets write a midnight after the date, and a day of long ago before the time.
    """
    told = written(day, day_first)
    plain = re.sub(r"^(?:1899-12-3[01]|1900-01-0[01]|1904-01-01)[ T]", "", _tidy(clock))
    hour: time | None
    if re.match(r"\d{4}-\d{2}-\d{2}[ T]", plain) and (whole := written(plain)).day == told.day:
        hour, offset, days = whole.clock, whole.offset, 0  # the cell of the time holds its day too
    else:
        hour, offset, days = _clock(plain, f"{day} {clock}")
    if told.clock not in (None, time(0), hour):
        raise NotATime(
            _("“{day}” already has a time of day, and “{time}” is another.").format(day=day[:40], time=clock[:40])
        )
    return Written(told.day + timedelta(days=days), hour, offset)


@lru_cache(maxsize=50_000)
def steady(day: date, zone: ZoneInfo) -> timedelta | None:
    """The offset of a whole day; None for a day on which the clock is changed."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
    try:
        following = day + timedelta(days=1)
    except OverflowError:
        return begins
    ends = datetime(following.year, following.month, following.day, tzinfo=zone).utcoffset()
    return begins if begins == ends else None


def instant(day: date, clock: time | None, zone: ZoneInfo, text: str = "") -> datetime:
    """The instant in UTC when a clock in ``zone`` shows this. A time that the clock leaps over is told."""
    hour, minute, second = (clock.hour, clock.minute, clock.second) if clock else (0, 0, 0)
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
    try:
        offset = steady(day, zone)
        if offset is not None:
            return local - offset
        found = local.replace(tzinfo=zone).astimezone(UTC)
        back = found.astimezone(zone)
    except (OverflowError, ValueError):
        raise NotATime(_("“{text}” lies outside the calendar.").format(text=text[:60] or str(day))) from None
    if clock is not None and (back.hour, back.minute) != (hour, minute):
        raise NotATime(
            _("“{text}” never was: the clocks were put forward that night. Look at the hour.").format(
                text=text[:60] or local.strftime("%Y-%m-%d %H:%M")
            )
        )
    return found


def moment(text: str, zone: ZoneInfo, day_first: bool | None = None) -> tuple[datetime, bool]:
    """The instant in UTC that a text tells, and whether only its day is known. Raises :class:`NotATime`."""
    if len(text) in (16, 19) and text[4] == text[7] == "-" and text[13] == ":" and text[10] in " T":
        # Nearly every row of every file. Nothing of another shape gets past these signs.
        try:
            plain = datetime.fromisoformat(text) if text[16:17] in ("", ":") else None
        except ValueError:
            plain = None
        if plain is not None and plain.tzinfo is None and (offset := steady(plain.date(), zone)) is not None:
            return plain.replace(tzinfo=UTC) - offset, False
    told = written(text, day_first)
    return resolve(told, zone, text)


def resolve(told: Written, zone: ZoneInfo, text: str = "") -> tuple[datetime, bool]:
    """The instant of a date and time that has been read, and whether only its day is known."""
    if told.offset is not None and told.clock is not None:
        try:
            return datetime.combine(told.day, told.clock, UTC) - told.offset, False
        except OverflowError:
            raise NotATime(_("“{text}” lies outside the calendar.").format(text=text[:60])) from None
    return instant(told.day, told.clock, zone, text), told.clock is None
