"""What a picture is asked for, as a value that can be written in an address and read back.

Pure parsing: names and codes are looked up later (``picture.dimensions``). Equal questions write equal addresses:
parameters in a fixed order, values sorted, whole weeks written as weeks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

from .packing import KINDS, OBSERVATIONS, PRECISIONS

_YEARS = re.compile(r"^(\d{4})(?:-(\d{4}))?$")
_LONGEST_TEXT = 100
#: Weeks shown when nothing is asked for.
DEFAULT_WEEKS = 4
MOST_WEEKS = 520


@dataclass(frozen=True)
class Filter:
    """One question to the picture. Empty means all.

    Attributes
    ----------
    first, last : Stockholm dates, both included.
    kinds, precisions, observations : codes.
    categories, areas, municipalities, sources : codes or names; main and sub categories alike.
    base : first and last year of the base period, or None for the three years before.
    cover : "home" for the home municipality only, "all" for every one; empty where nobody has said.
    text, organisation : answered from the incidents themselves.
    weeks : the latest so many whole weeks, where no period is said: a view that follows with time.
    """

    first: date | None = None
    last: date | None = None
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    base: tuple[int, int] | None = None
    text: str = ""
    seriousness: tuple[int, ...] = ()
    observations: tuple[str, ...] = ()
    organisation: UUID | None = field(default=None)
    cover: str = ""
    weeks: int | None = None

    @property
    def first_week(self) -> Week | None:
        return Week.of(self.first) if self.first else None

    @property
    def last_week(self) -> Week | None:
        return Week.of(self.last) if self.last else None

    @property
    def is_whole_weeks(self) -> bool:
        """Whether the period begins on a Monday and ends on a Sunday (or is open)."""
        return (not self.first or self.first.weekday() == 0) and (not self.last or self.last.weekday() == 6)

    @property
    def needs_incidents(self) -> bool:
        """Whether the prepared figures do not hold what is asked for."""
        return bool(self.text or self.organisation)

    def query(self) -> str:
        """The canonical query string, without the question mark."""
        return urlencode(self.parameters())

    def parameters(self) -> list[tuple[str, str]]:
        """Parameters in the fixed order, one pair per value."""
        pairs: list[tuple[str, str]] = []
        if self.first:
            pairs.append(("from", str(Week.of(self.first)) if self.is_whole_weeks else self.first.isoformat()))
        if self.last:
            pairs.append(("to", str(Week.of(self.last)) if self.is_whole_weeks else self.last.isoformat()))
        if self.weeks:
            pairs.append(("weeks", str(self.weeks)))
        for name, attribute in _LISTS.items():
            pairs += [(name, str(value)) for value in sorted(getattr(self, attribute))]
        if self.base:
            pairs.append(("base", f"{self.base[0]}-{self.base[1]}"))
        if self.cover:
            pairs.append(("cover", self.cover))
        if self.organisation:
            pairs.append(("organisation", str(self.organisation)))
        if self.text:
            pairs.append(("text", self.text))
        return pairs

    def over(self, first: Week, last: Week) -> Filter:
        """The same question for whole weeks, both included."""
        return replace(self, first=first.monday, last=last.sunday, weeks=None)

    @property
    def span(self) -> int | None:
        """How many whole weeks it asks for; None where the period is open or begins or ends within a week."""
        if self.first_week is None or self.last_week is None or not self.is_whole_weeks:
            return None
        return self.last_week.index - self.first_week.index + 1

    def following(self) -> Filter:
        """The same question about as many weeks, whenever it is asked; unchanged where it asks for no whole weeks."""
        return replace(self, first=None, last=None, weeks=self.span) if self.span else self


_LISTS = {
    "kind": "kinds",
    "category": "categories",
    "area": "areas",
    "municipality": "municipalities",
    "source": "sources",
    "precision": "precisions",
    "seriousness": "seriousness",
    "observation": "observations",
}
COVERS = ("home", "all")
NAMES = ("from", "to", "weeks", *_LISTS, "base", "cover", "organisation", "text")


def parse(parameters: Mapping[str, Any]) -> Filter:
    """Read query parameters (a QueryDict or a plain dict). Unknown names are left to others.

    Raises Refusal with the field's name for what cannot be understood.
    """
    first = _day(_one(parameters, "from"), "from", end=False)
    last = _day(_one(parameters, "to"), "to", end=True)
    if first and last and last < first:
        raise Refusal(_("The period ends before it begins."), field="to")
    weeks = _weeks(_one(parameters, "weeks"))
    if weeks and (first or last):
        raise Refusal(_("Choose a period, or the latest weeks, not both."), field="to")
    text = " ".join(_one(parameters, "text").split())
    if len(text) > _LONGEST_TEXT or "\0" in text:
        raise Refusal(_("Write at most %(number)s characters.") % {"number": _LONGEST_TEXT}, field="text")
    seriousness = tuple(sorted({_grade(value) for value in _many(parameters, "seriousness")}))
    return Filter(
        first=first,
        last=last,
        kinds=_codes(parameters, "kind", KINDS),
        categories=_many(parameters, "category"),
        areas=_many(parameters, "area"),
        municipalities=_many(parameters, "municipality"),
        sources=_many(parameters, "source"),
        precisions=_codes(parameters, "precision", PRECISIONS),
        base=_base(_one(parameters, "base")),
        text=text,
        seriousness=seriousness,
        observations=_codes(parameters, "observation", OBSERVATIONS),
        organisation=_uuid(_one(parameters, "organisation")),
        cover=_one_of(parameters, "cover", COVERS),
        weeks=weeks,
    )


def with_default_period(filter_: Filter, today: date) -> Filter:
    """The latest whole weeks when no period is asked for: four, or as many as are asked for."""
    if filter_.first or filter_.last:
        return filter_
    return latest(filter_, Week.of(today).plus(-1))


def latest(filter_: Filter, last: Week) -> Filter:
    """The question for the weeks up to one: four, or as many as are asked for."""
    return filter_.over(last.plus(1 - (filter_.weeks or DEFAULT_WEEKS)), last)


def _weeks(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_WEEKS:
        raise Refusal(_("Write how many of the latest weeks, from 1 to %(most)s.") % {"most": MOST_WEEKS}, field="from")
    return int(text)


def _one(parameters: Mapping[str, Any], name: str) -> str:
    values = _values(parameters, name)
    return str(values[-1]).strip() if values else ""


def _many(parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = {str(value).strip() for value in _values(parameters, name)}
    if any("\0" in value or len(value) > 200 for value in found):
        raise Refusal(_("This value cannot be read."), field=name)
    return tuple(sorted(found - {""}))


def _values(parameters: Mapping[str, Any], name: str) -> list[Any]:
    if hasattr(parameters, "getlist"):
        return list(parameters.getlist(name))
    value = parameters.get(name)
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _codes(parameters: Mapping[str, Any], name: str, known: Iterable[str]) -> tuple[str, ...]:
    found = _many(parameters, name)
    for value in found:
        if value not in known:
            raise Refusal(
                _("“%(value)s” is not one of the choices: %(known)s.") % {"value": value, "known": ", ".join(known)},
                field=name,
            )
    return found


def _one_of(parameters: Mapping[str, Any], name: str, known: Iterable[str]) -> str:
    return (_codes({name: _one(parameters, name)}, name, known) or ("",))[0]


def _day(text: str, name: str, *, end: bool) -> date | None:
    if not text:
        return None
    try:
        if "W" in text.upper():
            week = Week.parse(text.upper())
            return week.sunday if end else week.monday
        day = date.fromisoformat(text)
        if 1970 <= day.year <= 2200:
            return day
    except ValueError:
        pass
    raise Refusal(
        _("“%(value)s” is neither a week nor a date. Write for example 2026-W47 or 2026-11-23.") % {"value": text},
        field=name,
    )


def _base(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    match = _YEARS.match(text)
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        if 1970 <= first <= last <= 2200 and last - first < 20:
            return first, last
    raise Refusal(_("Write the base period as years, for example 2023-2025."), field="base")


def _grade(text: str) -> int:
    if text in {"1", "2", "3"}:
        return int(text)
    raise Refusal(_("Seriousness is 1, 2 or 3."), field="seriousness")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refusal(_("This value cannot be read."), field="organisation") from None


def latest_fixed_period(today: date, weeks: int) -> tuple[Week, Week]:
    """The latest finished fixed period of so many weeks, counted as ``foundation.weeks`` does."""
    start = (Week.of(today).index // weeks - 1) * weeks
    return Week.from_index(start), Week.from_index(start + weeks - 1)


def same_week(year: int, week: Week) -> Week:
    """The same week of another year; week 53 becomes the week after 52 where a year has none."""
    try:
        return Week(year, week.number)
    except ValueError:
        return Week(year, 52).plus(1)
