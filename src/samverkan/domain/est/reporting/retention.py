"""Raw words that nobody reviewed do not lie for ever, and words that are taken out later go too."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from samverkan.domain.incidents.api import WordsTakenOut
from samverkan.foundation import clock, events, files
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.refs import Ref

from ..models import Report, ReportState
from . import workflow


def _old(before: date) -> QuerySet[Report]:
    return Report.objects.filter(
        state__in=[ReportState.DRAFT, ReportState.SENT_BACK], created_at__lt=clock.day_span(before)[0]
    )


def due(before: date) -> int:
    """How many drafts and reports sent back are older than a date."""
    return _old(before).count()


def dispose(before: date) -> int:
    """Take them away with their photos. Returns how many."""
    rows = list(_old(before).select_for_update())
    for row in rows:
        files.dispose(SYSTEM, ref=Ref("report", row.public_id), rule="est.raw_reports")
        row.delete()
    return len(rows)


def _waiting(before: date) -> QuerySet[Report]:
    return Report.objects.filter(state=ReportState.SUBMITTED, submitted_at__lt=clock.day_span(before)[0])


def waiting_due(before: date) -> int:
    """How many reports have waited for review since before a date."""
    return _waiting(before).count()


def dispose_waiting(before: date) -> int:
    """Take reports that nobody reviewed away with their photos. Returns how many."""
    rows = list(_waiting(before).select_for_update())
    for row in rows:
        files.dispose(SYSTEM, ref=Ref("report", row.public_id), rule="est.waiting_reports")
        row.delete()
    return len(rows)


@events.on(WordsTakenOut)
def forget_words(event: WordsTakenOut) -> None:
    """Reports that the incident was made of keep their words no longer; those that wait for review are others."""
    rows = Report.objects.filter(incident_id=event.incident_id).exclude(state__in=workflow.OPEN_TO_REPORTER)
    if event.photos:
        for public_id in rows.values_list("public_id", flat=True):
            files.dispose(SYSTEM, ref=Ref("report", public_id), rule="incidents.words")
    rows.update(text="", sent_back_because="")
