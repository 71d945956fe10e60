"""The answer to one question for one actor: how many, of what, and beside what is usual.

Made by ``asking.ask`` and by nothing else. Page, file, API, document and command all read it, and so hide the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from samverkan.domain.incidents.api import Incident
from samverkan.foundation import municipality
from samverkan.foundation.access import Actor
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

from . import comparison, dimensions, facts, suppression
from .comparison import Usual
from .counting import Chosen, Selection, grouped, merged_slots
from .dimensions import ATTRIBUTES, Dimension, Dimensions
from .filters import Filter, same_week
from .packing import PRECISIONS
from .released import Released
from .selectors import by_content
from .suppression import PERIOD_WEEKS, Protected

GROUPINGS = ("kind", "category", "area", "municipality", "source", "week", "hour", "hexagon")
#: Other ways of dividing by place than areas. Where small counts are hidden only areas are given: of two divisions
#: where one lies within the other, what is shown of one narrows what is hidden of the other.
_OTHER_PLACES = {"municipality", "hexagon"}
#: Always listed in whole, so that zero is seen to be zero; of the others only what is there.
_FIXED = {"kind", "area"}


@dataclass(frozen=True)
class Count:
    """How many of one value; None when the number may not be shown, but perhaps how many at least."""

    key: str
    name: str
    value: int | None
    at_least: int = 0


@dataclass(frozen=True)
class Summary:
    """The answer to one filter for one actor.

    ``by`` holds a list per grouping, or None where the grouping is not shown at all with this filter.
    ``at_least`` is how many there are in all when the total may not be shown (0: nothing can be said).
    ``hours`` is (7, 25) counts, or (3, 7) merged ones for who sees suppressed counts, the last column where the
    hour is unknown. They are whole numbers but for those known only as a span of time, which are spread evenly
    over it (``spread``; not where small counts are hidden). ``hexagons`` is identity → count, ``across`` metres wide.
    """

    filter: Filter
    suppressed: bool
    below: int
    first: Week | None
    last: Week | None
    total: int | None
    by: dict[str, list[Count] | None]
    hours: Sequence[Sequence[float | None]] | None = None
    #: How many of them are known only as a span, and are spread over ``hours``.
    spread: int = 0
    hexagons: dict[int, int | None] | None = None
    across: int = 300
    municipality_only: int | None = None
    at_least: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain data with names as keys; hidden numbers are null, of equal names the sum.

        Of hidden numbers ``at_least`` tells how many there are of what is shown, where that is any.
        """
        by: dict[str, dict[str, int | None] | None] = {}
        least: dict[str, dict[str, int]] = {}
        for name, counts in self.by.items():
            if counts is None:
                by[name] = None
                continue
            # Kinds and what is unknown have their code as name, so that programs read one language.
            plain: dict[str, int | None] = {}
            lowest: dict[str, int] = {}
            for count in counts:
                key = count.key if name == "kind" or count.key == dimensions.UNKNOWN else count.name
                known, value = plain.get(key, 0), count.value
                plain[key] = None if known is None or value is None else known + value
                lowest[key] = lowest.get(key, 0) + (count.at_least if value is None else value)
            by[name] = plain
            if found := {key: n for key, n in lowest.items() if n and plain[key] is None}:
                least[name] = found
        return {"total": self.total, "by": by, "at_least": {"total": self.at_least or None, "by": least}}


class Picture:
    """One actor's answer to one question; reads the figures once and answers from them.

    Attributes
    ----------
    filter : the question that is answered, with keys for names.
    released : the weeks that may be shown; None where every count is.
    notes : in words, what had to be changed of what was asked.
    problem : what was wrong with what was asked, where the question of nobody is answered instead.
    """

    def __init__(
        self,
        actor: Actor,
        filter_: Filter,
        names: Dimensions,
        *,
        released: Released | None = None,
        notes: Sequence[str] = (),
        problem: Refusal | None = None,
    ) -> None:
        self.actor, self.filter, self.names = actor, filter_, names
        self.exact = released is None
        self.released = released or Released()
        self.notes, self.problem = notes, problem
        self.below = 0 if self.exact else int(municipality.get("picture.suppress_below"))
        self.chosen = names.chosen(filter_)
        self.values = dict(self.chosen.values or {})
        self.home = self.chosen.home
        self.facts = facts.current()

    @cached_property
    def ids(self) -> np.ndarray[Any, np.dtype[np.int32]] | None:
        """The incidents that hold what the columns do not, in any week; None when nothing such is asked for."""
        if not self.filter.needs_incidents:
            return None
        return facts.ids_of(by_content(Incident.objects.filter(is_digest=False), self.filter))

    # -- weeks -----------------------------------------------------------------------------

    @cached_property
    def known(self) -> tuple[int, int] | None:
        """First and last week (indexes) with incidents of any kind; of suppressed figures only released weeks."""
        counts = np.diff(self.facts.offsets)
        weeks = self.facts.weeks[counts > 0]
        if not self.exact:
            weeks = weeks[weeks <= self.released.last]
        return (int(weeks[0]), int(weeks[-1])) if len(weeks) else None

    @cached_property
    def span(self) -> tuple[int, int] | None:
        """The weeks answered for: those asked for, where open those that are known; None when there are none."""
        known = self.known
        first = self.chosen.first if self.chosen.first is not None else known[0] if known else None
        last = self.chosen.last if self.chosen.last is not None else known[1] if known else None
        if first is None or last is None or last < first:
            return None
        if self.known and not self.exact and self.chosen.first is None:
            first -= first % PERIOD_WEEKS  # before the first incident all weeks are zero
        return first, last

    # -- exact -----------------------------------------------------------------------------

    @cached_property
    def selection(self) -> Selection:
        c = self.chosen
        return self._select(c.first, c.last, c.first_day, c.last_day)

    def _select(self, first: int | None, last: int | None, first_day: int = 0, last_day: int = 6) -> Selection:
        """The filter's incidents in some weeks; of suppressed figures all incidents.

        Suppression is decided on all, so that no filter can be set against another.
        """
        if not self.exact:
            return Selection(self.facts, Chosen(first, last, home=self.home))
        return Selection(self.facts, Chosen(first, last, first_day, last_day, self.values, self.ids, self.home))

    def dimension(self, name: str) -> Dimension:
        """How a grouping divides for this actor: main categories where small counts are hidden."""
        return self.names.main_category if name == "category" and not self.exact else self.names.of(name)

    def _table(self, name: str) -> tuple[str, np.ndarray[Any, np.dtype[np.int64]]]:
        """The column of a grouping and how its values are grouped."""
        if name == "hour":
            return "slot", merged_slots()
        return name, self.dimension(name).table()

    # -- by week, and what may be shown of it --------------------------------------------------

    def protected(self, name: str, first: int, last: int) -> Protected:
        """Counts of a grouping by week over whole fixed periods; nothing hidden for who sees all."""
        low = first - first % PERIOD_WEEKS
        high = last - last % PERIOD_WEEKS + PERIOD_WEEKS - 1
        column, table = self._table(name)
        end = high if self.exact else min(high, self.released.last)
        counts = np.zeros((int(table.max(initial=0)) + 1, high - low + 1), np.int64)
        if end >= low:
            counts[:, : end - low + 1] = self._select(low, end).by_week_and(column, table, low, end)
        order = None if name == "hour" else self.dimension(name).order()
        result = suppression.protect(counts, low, below=self.below, order=order)
        if end < high:  # the period is not released whole: its sum is not published
            result.period_open[:, -1] = False
            result.period_total_open[-1] = False
        for week in self.released.held:
            if low <= week <= high:
                result.week_open[:, week - low] = result.total_open[week - low] = False
                result.period_open[:, (week - low) // PERIOD_WEEKS] = result.period_total_open[
                    (week - low) // PERIOD_WEEKS
                ] = False
        return result

    @cached_property
    def filtered_by(self) -> list[str]:
        """The dimensions that the filter chooses in."""
        return [name for name, attribute in ATTRIBUTES.items() if getattr(self.filter, attribute)]

    def totals(self, spans: Sequence[tuple[int, int]]) -> list[int | None]:
        """How many there are in each span of weeks (inclusive) of the filter's incidents."""
        if not spans:
            return []
        low, high = min(a for a, _b in spans), max(b for _a, b in spans)
        if self.exact:
            by_week = self._select(low, high).by_week()
            sums = np.concatenate([[0], np.cumsum([by_week.get(w, 0) for w in range(low, high + 1)])])
            return [int(sums[b - low + 1] - sums[a - low]) for a, b in spans]
        if not self.filtered_by:
            table = self.protected("kind", low, high)
            return [table.total(a, b) for a, b in spans]
        if len(self.filtered_by) > 1:
            return [None] * len(spans)
        (name,) = self.filtered_by
        table = self.protected(name, low, high)
        cells = self.dimension(name).find(getattr(self.filter, ATTRIBUTES[name]))
        return [_sum([table.cells(a, b)[cell] for cell in cells]) for a, b in spans]

    def at_least(self, first: int, last: int) -> int:
        """How many there are at least of the filter's incidents in some weeks (inclusive), of what is shown."""
        if not self.filtered_by:
            return self.protected("kind", first, last).total_at_least(first, last)
        if len(self.filtered_by) > 1:
            return 0
        (name,) = self.filtered_by
        least = self.protected(name, first, last).at_least(first, last)
        return sum(least[cell] for cell in self.dimension(name).find(getattr(self.filter, ATTRIBUTES[name])))

    # -- the answer ----------------------------------------------------------------------------

    def summary(self, groupings: Sequence[str] = GROUPINGS, *, across: int = 300) -> Summary:
        """Total and the groupings asked for."""
        if self.exact:
            return self._exact(groupings, across)
        return self._suppressed(groupings)

    def _frame(self, **more: Any) -> Summary:
        span = self.span
        return Summary(
            filter=self.filter,
            suppressed=not self.exact,
            below=self.below,
            first=Week.from_index(span[0]) if span else None,
            last=Week.from_index(span[1]) if span else None,
            **more,
        )

    def _exact(self, groupings: Sequence[str], across: int) -> Summary:
        chosen = self.selection
        by: dict[str, list[Count] | None] = {}
        for name in groupings:
            if name == "week":
                found = chosen.by_week()
                weeks = range(self.span[0], self.span[1] + 1) if self.span else []
                by[name] = [Count(str(Week.from_index(w)), str(Week.from_index(w)), found.get(w, 0)) for w in weeks]
            elif name not in {"hour", "hexagon"}:
                dimension = self.dimension(name)
                counts = grouped(chosen.by(name), dimension.table())
                by[name] = self._named(name, dimension, counts.tolist())
        precision = chosen.by("precision")
        only = PRECISIONS.index("municipality")
        return self._frame(
            total=chosen.total,
            by=by,
            hours=_hours(chosen) if "hour" in groupings else None,
            spread=len(chosen.spans) if "hour" in groupings else 0,
            hexagons=dict(chosen.by_hexagon(across)) if "hexagon" in groupings else None,
            across=across,
            municipality_only=int(precision[only]) if len(precision) > only else 0,
        )

    def _named(
        self, name: str, dimension: Dimension, counts: Sequence[int | None], least: Sequence[int] = ()
    ) -> list[Count]:
        attribute = ATTRIBUTES[name]
        wanted = getattr(self.filter, attribute)
        # Of a main category its sub categories are counted, which the filter does not name.
        keep = set(dimension.find(wanted)) if wanted and (name != "category" or not self.exact) else None
        rows = []
        for number, (group, value) in enumerate(zip(dimension.groups, counts, strict=False)):
            listed = value != 0 or (name in _FIXED and group.key not in {dimensions.UNKNOWN, ""})
            if group.key and listed and (keep is None or number in keep):
                rows.append(Count(group.key, group.name, value, least[number] if value is None else 0))
        # What is unknown comes last.
        return [r for r in rows if r.key != dimensions.UNKNOWN] + [r for r in rows if r.key == dimensions.UNKNOWN]

    def _suppressed(self, groupings: Sequence[str]) -> Summary:
        span = self.span
        if span is None:
            return self._frame(total=0, by={n: [] for n in groupings if n not in {"hour", "hexagon"}})
        first, last = span
        by: dict[str, list[Count] | None] = {}
        hours: list[list[int | None]] | None = None
        for name in groupings:
            if name == "week":
                weeks = self.totals([(w, w) for w in range(first, last + 1)])
                by[name] = [
                    Count(str(Week.from_index(w)), str(Week.from_index(w)), value)
                    for w, value in zip(range(first, last + 1), weeks, strict=True)
                ]
            elif name in _OTHER_PLACES or self.filtered_by not in ([], [name]):
                if name not in {"hour", "hexagon"}:
                    by[name] = None
            else:
                table = self.protected(name, first, last)
                cells = table.cells(first, last)
                if name == "hour":
                    flat = cells + [0] * (19 - len(cells))
                    hours = [[*flat[6 * k : 6 * k + 6], flat[18] if k == 0 else 0] for k in range(3)]
                else:
                    by[name] = self._named(name, self.dimension(name), cells, table.at_least(first, last))
        total = self.totals([span])[0]
        return self._frame(total=total, by=by, hours=hours, at_least=self.at_least(*span) if total is None else 0)

    # -- comparison ----------------------------------------------------------------------------

    def windows(self, years: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """The same weeks of the base period, or of some years."""
        if not self.span or not self.known or not self.filter.is_whole_weeks:
            return []
        first, last = (Week.from_index(w) for w in self.span)
        return comparison.windows(first, last, years or comparison.base_years(self.filter.base, last), self.known)

    def usual_total(self) -> Usual | None:
        """What is usual for the whole."""
        return comparison.usual(self.totals(self.windows()))

    def usual_by(self, name: str) -> dict[str, Usual | None]:
        """What is usual for each group of a dimension, by key."""
        spans = self.windows()
        if not spans or (not self.exact and self.filtered_by not in ([], [name])):
            return {}
        low, high = min(a for a, _b in spans), max(b for _a, b in spans)
        table = self.protected(name, low, high)
        found = [table.cells(a, b) for a, b in spans]
        return {
            group.key: comparison.usual([cells[number] if number < len(cells) else 0 for cells in found])
            for number, group in enumerate(self.dimension(name).groups)
        }

    def series(self, first: Week, last: Week) -> list[tuple[Week, int | None, Usual | None]]:
        """Week by week with what is usual for each."""
        weeks = [Week.from_index(n) for n in range(first.index, last.index + 1)]
        counts = self.totals([(w.index, w.index) for w in weeks])
        if not self.known:
            return [(week, count, None) for week, count in zip(weeks, counts, strict=True)]
        years = comparison.base_years(self.filter.base, last)
        wanted = sorted({a for w in weeks for a, _b in comparison.windows(w, w, years, self.known)})
        base = dict(zip(wanted, self.totals([(w, w) for w in wanted]), strict=True))
        ordinary = comparison.per_week(weeks, years, self.known, base.get)
        return list(zip(weeks, counts, ordinary, strict=True))

    def area_only(self) -> dict[str, int]:
        """Area → how many are known to be in it but not where. Only for who sees all."""
        only = PRECISIONS.index("area")
        if not self.exact or only not in self.values.get("precision", {only}):
            return {}
        c = self.chosen
        values = {**self.values, "precision": frozenset({only})}
        found = Selection(self.facts, Chosen(c.first, c.last, c.first_day, c.last_day, values, self.ids, self.home))
        dimension = self.names.area
        counts = grouped(found.by("area"), dimension.table())
        return {group.key: int(n) for group, n in zip(dimension.groups, counts, strict=False)}

    def not_covered(self) -> int | None:
        """How many more there would be with every municipality; 0 when all are counted, None where it is not shown."""
        if self.home is None:
            return 0
        if not self.exact:
            return None
        c = self.chosen
        every = Selection(self.facts, Chosen(c.first, c.last, c.first_day, c.last_day, self.values, self.ids))
        return every.total - self.selection.total

    def last_year(self) -> int | None:
        """How many there were in the same weeks last year; None when hidden or not known."""
        if not self.span or not self.known:
            return None
        first, last = (Week.from_index(w) for w in self.span)
        spans = comparison.windows(first, last, [last.year - 1], self.known)
        same = [s for s in spans if s[0] == same_week(first.year - 1, first).index]
        return self.totals(same)[0] if same else None


def _hours(chosen: Selection) -> list[list[float | None]]:
    """(7, 25), of whole numbers where no event is known only as a span."""
    if not len(chosen.spans):
        counts: list[list[float | None]] = chosen.by_hour().tolist()
        return counts
    return [[round(n, 6) for n in row] for row in chosen.by_hour_spread().tolist()]


def _sum(values: Sequence[int | None]) -> int | None:
    return None if any(v is None for v in values) else sum(v for v in values if v is not None)
