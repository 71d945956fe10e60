"""What can be read about people, organisations and seats."""

from __future__ import annotations

import unicodedata
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Model,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import clock
from ..access import Actor, require
from ..postgres.functions import SvSort, holding
from ..refs import Linked
from ..registries import Hit
from ..text import rank
from .models import Invitation, Membership, Organisation, Person

M = TypeVar("M", bound=Model)

PERSON_SORTS = {
    "name": SvSort("name"),
    "function": SvSort("first_function"),
    "organisation": SvSort("first_organisation"),
}
ORGANISATION_SORTS = {"name": SvSort("name"), "kind": F("kind"), "seats": F("seats")}


def seats_of(person_id: int) -> list[Membership]:
    """The seats a person holds today, in a steady order."""
    return list(
        Membership.objects.on(clock.today())
        .filter(person_id=person_id)
        .select_related("organisation", "organisation__controller")
        .order_by("pk")
    )


def actor_of(person_id: int, seat: Membership | None) -> Actor:
    """The actor on a seat; without a seat one who is signed in and may do nothing more."""
    if seat is None:
        return Actor(person_id, None, None, "", "", None)
    return Actor(
        person_id,
        seat.pk,
        seat.organisation_id,
        seat.organisation.kind,
        seat.role,
        seat.organisation.controller_or_self_id,
    )


def actor_for_email(email: str) -> Actor:
    """The actor of the person with an address, on the first seat. LookupError says who is missing."""
    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise LookupError(f"No active person has the address {email}.")
    seats = seats_of(person.pk)
    return actor_of(person.pk, seats[0] if seats else None)


def home_name() -> str:
    """What the municipality that this installation serves is called; empty before it has been set up."""
    return Organisation.objects.filter(is_home=True).values_list("name", flat=True).first() or ""


def organisations(actor: Actor, *, text: str = "", kind: str = "", sort: str = "name") -> QuerySet[Organisation]:
    """Organisations with the number of seats held today (``seats``), in Swedish order."""
    require(actor, "people.view")
    held = Membership.objects.on(clock.today()).filter(organisation=OuterRef("pk"), person__is_active=True)
    rows = Organisation.objects.select_related("parent", "controller").annotate(
        seats=Coalesce(Subquery(held.order_by().values("organisation").annotate(n=Count("pk")).values("n")), Value(0))
    )
    for word in _words(text):
        rows = rows.filter(holding(word, "name"))
    if kind:
        rows = rows.filter(kind=kind)
    return _sorted(rows, sort, ORGANISATION_SORTS)


def people(
    actor: Actor, *, text: str = "", role: str = "", ended: bool = False, sort: str = "name"
) -> QuerySet[Person]:
    """People with their seats of today (``held``); with ``ended`` also those who hold none.

    ``text`` is looked for in name, address, function and organisation; every word must be found.
    """
    require(actor, "people.view")
    today = clock.today()
    held = Membership.objects.on(today)
    first = held.filter(person=OuterRef("pk")).order_by("pk")
    rows = Person.objects.annotate(
        first_function=Subquery(first.values("function")[:1]),
        first_organisation=Subquery(first.values("organisation__name")[:1]),
    ).prefetch_related(Prefetch("memberships", held.select_related("organisation").order_by("pk"), to_attr="held"))
    if not ended:
        rows = rows.filter(is_active=True)
    for word in _words(text):
        seat = held.filter(holding(word, "function", "organisation__name"), person=OuterRef("pk"))
        rows = rows.filter(holding(word, "name", "email") | Exists(seat))
    if role:
        rows = rows.filter(Exists(held.filter(person=OuterRef("pk"), role=role)))
    return _sorted(rows, sort, PERSON_SORTS)


def person(actor: Actor, public_id: UUID) -> Person:
    """One person. Person.DoesNotExist when there is none."""
    require(actor, "people.view")
    return Person.objects.get(public_id=public_id)


def organisation(actor: Actor, public_id: UUID) -> Organisation:
    """One organisation. Organisation.DoesNotExist when there is none."""
    require(actor, "people.view")
    return Organisation.objects.select_related("parent", "controller").get(public_id=public_id)


def seats(actor: Actor) -> QuerySet[Membership]:
    """All seats, held, to come and ended, by person and organisation; the newest first."""
    require(actor, "people.view")
    return Membership.objects.select_related("person", "organisation", "substitute__person").order_by(
        F("until_on").desc(nulls_first=True), "-from_on", "pk"
    )


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The seats held today."""
    require(actor, "people.view")
    return (
        Membership.objects.on(clock.today())
        .select_related("person", "organisation", "substitute__person")
        .order_by(SvSort("organisation__name"), SvSort("function"), "pk")
    )


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """All invitations, the newest first, with their state (open, accepted, revoked, expired)."""
    require(actor, "people.invite")
    return (
        Invitation.objects.select_related("organisation", "invited_by")
        .annotate(
            state=Case(
                When(accepted_at__isnull=False, then=Value("accepted")),
                When(revoked_at__isnull=False, then=Value("revoked")),
                When(expires_at__lte=clock.now(), then=Value("expired")),
                default=Value("open"),
            )
        )
        .order_by("-created_at", "-pk")
    )


def own_sign_in(actor: Actor, public_id: UUID) -> Linked | None:
    """Where a person sees to their own second step and password."""
    if not Person.objects.filter(pk=actor.person_id or 0, public_id=public_id).exists():
        return None
    return Linked(_("Your sign-in"), reverse("mfa_index"))


def search(actor: Actor, text: str) -> list[Hit]:
    """Hits of the search box: people and organisations, for those who may see them."""
    if not actor.may("people.view"):
        return []
    hits = [
        Hit(
            row.name,
            reverse("person", args=[row.public_id]),
            "; ".join(str(seat) for seat in getattr(row, "held", [])),
            rank(text, row.name),
        )
        for row in people(actor, text=text)[:10]
    ]
    hits += [
        Hit(row.name, reverse("organisation", args=[row.public_id]), row.get_kind_display(), rank(text, row.name))
        for row in organisations(actor, text=text)[:10]
    ]
    return hits


def demo_cast() -> list[Membership]:
    """The invented people of a demonstration, one seat each; empty outside demonstrations."""
    if not settings.DEMO:
        return []
    rows = (
        Membership.objects.on(clock.today())
        .filter(person__is_invented=True, person__is_active=True)
        .select_related("person", "organisation")
        .order_by("person_id", "pk")
    )
    first: dict[int, Membership] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
    return list(first.values())


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()[:8]


def _sorted(rows: QuerySet[M], sort: str, allowed: dict[str, Any]) -> QuerySet[M]:
    key = sort.lstrip("-")
    order = allowed.get(key, allowed["name"])
    if sort.startswith("-") and key in allowed:
        return rows.order_by(order.desc(nulls_last=True), "pk")
    return rows.order_by(order.asc(nulls_last=True), "pk")
