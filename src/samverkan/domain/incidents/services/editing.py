"""What people change of an incident once it is recorded: its end, its category, and what was told wrong.

Each change puts what was said before into the history, with who changed it. What a source of its own
says is not rewritten here: only how it is sorted, and that it is over. If that source later says
something new, what it says holds again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from samverkan.domain.places.api import Area, Place, PlaceKind, area_at, check_near
from samverkan.foundation import clock, events, geo
from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Conflict, Refusal

from ..importing.rows import digest
from ..importing.run import week_of
from ..lasting import is_own, lasts
from ..models import Category, Incident, IncidentVersion, Precision
from ..store import VERSIONED, touch_weeks

KEEP, PLACE, POINT, AREA, MUNICIPALITY = "keep", "place", "point", "area", "municipality"


@dataclass(frozen=True)
class LostItsPlace:
    """An incident came into a home-bound category. Whoever keeps its place too lets it go."""

    incident_id: int


@dataclass(frozen=True)
class Correction:
    """What an incident is to say. ``where`` is KEEP, PLACE, POINT, AREA or MUNICIPALITY."""

    category: Category
    title: str
    seriousness: int | None
    started_at: datetime
    ended_at: datetime | None
    time_precision: str
    where: str = KEEP
    place: Place | None = None
    area: Area | None = None
    #: Metres, of a point.
    x: float | None = None
    y: float | None = None
    #: The one who changes knows that the exact place is gone for good.
    give_up_place: bool = False


def _locked(incident: Incident, version: int) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).select_related("source", "category").get(pk=incident.pk)
    if row.version != version:
        raise Conflict
    return row


def _keep(actor: Actor, row: Incident) -> None:
    """Put what an incident says into its history, as replaced by this person now.

    It keeps the time when its source said it, so that the order of what sources say stays.
    """
    content: dict[str, Any] = {}
    for name in VERSIONED:
        value = getattr(row, name)
        if value is not None:
            content[name] = value.isoformat() if isinstance(value, datetime) else value
    now = clock.now()
    IncidentVersion.objects.create(
        incident=row,
        observed_at=row.observed_at,
        content_hash=digest([str(row.pk), str(row.version)]),
        content=content,
        recorded_at=now,
        edited_at=now,
        edited_by_id=actor.membership_id,
    )


def _save(row: Incident, weeks: set[int]) -> Incident:
    row.version += 1
    row.changed_at = clock.now()
    row.save()
    with connection.cursor() as cursor:
        touch_weeks(cursor, weeks | {row.week})
    return row


@transaction.atomic
def end(actor: Actor, *, incident: Incident, version: int, day: date) -> Incident:
    """Say that a development or a place feature is over; ``day`` is the last day it went on.

    The source's fingerprint stays, so that importing the same again does not undo it.
    """
    require(actor, "incidents.edit")
    row = _locked(incident, version)
    if not lasts(row):
        raise Refusal(_("A single event does not go on, so it cannot be ended."))
    if row.ended_at is not None:
        raise Conflict(_("Somebody else has already ended it."))
    if day > clock.today():
        raise Refusal(_("Choose today or an earlier day."), field="day")
    if day < clock.local(row.started_at).date():
        raise Refusal(_("It began after that day. Choose a later day."), field="day")
    _keep(actor, row)
    row.ended_at = clock.day_span(day)[1]
    return _save(row, set())


@transaction.atomic
def reopen(actor: Actor, *, incident: Incident, version: int) -> Incident:
    """Say that what was ended goes on after all."""
    require(actor, "incidents.edit")
    row = _locked(incident, version)
    if not lasts(row) or row.ended_at is None:
        raise Conflict(_("It goes on already."))
    _keep(actor, row)
    row.ended_at = None
    return _save(row, set())


@transaction.atomic
def correct(actor: Actor, *, incident: Incident, version: int, correction: Correction) -> Incident:
    """Correct an incident; what it said goes to the history. Nothing is written when nothing differs.

    Of an incident with a source of its own only the category is taken. A home-bound category takes the
    exact place away for good, in the history too.
    """
    require(actor, "incidents.edit")
    row = _locked(incident, version)
    if row.is_digest:
        raise Refusal(_("This is a digest of many events. It is not counted, so there is nothing to sort."))
    before = {name: getattr(row, name) for name in (*VERSIONED, "hexagon")}
    week = row.week
    stored = Incident.objects.get(pk=row.pk)
    row.category = correction.category
    if is_own(row):
        _tell(row, correction)
    becomes_home_bound = row.category.is_home_bound and not stored.category.is_home_bound
    if becomes_home_bound and _has_exact_place(stored) and not correction.give_up_place:
        raise Refusal(
            _(
                "This category is kept by area only. Say that the exact place may be taken away for good, or choose another."
            ),
            field="give_up_place",
            code="exact_place",
        )
    if row.category.is_home_bound:
        _to_area(row)
    if before == {name: getattr(row, name) for name in (*VERSIONED, "hexagon")}:
        return stored
    _keep(actor, stored)
    _save(row, {week})
    if becomes_home_bound:
        _blur_history(row)
        events.publish(LostItsPlace(row.pk))
    return Incident.objects.get(pk=row.pk)


def _tell(row: Incident, correction: Correction) -> None:
    """What the installation itself has said of an incident, said anew."""
    title = correction.title.strip()
    if len(title) > 300:
        raise Refusal(_("The heading is longer than 300 characters."), field="title")
    row.title, row.seriousness = title, correction.seriousness
    ended_at = row.ended_at if lasts(row) else correction.ended_at
    if ended_at is not None and ended_at < correction.started_at:
        raise Refusal(_("The end comes before the start."), field="day" if lasts(row) else "until_day")
    if correction.started_at > clock.now() + timedelta(days=1):
        raise Refusal(_("Choose today or an earlier day."), field="day")
    row.started_at, row.ended_at, row.time_precision = correction.started_at, ended_at, correction.time_precision
    row.week = week_of(row.started_at)
    if correction.where == PLACE:
        place = correction.place
        if place is None:
            raise Refusal(_("Choose the place."), field="place")
        row.place, row.area, row.x, row.y = place, place.area, place.x, place.y
        row.radius_m = None if place.kind == PlaceKind.ADDRESS else place.radius_m
        if row.x is None or row.y is None:
            _to_area(row, place=place)
        else:
            row.area = area_at(row.x, row.y) or place.area
            row.hexagon = int(geo.hexagon_of(row.x, row.y)[0])
            row.precision = Precision.APPROXIMATE if row.radius_m else Precision.POINT
    elif correction.where == POINT:
        if correction.x is None or correction.y is None:
            raise Refusal(_("Mark the point on the map, or write both coordinates."), field="x")
        if not bool(geo.current().contains(correction.x, correction.y)):
            raise Refusal(_("The point lies outside the map. Mark it on the map instead."), field="x")
        check_near(correction.x, correction.y, field="x")
        row.place, row.x, row.y, row.radius_m = None, correction.x, correction.y, None
        row.area = area_at(row.x, row.y)
        row.hexagon, row.precision = int(geo.hexagon_of(row.x, row.y)[0]), Precision.POINT
    elif correction.where == AREA:
        if correction.area is None:
            raise Refusal(_("Choose the area."), field="area")
        row.area = correction.area
        _to_area(row)
    elif correction.where == MUNICIPALITY:
        row.area = None
        _to_area(row, within=False)


def _to_area(row: Incident, *, place: Place | None = None, within: bool = True) -> None:
    """Leave only the area of an incident, or only the municipality where no area is known."""
    if within and row.area_id is None and row.x is not None and row.y is not None:
        row.area = area_at(row.x, row.y)
    row.x = row.y = row.hexagon = row.radius_m = None
    row.place = place
    row.precision = Precision.AREA if row.area_id else Precision.MUNICIPALITY


def _has_exact_place(row: Incident) -> bool:
    exact = row.x is not None or row.place_id is not None
    return exact or row.versions.filter(content__has_any_keys=["x", "place_id"]).exists()


def _blur_history(row: Incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incidentversion SET content = content - ARRAY['x', 'y', 'radius_m', 'place_id'] "
            "WHERE incident_id = %s",
            [row.pk],
        )
