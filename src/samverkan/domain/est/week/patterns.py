"""What an unusual pattern leads on to: its reports, the known problem there, and a measure against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse

from samverkan.domain.incidents.api import Category, Incident, Kind
from samverkan.domain.measures.api import OPEN, Problem
from samverkan.domain.places.api import Place, area_at
from samverkan.foundation import clock, geo
from samverkan.foundation.access import Actor, require

from ..models import AlarmRun, EstWeek
from . import alarms
from .content import Pattern
from .documents import words

#: A problem is known at a pattern when its place lies no further from the middle than this, or than its ring reaches.
KNOWN_WITHIN = 350.0


@dataclass(frozen=True)
class Known:
    """A problem known at a pattern, and how many measures against it go on."""

    id: UUID
    title: str
    measures: int


def pattern(actor: Actor, row: EstWeek, number: int) -> Pattern | None:
    """One pattern of a cycle by its number from 1; None when there is no such."""
    require(actor, "est.week")
    found = alarms.shown(row.last_week, row.weeks).patterns
    return found[number - 1] if 0 < number <= len(found) else None


def reports(actor: Actor, found: Pattern) -> list[Incident]:
    """The reports that a pattern gathers, as far as the actor may see them, the latest first.

    What counts is the middle of the hexagon, as in the search.
    """
    require(actor, "est.week")
    begins, (x, y, radius) = date.fromisoformat(found.since), found.circle
    begin, end = clock.day_span(begins)[0], clock.day_span(begins + timedelta(days=found.days - 1))[1]
    reach = radius + 300.0  # a hexagon reaches some way out from its middle
    rows = list(
        Incident.objects.visible_to(actor)
        .filter(kind=Kind.EVENT, is_digest=False, hexagon__isnull=False, started_at__gte=begin, started_at__lt=end)
        .filter(x__range=(x - reach, x + reach), y__range=(y - reach, y + reach))
        .select_related("category", "place", "area", "source")
        .order_by("-started_at", "-pk")
    )
    xs, ys = geo.centres([r.hexagon or 0 for r in rows])
    inside = [math.hypot(a - x, b - y) <= radius + 1 for a, b in zip(xs, ys, strict=True)]
    return [row for row, is_in in zip(rows, inside, strict=True) if is_in]


def known(actor: Actor, patterns: Sequence[Pattern]) -> list[Known | None]:
    """The nearest open problem known at each pattern's place, or None. One query."""
    if not patterns or not actor.may("measures.view_all"):
        return [None] * len(patterns)
    rows = list(
        Problem.objects.visible_to(actor)
        .filter(closed_on__isnull=True, place__x__isnull=False)
        .annotate(going_on=Count("measures", filter=Q(measures__status__in=OPEN)))
        .values_list("public_id", "title", "going_on", "place__x", "place__y")
        .order_by("pk")
    )
    found: list[Known | None] = []
    for one in patterns:
        x, y, radius = one.circle
        near = [(math.hypot(a - x, b - y), Known(key, title, n)) for key, title, n, a, b in rows]
        distance, nearest = min(near, key=lambda pair: pair[0], default=(math.inf, None))
        found.append(nearest if distance <= max(KNOWN_WITHIN, radius) else None)
    return found


def place_of(actor: Actor, found: Pattern) -> Place | None:
    """The named place that a pattern is called by, if it is called by one."""
    (x, y, _radius), reach = found.circle, KNOWN_WITHIN
    rows = Place.objects.visible_to(actor).exclude(kind="address").select_related("area")
    near = [
        (math.hypot(p.x - x, p.y - y), p)
        for p in rows.filter(x__range=(x - reach, x + reach), y__range=(y - reach, y + reach))
        if p.x is not None and p.y is not None
    ]
    distance, nearest = min(near, key=lambda pair: pair[0], default=(math.inf, None))
    return nearest if distance <= reach else None


def _codes(row: EstWeek, number: int) -> list[str]:
    """Codes of the categories that a pattern mostly is of."""
    run = AlarmRun.objects.filter(week=row.last_week.index).first()
    if run is None:
        return []
    cluster = run.result["clusters"][number - 1]
    ids = [i for i, n in cluster["category_ids"] if n * 2 >= cluster["observed"]]
    return list(Category.objects.filter(pk__in=ids).order_by("code").values_list("code", flat=True))


def plan_address(actor: Actor, row: EstWeek, number: int, found: Pattern) -> str:
    """The address of the form of a new measure with everything that the pattern tells filled in."""
    told: list[tuple[str, str]] = [("varfor", words.pattern(found))]
    (problem,) = known(actor, [found])
    if problem:
        told.append(("problem", str(problem.id)))
    else:
        place, area = place_of(actor, found), area_at(*found.circle[:2])
        if place is not None:
            told.append(("plats", str(place.public_id)))
        elif area is not None:
            told.append(("omrade", str(area.public_id)))
        told += [("typ", code) for code in _codes(row, number)]
    return f"{reverse('new_measure')}?{urlencode(told)}"
