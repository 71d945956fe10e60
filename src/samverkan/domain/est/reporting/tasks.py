"""Work by the clock: reminders to those who are silent. And what follows when a category becomes home-bound."""

from __future__ import annotations

from samverkan.domain.incidents.api import BecameHomeBound
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
    exact = Report.objects.filter(category_id=event.category_id, x__isnull=False)
    for row in exact.filter(area__isnull=True).iterator():
        Report.objects.filter(pk=row.pk).update(area=area_at(row.x, row.y))
    Report.objects.filter(category_id=event.category_id).update(x=None, y=None, radius_m=None, place=None)
