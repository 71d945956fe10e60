"""Which edition: a number, or the latest."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Max, QuerySet

from .models import Sealed

S = TypeVar("S", bound=Sealed)


def one(editions: QuerySet[S], number: int | None = None) -> S:
    """One of the editions of something; the latest unless a number is given. DoesNotExist otherwise."""
    return editions.get(number=number) if number is not None else editions.order_by("-number")[:1].get()


def latest(editions: QuerySet[S], of: str) -> QuerySet[S]:
    """The latest edition of everything; ``of`` is the field that names what they are editions of."""
    newest = editions.model._default_manager.values(of).annotate(last=Max("pk")).values("last")
    return editions.filter(pk__in=newest)
