"""What can be done with incidents. Every source records through :func:`record`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Refusal

from ..importing.rows import digest
from ..importing.run import week_of
from ..models import Category, Incident, Kind, Observation, Precision, Source, SourceKind, TimePrecision
from ..placing import Areas, Municipalities, place
from ..store import apply, touch_weeks


@dataclass(frozen=True)
class Draft:
    """One incident as a source tells it. Coordinates are metres; ``x`` and ``y`` go together."""

    external_id: str
    category: Category
    started_at: datetime
    kind: str = Kind.EVENT
    title: str = ""
    description: str = ""
    ended_at: datetime | None = None
    time_precision: str = TimePrecision.MINUTE
    observation: str = Observation.UNKNOWN
    seriousness: int | None = None
    trend: str = ""
    x: float | None = None
    y: float | None = None
    radius_m: int | None = None
    area: Area | None = None
    place: Place | None = None
    municipality: str = ""
    organisation_id: int | None = None


def ensure_source(
    actor: Actor, *, code: str, name: str, kind: str = SourceKind.PARTNERS, is_invented: bool = False
) -> Source:
    """The source with a code, made when new."""
    require(actor, "incidents.record")
    source, _new = Source.objects.get_or_create(
        code=code,
        defaults={"name": name, "kind": kind, "controller": people.home(), "is_invented": is_invented},
    )
    return source


def record(actor: Actor, *, source: Source, drafts: list[Draft], observed_at: datetime | None = None) -> list[Incident]:
    """Record incidents of a source, each once by its external identity; changed ones become versions.

    Home-bound categories keep only the area. Raises Refusal when a place lies outside the
    installation's coordinate system.
    """
    require(actor, "incidents.record")
    areas, municipalities = Areas(), Municipalities()
    with_point = [d for d in drafts if d.x is not None]
    placed = None
    if with_point:
        placed = place(
            np.array([d.x for d in with_point], float),
            np.array([d.y for d in with_point], float),
            metric=True,
            epsg=None,
            areas=areas,
        )
        for problem in placed.problem:
            if problem:
                raise Refusal(problem, field="place")
    index = {id(d): k for k, d in enumerate(with_point)}
    seen = observed_at or clock.now()
    rows = []
    rounds: dict[str, int] = {}
    for sequence, draft in enumerate(drafts):
        if draft.ended_at is not None and draft.ended_at < draft.started_at:
            raise Refusal(_("The end comes before the start."), field="ended_at")
        x = y = hexagon = radius = None
        area_id = draft.area.pk if draft.area else draft.place.area_id if draft.place else None
        place_id = draft.place.pk if draft.place else None
        if placed is not None and id(draft) in index:
            k = index[id(draft)]
            area_id = int(placed.area[k]) or area_id
            if not draft.category.is_home_bound:
                x, y, hexagon = float(placed.x[k]), float(placed.y[k]), int(placed.hexagon[k])
                radius = draft.radius_m
        if draft.category.is_home_bound:
            place_id = None
        if x is not None:
            precision = Precision.APPROXIMATE if radius else Precision.POINT
        else:
            precision = Precision.AREA if area_id else Precision.MUNICIPALITY
        number = rounds.get(draft.external_id, -1) + 1
        rounds[draft.external_id] = number
        content = [
            str(getattr(draft, f))
            for f in (
                "kind",
                "started_at",
                "ended_at",
                "time_precision",
                "title",
                "description",
                "observation",
                "seriousness",
                "trend",
            )
        ]
        content += [draft.category.code, str(x), str(y), str(radius), str(area_id), str(place_id), draft.municipality]
        rows.append(
            (
                sequence,
                number,
                draft.external_id,
                digest(content),
                seen,
                source.controller_id,
                draft.kind,
                draft.category.pk,
                draft.title[:300],
                draft.description,
                "",
                draft.observation,
                draft.seriousness,
                draft.trend,
                False,
                draft.started_at,
                draft.ended_at,
                draft.time_precision,
                week_of(draft.started_at),
                precision,
                x,
                y,
                radius,
                hexagon,
                area_id,
                place_id,
                municipalities.find(draft.municipality),
                draft.organisation_id,
                None,
            )
        )
    apply(source.pk, rows)
    found = {
        i.external_id: i
        for i in Incident.objects.filter(source=source, external_id__in=[d.external_id for d in drafts])
    }
    return [found[d.external_id] for d in drafts]


def blur_home_bound(actor: Actor, *, category: Category) -> int:
    """Take exact places away from a home-bound category's incidents and their history. Returns how many."""
    require(actor, "incidents.categories")
    rows = Incident.objects.filter(category=category, precision__in=[Precision.POINT, Precision.APPROXIMATE])
    weeks = list(rows.values_list("week", flat=True).distinct())
    count = rows.filter(area__isnull=False).update(
        precision=Precision.AREA, x=None, y=None, hexagon=None, radius_m=None, place=None
    )
    count += rows.filter(area__isnull=True).update(
        precision=Precision.MUNICIPALITY, x=None, y=None, hexagon=None, radius_m=None, place=None
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incidentversion v SET content = v.content - ARRAY['x', 'y', 'radius_m', 'place_id'] "
            "FROM incidents_incident i WHERE i.id = v.incident_id "
            # What was of the category then and is of another now, too.
            "AND (i.category_id = %s OR v.content @> jsonb_build_object('category_id', %s::bigint)) "
            "AND v.content ?| ARRAY['x', 'y', 'radius_m', 'place_id']",
            [category.pk, category.pk],
        )
        if weeks:
            touch_weeks(cursor, weeks)
    return count
