"""What reports let go of when the incidents that they became do."""

from __future__ import annotations

from django.db.models import QuerySet

from samverkan.domain.incidents.api import BecameHomeBound, LostItsPlace, WordsTakenOut
from samverkan.domain.places.api import area_at
from samverkan.foundation import events, files
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.refs import Ref

from ..models import Report
from . import workflow


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


@events.on(WordsTakenOut)
def forget_words(event: WordsTakenOut) -> None:
    """Reports that the incident was made of keep their words no longer; those that wait for review are others."""
    rows = Report.objects.filter(incident_id=event.incident_id).exclude(state__in=workflow.OPEN_TO_REPORTER)
    if event.photos:
        for public_id in rows.values_list("public_id", flat=True):
            files.dispose(SYSTEM, ref=Ref("report", public_id), rule="incidents.words")
    rows.update(text="", sent_back_because="")
