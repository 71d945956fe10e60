"""What a seat can read in its inbox."""

from __future__ import annotations

from django.db.models import QuerySet

from ..access import Actor
from .models import Notice


def inbox(actor: Actor) -> QuerySet[Notice]:
    """The seat's own notices, the newest first."""
    if actor.membership_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(membership_id=actor.membership_id).order_by("-created_at", "-pk")


def unread_count(actor: Actor) -> int:
    """How many notices the seat has not read."""
    return inbox(actor).filter(read_at__isnull=True).count()
