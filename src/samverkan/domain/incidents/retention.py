"""Rejected rows of an import are kept to be mended, not for ever."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from samverkan.foundation import clock

from .models import ImportRun


def _old(before: date) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(rejects__isnull=False, started_at__lt=clock.day_span(before)[0])


def due(before: date) -> int:
    """How many imports before a date still have their rejected rows."""
    return _old(before).count()


def dispose(before: date) -> int:
    """Take the rejected rows away; what the import counted stays. Returns of how many imports."""
    return _old(before).update(rejects=None)
