"""What can be read beside the counts: incidents one by one, and named views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from samverkan.domain.incidents.api import Incident
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Rows, require

from .counting import Chosen
from .dimensions import ATTRIBUTES, Dimensions
from .filters import Filter
from .models import SavedView


def by_content(found: Rows[Incident], filter_: Filter) -> Rows[Incident]:
    """What only the incidents themselves can answer."""
    if filter_.organisation:
        found = found.filter(organisation__public_id=filter_.organisation)
    if filter_.text:
        # The whole table is read: lower() is half the cost of icontains' upper(), and most descriptions are empty.
        words = filter_.text.lower()
        lowered: Any = found.alias(title_low=Lower("title"), description_low=Lower("description"))
        found = lowered.filter(Q(title_low__contains=words) | ~Q(description="") & Q(description_low__contains=words))
    return found


def _incidents(filter_: Filter, chosen: Chosen) -> Rows[Incident]:
    """The counted incidents that a filter means, from the database."""
    found = Incident.objects.filter(is_digest=False)
    if chosen.first is not None:
        found = found.filter(week__gte=chosen.first)
    if chosen.last is not None:
        found = found.filter(week__lte=chosen.last)
    if filter_.first and chosen.first_day:
        found = found.filter(started_at__gte=clock.day_span(filter_.first)[0])
    if filter_.last and chosen.last_day < 6:
        found = found.filter(started_at__lt=clock.day_span(filter_.last)[1])
    for name, ids in (chosen.values or {}).items():
        if name in {"kind", "precision"}:
            found = found.filter(**{f"{name}__in": getattr(filter_, ATTRIBUTES[name])})
        elif name in ATTRIBUTES:
            some = Q(**{f"{name}_id__in": ids - {0}})
            found = found.filter(some | Q(**{f"{name}__isnull": True}) if 0 in ids else some)
    if chosen.home is not None:
        found = found.filter(Q(municipality_id__in=chosen.home) | Q(municipality__isnull=True, area__isnull=False))
    if filter_.seriousness:
        found = found.filter(seriousness__in=filter_.seriousness)
    if filter_.observations:
        found = found.filter(observation__in=filter_.observations)
    return by_content(found, filter_)


def incidents(actor: Actor, filter_: Filter, names: Dimensions) -> QuerySet[Incident]:
    """The incidents that a filter means, one by one: all for who may read them, else those of one's own organisation.

    Raises Refusal for unknown names.
    """
    require(actor, "picture.view")
    found = _incidents(filter_, names.chosen(filter_)).visible_to(actor)
    return found.select_related("category", "category__main", "source", "area", "municipality", "place", "organisation")


def incident(actor: Actor, public_id: UUID) -> Incident | None:
    """One incident, digests too, if the actor may see it."""
    require(actor, "picture.view")
    found = Incident.objects.visible_to(actor).filter(public_id=public_id)
    return found.select_related(
        "category", "category__main", "source", "area", "municipality", "place", "organisation"
    ).first()


def saved_views(actor: Actor) -> QuerySet[SavedView]:
    """The seat's own named views, by name."""
    require(actor, "picture.view")
    return SavedView.objects.visible_to(actor).order_by("name", "pk")
