"""Work by the clock: reminders to those who are silent. And what follows when a category becomes home-bound."""

from __future__ import annotations

from django.db.models import QuerySet

from samverkan.domain.incidents.api import BecameHomeBound, LostItsPlace
from samverkan.domain.places.api import area_at
from samverkan.foundation import clock, events, jobs, municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.weeks import Week

from ..models import Report
from ..week import cycles
from . import duty


@jobs.periodic("0 7 * * *", name="est.remind")
def remind() -> int:
    """Remind on the weekday decided, in the last week of a cycle. Returns how many were told."""
    weeks = cycles.length()
    now = Week.current()
    last = cycles.first_of(now, weeks).plus(weeks - 1)
    if now != last or clock.today().weekday() != int(municipality.get("est.reminder_weekday")):
        return 0
    return duty.remind(SYSTEM)


@events.on(BecameHomeBound)
def forget_places(event: BecameHomeBound) -> None:
    """Reports of the category keep their area only, whatever has become of them."""
    _area_only(Report.objects.filter(category_id=event.category_id))


@events.on(LostItsPlace)
def forget_place(event: LostItsPlace) -> None:
    """Reports behind an incident that came into a home-bound category keep their area only."""
    _area_only(Report.objects.filter(incident_id=event.incident_id))


def _area_only(reports: QuerySet[Report]) -> None:
    for pk, x, y in reports.filter(area__isnull=True).values_list("pk", "x", "y"):
        if x is not None and y is not None:
            Report.objects.filter(pk=pk).update(area=area_at(x, y))
    reports.update(x=None, y=None, radius_m=None, place=None)
