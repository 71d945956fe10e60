"""What can be read about people, organisations and seats."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from .. import clock
from ..access import Actor, require
from .models import Invitation, Membership, Organisation, Person


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


def lacks_second_step(request: HttpRequest) -> bool:
    """Whether the person still has to set up or use a second step."""
    from allauth.account.authentication import get_authentication_records

    return "mfa" not in {record.get("method") for record in get_authentication_records(request)}


def home() -> Organisation:
    """The municipality that this installation serves."""
    return Organisation.objects.get(is_home=True)


def organisations(actor: Actor) -> QuerySet[Organisation]:
    require(actor, "people.view")
    return Organisation.objects.select_related("parent", "controller").order_by("name")


def memberships(actor: Actor) -> QuerySet[Membership]:
    require(actor, "people.view")
    return Membership.objects.select_related("person", "organisation", "substitute__person").order_by(
        "organisation__name", "function", "pk"
    )


def invitations(actor: Actor) -> QuerySet[Invitation]:
    require(actor, "people.invite")
    return Invitation.objects.select_related("organisation", "invited_by").order_by("-created_at")
