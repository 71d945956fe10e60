"""Incidents in the search box, for those who may read them one by one."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language

from samverkan.domain.incidents.api import Incident
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Rows
from samverkan.foundation.postgres.functions import holding
from samverkan.foundation.registries import Hit
from samverkan.foundation.web.dates import date_words

#: How far back is looked. What is older is found in the picture's list, where a period and a text are chosen.
DAYS = 550
MOST = 10
MOST_WORDS = 6


def hits(actor: Actor, text: str) -> list[Hit]:
    """The latest incidents that hold every word in heading, description, category, place or area, or have the number."""
    if not actor.may("picture.view"):
        return []
    rows = Incident.objects.visible_to(actor)
    recent = Q(started_at__gte=clock.now() - timedelta(days=DAYS))
    for word in text.split()[:MOST_WORDS]:
        recent &= holding(
            word, "title", "description", "category__name_sv", "category__name_en", "place__name", "area__name"
        )
    found = list(_whole(rows.filter(external_id__iexact=text.strip()).order_by("pk"))[:MOST])
    # By the index of times, so that the latest are found without reading them all.
    found += _whole(rows.filter(recent).order_by("-started_at", "-pk"))[: MOST - len(found)]
    language = get_language() or "sv"
    return [
        Hit(
            row.title or row.category.name,
            reverse("picture_incident", args=[row.public_id]),
            ", ".join(_about(row, language)),
            # Kept in the order of time, the latest first.
            order,
        )
        for order, row in enumerate({row.pk: row for row in found}.values())
    ]


def _whole(rows: Rows[Incident]) -> Rows[Incident]:
    return rows.select_related("category", "place", "area")


def _about(row: Incident, language: str) -> list[str]:
    where = row.place or row.area
    return [
        *([row.category.name] if row.title else []),
        *([str(where.name)] if where else []),
        date_words(clock.local(row.started_at), language, weekday=False),
    ]
