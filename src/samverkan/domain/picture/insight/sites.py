"""Events as columns, and the ground that they are counted on: a place with a radius, or an area.

Only events with a known or approximate place are counted at a place. What is known by area only is
counted in areas, never at a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import shapely
from django.db.models import Count, Q
from numpy.typing import NDArray

from samverkan.domain.incidents.api import Category, Incident, Kind, Source
from samverkan.domain.measures.api import Measure
from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock

#: How far round a place a problem is looked for that may have moved, in metres beyond its radius.
BUFFER_METRES = 350.0
#: A measure at a place without a radius of its own.
_RADIUS = 150.0
EPOCH = date(1970, 1, 1)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Events:
    """Columns (n,): day counted from 1970, metres (NaN when the place is not known), area (0: none)."""

    day: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    area: NDArray[np.int64]

    def within(self, x: float, y: float, radius: float) -> Mask:
        return self.distance(x, y) <= radius

    def distance(self, x: float, y: float) -> NDArray[np.float64]:
        """Metres from a point; infinite where the place is not known."""
        return np.nan_to_num(np.hypot(self.x - x, self.y - y), nan=np.inf)

    def between(self, first: int, end: int) -> Mask:
        return (self.day >= first) & (self.day < end)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def _counted(first: date, end: date) -> Q:
    """Single events that began in a half-open span of days."""
    begin, stop = clock.day_span(first)[0], clock.day_span(end)[0]
    return Q(kind=Kind.EVENT, is_digest=False, started_at__gte=begin, started_at__lt=stop)


def load(category_ids: Sequence[int], first: date, end: date) -> Events:
    """Events of some categories (all, when none are named) in a half-open span of days. One question."""
    found = Incident.objects.filter(_counted(first, end))
    if category_ids:
        found = found.filter(category_id__in=category_ids)
    rows: list[tuple[datetime, float | None, float | None, int | None]] = list(
        found.order_by("pk").values_list("started_at", "x", "y", "area_id")
    )
    return Events(
        np.array([day_number(clock.local(r[0]).date()) for r in rows], np.int64),
        np.array([np.nan if r[1] is None else r[1] for r in rows], float),
        np.array([np.nan if r[2] is None else r[2] for r in rows], float),
        np.array([r[3] or 0 for r in rows], np.int64),
    )


def first_known() -> date | None:
    """The first day that anything is known of."""
    row = Incident.objects.filter(is_digest=False).order_by("started_at").values_list("started_at", flat=True).first()
    return clock.local(row).date() if row else None


def categories(codes: Iterable[str]) -> list[Category]:
    """Categories by code, with the parts of main categories."""
    wanted = list(codes)
    if not wanted:
        return []
    return list(Category.objects.filter(Q(code__in=wanted) | Q(main__code__in=wanted)).order_by("pk"))


@dataclass(frozen=True)
class Effort:
    """How many bodies reported anything at all before and after, and sources that began or stopped."""

    before: int
    after: int
    began: list[str]
    stopped: list[str]


def effort(first: date, middle: date, end: date) -> Effort:
    """Who reported in two spans of days that meet in the middle. Two questions."""
    before, after = _counted(first, middle), _counted(middle, end)
    bodies: dict[str, Any] = Incident.objects.filter(_counted(first, end)).aggregate(
        before=Count("organisation", distinct=True, filter=before),
        after=Count("organisation", distinct=True, filter=after),
    )
    sources = (
        Incident.objects.filter(_counted(first, end))
        .order_by()
        .values("source_id")
        .annotate(n_before=Count("pk", filter=before), n_after=Count("pk", filter=after))
        .values_list("source_id", "n_before", "n_after")
    )
    began, stopped = [], []
    for source, b, a in sources:
        if b == 0:
            began.append(source)
        elif a == 0:
            stopped.append(source)
    names = dict(Source.objects.filter(pk__in=began + stopped).values_list("pk", "name")) if began or stopped else {}
    return Effort(bodies["before"], bodies["after"], [names[s] for s in began], [names[s] for s in stopped])


@dataclass(frozen=True)
class Candidate:
    """Ground that a measure can be compared with. ``mask`` marks the events on it."""

    key: str
    name: str
    x: float | None
    y: float | None
    mask: Mask
    busy: bool


@dataclass(frozen=True)
class Site:
    """Where a measure works, what lies near, and what it can be compared with.

    ``reach`` is the outer edge of the near ground in metres (0 for an area). ``peers`` (places, events)
    marks the events at every place of the same size, the measure's own first, for judging how high it was.
    """

    name: str
    x: float | None
    y: float | None
    radius: float
    reach: float
    here: Mask
    near: Mask | None
    candidates: list[Candidate]
    peers: list[Mask]


def _busy(measure: Measure) -> tuple[set[int], set[int]]:
    """Places and areas where another measure against the same has begun."""
    rows = Measure.objects.exclude(pk=measure.pk).filter(starts_on__isnull=False)
    codes = codes_of(measure)
    if codes:
        rows = rows.filter(category_codes__overlap=codes)
    found = list(rows.values_list("place_id", "area_id"))
    return {p for p, _a in found if p}, {a for p, a in found if a and not p}


def companions(measure: Measure, first: date, end: date) -> list[str]:
    """Other measures at the same place (or area) that began in a half-open span of days: they cannot be told apart."""
    same = {"place_id": measure.place_id} if measure.place_id else {"area_id": measure.area_id, "place_id": None}
    rows = Measure.objects.exclude(pk=measure.pk).filter(starts_on__gte=first, starts_on__lt=end, **same)
    codes = codes_of(measure)
    if codes:
        rows = rows.filter(Q(category_codes__overlap=codes) | Q(category_codes=[]))
    return list(rows.order_by("starts_on", "pk").values_list("title", flat=True)[:3])


def codes_of(measure: Measure) -> list[str]:
    """The categories a measure is against: its own, else its problem's."""
    return measure.judged_on


def site_of(measure: Measure, events: Events) -> Site | None:
    """The ground of a measure, or None when it has neither place nor area."""
    if measure.x is not None and measure.y is not None:
        return _place_site(measure, events)
    return _area_site(measure, measure.area, events) if measure.area else None


def _place_site(measure: Measure, events: Events) -> Site:
    x, y = float(measure.x or 0), float(measure.y or 0)
    radius = float(measure.radius_m or _RADIUS)
    reach = radius + BUFFER_METRES
    distance = events.distance(x, y)
    busy, _areas = _busy(measure)
    named = Place.objects.exclude(kind="address").filter(valid_to__isnull=True).order_by("pk")
    places = [p for p in named if p.pk != measure.place_id]
    apart = [p for p in places if np.hypot(p.x - x, p.y - y) > 2 * reach]
    # Where two comparison grounds overlap, an event belongs to the nearest, so that none counts twice.
    rings = np.array([events.distance(p.x, p.y) for p in apart]).reshape(len(apart), len(events.day))
    return Site(
        name=measure.place.name if measure.place else "",
        x=x,
        y=y,
        radius=radius,
        reach=reach,
        here=distance <= radius,
        near=(distance > radius) & (distance <= reach),
        candidates=[
            Candidate(str(p.public_id), p.name, p.x, p.y, ring <= reach, p.pk in busy)
            for p, ring in zip(apart, rings, strict=True)
        ],
        peers=[distance <= radius, *(events.within(p.x, p.y, radius) for p in places)],
    )


def _area_site(measure: Measure, own: Area, events: Events) -> Site:
    others = list(Area.objects.filter(edition_id=own.edition_id).exclude(pk=own.pk).defer("geometry").order_by("pk"))
    _places, busy = _busy(measure)
    here = events.area == own.pk
    near: Mask | None = None
    if own.geometry:
        shape = shapely.from_wkb(bytes(own.geometry))
        known = ~np.isnan(events.x)
        near = np.zeros(len(here), bool)
        near[known] = shapely.dwithin(shapely.points(events.x[known], events.y[known]), shape, BUFFER_METRES)
        near &= ~here
    free = np.ones(len(here), bool) if near is None else ~near
    return Site(
        name=own.name,
        x=None,
        y=None,
        radius=0.0,
        reach=0.0,
        here=here,
        near=near,
        candidates=[
            Candidate(str(a.public_id), a.name, None, None, (events.area == a.pk) & free, a.pk in busy) for a in others
        ],
        peers=[here, *(events.area == a.pk for a in others)],
    )
