"""What can be done with places."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock, geo
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.errors import Conflict, Refusal

from ..models import Place, PlaceKind
from ..reach import check_near
from ..selectors import area_at


def _check(name: str, kind: str, x: float, y: float, radius_m: int) -> None:
    if not name.strip():
        raise Refusal(_("Write what the place is called."), field="name")
    if kind not in PlaceKind.values:
        raise Refusal(_("Choose what kind of place it is."), field="kind")
    if not bool(geo.current().contains(x, y)):
        raise Refusal(_("The point lies outside the area where the installation's coordinates hold."), field="x")
    check_near(x, y, field="x")
    if not 1 <= radius_m <= 5000:
        raise Refusal(_("The place reaches between 1 and 5 000 metres."), field="radius_m")


@transaction.atomic
def add(actor: Actor, *, name: str, also_called: str, kind: str, x: float, y: float, radius_m: int) -> Place:
    """A new named place."""
    require(actor, "places.manage")
    _check(name, kind, x, y, radius_m)
    return Place.objects.create(
        controller=people.home(),
        name=name.strip(),
        also_called=also_called.strip(),
        kind=kind,
        x=x,
        y=y,
        radius_m=radius_m,
        area=area_at(x, y),
    )


@transaction.atomic
def change(
    actor: Actor,
    *,
    place: Place,
    version: int,
    name: str,
    also_called: str,
    kind: str,
    x: float,
    y: float,
    radius_m: int,
    valid_to: date | None = None,
) -> Place:
    """Change a place, or end it (it stays in what has happened there)."""
    require(actor, "places.manage")
    _check(name, kind, x, y, radius_m)
    row = Place.objects.select_for_update().get(pk=place.pk)
    if row.version != version:
        raise Conflict
    if valid_to is not None and valid_to > clock.today():
        raise Refusal(_("A place can be ended from today, not in the future."), field="valid_to")
    row.name, row.also_called, row.kind, row.x, row.y, row.radius_m = (
        name.strip(),
        also_called.strip(),
        kind,
        x,
        y,
        radius_m,
    )
    row.area, row.valid_to = area_at(x, y), valid_to
    row.version += 1
    row.save()
    return row
