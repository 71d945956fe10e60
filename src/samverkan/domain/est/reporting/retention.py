"""Raw words that nobody reviewed do not lie for ever, and words that are taken out later go too."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from samverkan.foundation import clock, files
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.refs import Ref

from ..models import Report, ReportState


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
