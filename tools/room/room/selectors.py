"""What can be read. Access is a filter in the query."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from samverkan.foundation.access import Actor, require
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.registries import Hit

from .models import Newthing


def newthings(actor: Actor) -> QuerySet[Newthing]:
    """Those that the actor may see: the open ones first, in Swedish order."""
    require(actor, "newroom.view")
    rows: QuerySet[Newthing] = Newthing.objects.visible_to(actor)
    return rows.order_by("-state", SvSort("title"), "pk")


def newthing(actor: Actor, public_id: UUID) -> Newthing:
    """One of them. Newthing.DoesNotExist when it may not be seen."""
    return newthings(actor).get(public_id=public_id)


def hits(actor: Actor, text: str) -> list[Hit]:
    """Hits of the search box; ``text`` is folded."""
    if not actor.may("newroom.view"):
        return []
    rows = newthings(actor).filter(title__icontains=text)[:10]
    return [Hit(row.title, reverse("newthing", args=[row.public_id])) for row in rows]
