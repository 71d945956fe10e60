"""What was closed long ago is disposed of: personal data is kept no longer than it is needed (GDPR art. 5.1 e)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from samverkan.foundation import clock

from .models import Newthing


def _old(before: date) -> QuerySet[Newthing]:
    return Newthing.objects.filter(closed_at__lt=clock.day_span(before)[0])


def due(before: date) -> int:
    """How many were closed before a date."""
    return _old(before).count()


def dispose(before: date) -> int:
    """Take them away. Returns how many."""
    return _old(before).delete()[0]
