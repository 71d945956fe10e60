"""What an import leaves is kept for as long as it is of use: files to be read, rejected rows to be mended."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from samverkan.foundation import clock

from .models import ImportRun, Upload


def _old(before: date) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(rejects__isnull=False, started_at__lt=clock.day_span(before)[0])


def due(before: date) -> int:
    """How many imports before a date still have their rejected rows."""
    return _old(before).count()


def dispose(before: date) -> int:
    """Take the rejected rows away; what the import counted stays. Returns of how many imports."""
    return _old(before).update(rejects=None)


def _left(before: date) -> QuerySet[Upload]:
    return Upload.objects.filter(changed_at__lt=clock.day_span(before)[0])


def due_uploads(before: date) -> int:
    """How many uploads nobody has touched since a date."""
    return _left(before).count()


def dispose_uploads(before: date) -> int:
    """Take the files away that nobody has decided about. Returns of how many uploads."""
    return _left(before).delete()[1].get(Upload._meta.label, 0)
