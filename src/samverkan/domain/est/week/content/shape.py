"""What a week holds. Locked weeks keep it for ever: a field is only added, and says what it is where it was not kept.

Counts that may not be shown are None. Days are ISO dates, weeks as 2026-W47.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from samverkan.foundation.editions import Kept, Whole
from samverkan.foundation.editions.drawings import Drawn
from samverkan.foundation.weeks import Week

#: 2: the map of the released figures counts areas. In weeks locked before it counted hexagons within them too.
FORMAT = 2
#: What weeks locked earlier call the signs of a map, and what those are called now.
EARLIER_SIGNS = {"event": "dot", "development": "diamond", "place": "square"}


@dataclass(frozen=True, kw_only=True)
class Usual(Kept):
    """The middle half of the counts in the weeks compared with, and their median."""

    low: int
    middle: float
    high: int


@dataclass(frozen=True, kw_only=True)
class Group(Kept):
    """The count of one category, area or source; ``weeks`` are the latest ones."""

    key: str = ""
    name: str = ""
    count: int | None = None
    usual: Usual | None = None
    verdict: str = ""
    weeks: tuple[int | None, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figures(Kept):
    """Counts with what is usual, the map and the charts; or why they are not shown.

    A list of groups is None where it is not shown; ``below`` is the smallest number that is.
    """

    shown: bool = False
    why: str = ""
    suppressed: bool = False
    below: int = 0
    total: int | None = None
    usual: Usual | None = None
    verdict: str = ""
    last_year: int | None = None
    municipality_only: int | None = None
    elsewhere: int = 0
    cover: str = ""
    every: str = ""
    categories: tuple[Group, ...] | None = None
    areas: tuple[Group, ...] | None = None
    sources: tuple[Group, ...] | None = None
    new_sources: str = ""
    base_years: tuple[int, ...] = ()
    licences: str = ""
    map: Drawn | None = None
    over_time: Drawn | None = None
    hours: Drawn | None = None

    @property
    def drawn(self) -> list[Drawn]:
        """The drawings there are."""
        return [d for d in (self.map, self.over_time, self.hours) if d]

    @property
    def exact(self) -> bool:
        """Whether these are the figures of who sees every count."""
        return self.shown and not self.suppressed


@dataclass(frozen=True, kw_only=True)
class Pattern(Kept):
    """Reports that gather at a place over some days. Numbers and the point are for who sees every count.

    ``seen`` is whether the cycle before told it too; weeks locked before it was kept know only new or not.
    ``weeks`` and ``usual`` are of the reports within its circle, ``area`` the code of the area it is in.
    """

    where: str = ""
    x: float | None = None
    y: float | None = None
    radius_m: float | None = None
    since: str = ""
    days: int = 0
    count: int | None = None
    expected: float | None = None
    mostly: tuple[str, ...] = ()
    often: str = ""
    recurrence_weeks: float | None = None
    new: bool = False
    seen: bool = True
    new_count: int | None = None
    weeks: tuple[int, ...] = ()
    usual: Usual | None = None
    area: str = ""

    @property
    def circle(self) -> tuple[float, float, float]:
        """Middle and radius in metres. ValueError for who may not see them."""
        if self.x is None or self.y is None or self.radius_m is None:
            raise ValueError("The pattern has no point.")
        return self.x, self.y, self.radius_m


@dataclass(frozen=True, kw_only=True)
class Method(Kept):
    """How unusual patterns were searched for."""

    replicates: int = 0
    seed: int = 0
    events: int = 0
    places: int = 0
    first_day: int | None = None
    last_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class Alarms(Kept):
    """What the search for unusual patterns found; ``plain_notes`` are those without counts."""

    searched: bool = False
    enough: bool = False
    patterns: tuple[Pattern, ...] = ()
    notes: tuple[str, ...] = ()
    plain_notes: tuple[str, ...] = ()
    method: Method | None = None


@dataclass(frozen=True, kw_only=True)
class Answers(Kept):
    """How many of a group have reported, had nothing, or are silent."""

    name: str = ""
    reported: int = 0
    nothing: int = 0
    silent: int = 0


@dataclass(frozen=True, kw_only=True)
class Silent(Kept):
    """A seat that has not answered: an organisation and a function, no person."""

    seat: int = 0
    reporter: str = ""
    seat_id: str = ""
    name: str = ""
    function: str = ""
    substitute: bool = False


@dataclass(frozen=True, kw_only=True)
class Before(Kept):
    """The same of the cycle before."""

    expected: int = 0
    reported: int = 0
    nothing: int = 0
    silent: int = 0


@dataclass(frozen=True, kw_only=True)
class Late(Kept):
    """How many of the reports came when the cycle was over, or only whether ``some`` did, so that it matters.

    ``usually`` is how many in a hundred do; None where there is too little to tell from.
    """

    late: int = 0
    reports: int = 0
    some: bool = False
    usually: int | None = None


@dataclass(frozen=True, kw_only=True)
class Effort(Kept):
    """How many of those expected to report did so. ``weeks`` is the length of the cycle."""

    expected: int = 0
    reported: int = 0
    nothing: int = 0
    silent: int = 0
    weeks: int = 1
    groups: tuple[Answers, ...] = ()
    silent_list: tuple[Silent, ...] = ()
    before: Before | None = None
    late: Late | None = None


@dataclass(frozen=True, kw_only=True)
class Development(Kept):
    """Something that goes on; or, for who sees no single incident, a main category in which something does."""

    id: str = ""
    title: str = ""
    category: str = ""
    main: str = ""
    where: str = ""
    since: str = ""
    trend: str = ""
    trend_words: str = ""


@dataclass(frozen=True, kw_only=True)
class MeasureDue(Kept):
    """A measure that is due, or whose effect is to be followed up."""

    id: str = ""
    title: str = ""
    who: str = ""
    where: str = ""
    causes: tuple[str, ...] = ()
    due: str = ""
    follow_up: str = ""
    status: str = ""
    status_words: str = ""
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Prioritised(Kept):
    where: str = ""
    why: str = ""
    problem: str = ""
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decided(Kept):
    text: str = ""
    who: str = ""
    due: str = ""
    why: str = ""
    measure: bool = False


@dataclass(frozen=True, kw_only=True)
class Content(Whole):
    """The whole week.

    What others than those who see every count may see stands under ``partners``.
    """

    keys: ClassVar[Mapping[str, str]] = {"begins": "from", "ends": "to"}

    week: str
    weeks: int = 1
    begins: str
    ends: str
    judgement: str = ""
    effort: Effort = Effort()
    figures: Figures = Figures()
    alarms: Alarms = Alarms()
    developments: tuple[Development, ...] = ()
    measures: tuple[MeasureDue, ...] = ()
    municipality: str = ""
    invented: bool = False
    priorities: tuple[Prioritised, ...] = ()
    decisions: tuple[Decided, ...] = ()
    partners: Figures | None = None

    @property
    def first(self) -> Week:
        return Week.parse(self.week)

    @property
    def last(self) -> Week:
        return self.first.plus(self.weeks - 1)
