"""What can be read of the picture. Page, file, API and command all ask here, and so hide the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident
from samverkan.domain.places.api import home_municipality
from samverkan.foundation import clock, municipality
from samverkan.foundation.access import Actor, Rows, require
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

from . import comparison, dimensions, facts, released, suppression
from .comparison import Usual
from .counting import Chosen, Selection, grouped, merged_slots
from .dimensions import ATTRIBUTES, Dimension, Dimensions
from .filters import Filter, same_week
from .models import SavedView
from .packing import PRECISIONS
from .suppression import PERIOD_WEEKS, Protected

GROUPINGS = ("kind", "category", "area", "municipality", "source", "week", "hour", "hexagon")
#: Other ways of dividing by place than areas. Where small counts are hidden only areas are given: of two divisions
#: where one lies within the other, what is shown of one narrows what is hidden of the other.
_OTHER_PLACES = {"municipality", "hexagon"}
#: The role that stands for those who see small counts hidden.
PARTNER = "est_reporter"
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


def exact(actor: Actor) -> bool:
    """Whether the actor sees small counts."""
    return actor.may("picture.exact")


def default_cover() -> str:
    """What the week and the picture count when nobody has said: "home", or empty for every municipality."""
    return "home" if municipality.get("picture.cover") == "home" and home_municipality() else ""


def covering(filter_: Filter) -> Filter:
    """The filter with the municipality's default, unless it says itself which municipalities are counted."""
    if filter_.cover or filter_.municipalities:
        return filter_
    return replace(filter_, cover=default_cover())


def coarsened(
    actor: Actor, filter_: Filter, names: Dimensions, released_to: int | None = None
) -> tuple[Filter, list[str]]:
    """The nearest question that the actor may ask, and in words what had to be changed.

    Who sees suppressed counts gets whole released weeks, main categories and fixed areas.
    """
    if exact(actor):
        return filter_, []
    notes: list[str] = []
    plain = replace(filter_, text="", seriousness=(), observations=(), organisation=None, precisions=())
    if plain != filter_:
        notes.append(
            _(
                "Text, seriousness, observation, organisation and certainty of place cannot be chosen where small counts are hidden."
            )
        )
    if plain.municipalities:
        notes.append(_("Municipality cannot be chosen where small counts are hidden: places are shown by area."))
        plain = replace(plain, municipalities=())
    if not plain.is_whole_weeks:
        plain = replace(
            plain,
            first=plain.first_week.monday if plain.first_week else None,
            last=plain.last_week.sunday if plain.last_week else None,
        )
        notes.append(_("The period is widened to whole weeks."))
    # One ground for all counts: of two, the difference would show small counts elsewhere.
    ground = default_cover()
    if plain.cover not in ({ground} if ground else {"", "all"}):
        if plain.cover:
            notes.append(_("Which municipalities are counted cannot be chosen where small counts are hidden."))
        plain = replace(plain, cover=ground)
    last = Week.from_index(released.last_week() if released_to is None else released_to)
    if (plain.last_week and plain.last_week > last) or (plain.first_week and plain.first_week > last):
        first = plain.first_week if plain.first_week and plain.first_week <= last else last
        plain = replace(plain, first=first.monday if plain.first else None, last=last.sunday)
        notes.append(
            _("Only finished weeks are shown.")
            if last.plus(1) == Week.current()
            else _("Only weeks that have been gone through are shown.")
        )
    if plain.categories:
        mains = names.main_keys(plain.categories)
        wanted = tuple(names.category.groups[n].key for n in names.category.find(plain.categories))
        if set(mains) != set(wanted):
            notes.append(_("Sub categories are shown as their main category."))
        plain = replace(plain, categories=mains)
    return plain, notes


def as_partner(actor: Actor) -> Actor:
    """The same person as if on a seat that sees small counts hidden."""
    return replace(actor, role=PARTNER, all_permissions=False) if exact(actor) else actor


class Picture:
    """One actor's view of one question; reads the figures once and answers from them.

    ``releasing`` is a week that is being released, and so may be shown before it is.
    """

    def __init__(self, actor: Actor, filter_: Filter, *, releasing: Week | None = None) -> None:
        require(actor, "picture.view")
        self.actor = actor
        self.exact = exact(actor)
        self.names = dimensions.load()
        self.below = 0 if self.exact else int(municipality.get("picture.suppress_below"))
        self.filter = self.names.canonical(filter_)
        if not self.exact and not self.filter.cover:
            self.filter = replace(self.filter, cover=default_cover())
        last = 0 if self.exact else released.last_week()
        self.released_to = max(last, releasing.index) if releasing and not self.exact else last
        #: Weeks before the one that is being released that are in no released one.
        self.held = (
            range(last + 1, self.filter.first_week.index)
            if self.released_to > last and self.filter.first_week
            else range(0)
        )
        nearest, notes = coarsened(actor, self.filter, self.names, self.released_to)
        if nearest != self.filter:
            raise Refusal(" ".join(notes), code="suppressed")
        self.chosen = self.names.chosen(self.filter)
        self.values = dict(self.chosen.values or {})
        self.home = self.chosen.home
        self.facts = facts.current()

    @cached_property
    def ids(self) -> np.ndarray[Any, np.dtype[np.int32]] | None:
        """The incidents that hold what the columns do not, in any week; None when nothing such is asked for."""
        if not self.filter.needs_incidents:
            return None
        return facts.ids_of(_by_content(Incident.objects.filter(is_digest=False), self.filter))

    # -- weeks -----------------------------------------------------------------------------

    @cached_property
    def known(self) -> tuple[int, int] | None:
        """First and last week (indexes) with incidents of any kind; of suppressed figures only released weeks."""
        counts = np.diff(self.facts.offsets)
        weeks = self.facts.weeks[counts > 0]
        if not self.exact:
            weeks = weeks[weeks <= self.released_to]
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
        end = high if self.exact else min(high, self.released_to)
        counts = np.zeros((int(table.max(initial=0)) + 1, high - low + 1), np.int64)
        if end >= low:
            counts[:, : end - low + 1] = self._select(low, end).by_week_and(column, table, low, end)
        order = None if name == "hour" else self.dimension(name).order()
        result = suppression.protect(counts, low, below=self.below, order=order)
        if end < high:  # the period is not released whole: its sum is not published
            result.period_open[:, -1] = False
            result.period_total_open[-1] = False
        for week in self.held:
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


def summary(actor: Actor, filter_: Filter, groupings: Sequence[str] = GROUPINGS, *, across: int = 300) -> Summary:
    """The picture for a filter: total, and counts by every grouping asked for.

    Raises Refused, or Refusal for unknown names and for what may not be asked where small counts are hidden.
    """
    return Picture(actor, filter_).summary(groupings, across=across)


def nearest(actor: Actor, filter_: Filter) -> tuple[Filter, list[str]]:
    """The nearest filter that the actor may use, with keys instead of names, and what was changed."""
    require(actor, "picture.view")
    if exact(actor):
        return filter_, []
    names = dimensions.load()
    return coarsened(actor, names.canonical(filter_), names)


def _by_content(found: Rows[Incident], filter_: Filter) -> Rows[Incident]:
    """What only the incidents themselves can answer."""
    if filter_.organisation:
        found = found.filter(organisation__public_id=filter_.organisation)
    if filter_.text:
        # The whole table is read: lower() is half the cost of icontains' upper(), and most descriptions are empty.
        words = filter_.text.lower()
        lowered: Any = found.alias(title_low=Lower("title"), description_low=Lower("description"))
        found = lowered.filter(Q(title_low__contains=words) | ~Q(description="") & Q(description_low__contains=words))
    return found


def _incidents(filter_: Filter, chosen: Chosen) -> Rows[Incident]:
    """The counted incidents that a filter means, from the database."""
    found = Incident.objects.filter(is_digest=False)
    if chosen.first is not None:
        found = found.filter(week__gte=chosen.first)
    if chosen.last is not None:
        found = found.filter(week__lte=chosen.last)
    if filter_.first and chosen.first_day:
        found = found.filter(started_at__gte=clock.day_span(filter_.first)[0])
    if filter_.last and chosen.last_day < 6:
        found = found.filter(started_at__lt=clock.day_span(filter_.last)[1])
    for name, ids in (chosen.values or {}).items():
        if name in {"kind", "precision"}:
            found = found.filter(**{f"{name}__in": getattr(filter_, ATTRIBUTES[name])})
        elif name in ATTRIBUTES:
            some = Q(**{f"{name}_id__in": ids - {0}})
            found = found.filter(some | Q(**{f"{name}__isnull": True}) if 0 in ids else some)
    if chosen.home is not None:
        found = found.filter(Q(municipality_id__in=chosen.home) | Q(municipality__isnull=True, area__isnull=False))
    if filter_.seriousness:
        found = found.filter(seriousness__in=filter_.seriousness)
    if filter_.observations:
        found = found.filter(observation__in=filter_.observations)
    return _by_content(found, filter_)


def incidents(actor: Actor, filter_: Filter, names: Dimensions | None = None) -> QuerySet[Incident]:
    """The incidents that a filter means, one by one: all for who may read them, else those of one's own organisation."""
    require(actor, "picture.view")
    names = names or dimensions.load()
    canonical = names.canonical(filter_)
    found = _incidents(canonical, names.chosen(canonical)).visible_to(actor)
    return found.select_related("category", "category__main", "source", "area", "municipality", "place", "organisation")


def incident(actor: Actor, public_id: UUID) -> Incident | None:
    """One incident, digests too, if the actor may see it."""
    require(actor, "picture.view")
    found = Incident.objects.visible_to(actor).filter(public_id=public_id)
    return found.select_related(
        "category", "category__main", "source", "area", "municipality", "place", "organisation", "development"
    ).first()


def parts_of(actor: Actor, development: Incident) -> QuerySet[Incident]:
    """What belongs to a development, the latest first, as far as the actor may see."""
    require(actor, "picture.view")
    found = Incident.objects.visible_to(actor).filter(development=development)
    return found.order_by("-started_at", "-pk")[:50]


def saved_views(actor: Actor) -> QuerySet[SavedView]:
    """The seat's own named views, by name."""
    require(actor, "picture.view")
    return SavedView.objects.visible_to(actor).order_by("name", "pk")
