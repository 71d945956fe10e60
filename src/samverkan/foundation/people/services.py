"""What can be done with organisations, people and seats."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..access import Actor, Refused, require
from ..access.roles import roles
from ..web.errors import Conflict, Refusal
from . import policy
from .models import Membership, Organisation, OrganisationKind, Person


def home() -> Organisation:
    """The municipality that the installation serves; made with a plain name when nothing has been set up yet."""
    found = Organisation.objects.filter(is_home=True).first()
    return found or Organisation.objects.create(
        name=_("The municipality"), kind=OrganisationKind.MUNICIPALITY, is_home=True
    )


def is_unnamed(organisation: Organisation) -> bool:
    """Whether a municipality has the plain name that :func:`home` gives, in any of our languages."""
    names = set()
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            names.add(_("The municipality"))
    return organisation.is_home and organisation.name in names


def create_organisation(
    actor: Actor,
    *,
    name: str,
    kind: str,
    parent: Organisation | None = None,
    controller: Organisation | None = None,
    is_home: bool = False,
    is_invented: bool = False,
) -> Organisation:
    """A body that takes part. Names are given once.

    Without a controller, a department answers through the body it belongs to and any other body for
    itself.
    """
    require(actor, "people.manage")
    organisation = Organisation(is_home=is_home, is_invented=is_invented)
    with transaction.atomic():
        return _store_organisation(organisation, name=name, kind=kind, parent=parent, controller=controller)


def change_organisation(
    actor: Actor,
    *,
    public_id: UUID,
    version: int,
    name: str,
    kind: str,
    parent: Organisation | None = None,
    controller: Organisation | None = None,
) -> Organisation:
    """Change a body; Conflict when somebody else changed it since it was read."""
    require(actor, "people.manage")
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(public_id=public_id)
        if organisation.version != version:
            raise Conflict
        organisation.version += 1
        return _store_organisation(organisation, name=name, kind=kind, parent=parent, controller=controller)


def create_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str | None = None,
    password_hash: str = "",
    is_invented: bool = False,
    language: str = "sv",
) -> Person:
    """Someone who can sign in, for commands and demonstration data. In operation people are invited.

    ``password_hash`` is a password already hashed by Django, instead of ``password``.
    """
    require(actor, "people.manage")
    with transaction.atomic():
        person = store_person(email=email, name=name, password=password, is_invented=is_invented, language=language)
        if password_hash:
            Person.objects.filter(pk=person.pk).update(password=password_hash)
        return person


def give_seat(
    actor: Actor,
    *,
    person: Person,
    organisation: Organisation,
    role: str,
    function: str,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Membership:
    """Give a person a role in an organisation from a date until (not including) another.

    Nobody gives a seat to themselves, and guarded roles are given by the system administrator.
    """
    require(actor, "people.manage")
    if not policy.may_give(actor, role) or actor.person_id == person.pk:
        raise Refused("people.manage")
    with transaction.atomic():
        return store_seat(
            person=person,
            organisation=organisation,
            role=role,
            function=function,
            from_on=from_on or clock.today(),
            until_on=until_on,
        )


def end_seat(actor: Actor, *, public_id: UUID, version: int, until_on: date | None = None) -> Membership:
    """The seat is held until a date, today unless said. What was done from it stays."""
    require(actor, "people.manage")
    with transaction.atomic():
        seat = _locked_seat(actor, public_id, version)
        last = until_on or clock.today()
        if last <= seat.from_on:
            raise Refusal(_("The last day must come after the first."), field="until_on")
        seat.until_on = last
        seat.save(update_fields=["until_on", "version"])
        return seat


def reopen_seat(actor: Actor, *, public_id: UUID, version: int) -> Membership:
    """Undo the end of a seat."""
    require(actor, "people.manage")
    with transaction.atomic():
        seat = _locked_seat(actor, public_id, version)
        if _is_taken(seat, exclude=seat.pk):
            raise Refusal(_("The person already holds such a seat."))
        seat.until_on = None
        seat.save(update_fields=["until_on", "version"])
        return seat


def set_substitute(actor: Actor, *, public_id: UUID, version: int, substitute: Membership | None) -> Membership:
    """Name the seat that stands in for another of the same organisation, or none."""
    require(actor, "people.manage")
    with transaction.atomic():
        seat = _locked_seat(actor, public_id, version)
        if substitute is not None and (
            substitute.organisation_id != seat.organisation_id or substitute.person_id == seat.person_id
        ):
            raise Refusal(_("Choose somebody else in the same organisation."), field="substitute")
        seat.substitute = substitute
        seat.save(update_fields=["substitute", "version"])
        return seat


def deactivate(actor: Actor, *, public_id: UUID, version: int) -> Person:
    """The person can no longer sign in, and every open seat ends today."""
    require(actor, "people.manage")
    with transaction.atomic():
        person = _locked_person(actor, public_id, version)
        today = clock.today()
        for seat in Membership.objects.select_for_update().filter(person=person, until_on__isnull=True):
            if not policy.may_give(actor, seat.role):
                raise Refused("people.manage")
            if seat.from_on < today:
                seat.until_on = today
                seat.version += 1
                seat.save(update_fields=["until_on", "version"])
        person.is_active = False
        person.save(update_fields=["is_active", "version"])
        return person


def activate(actor: Actor, *, public_id: UUID, version: int) -> Person:
    """Undo: the person can sign in again. Seats that ended stay ended."""
    require(actor, "people.manage")
    with transaction.atomic():
        person = _locked_person(actor, public_id, version)
        person.is_active = True
        person.save(update_fields=["is_active", "version"])
        return person


def store_seat(
    *,
    person: Person,
    organisation: Organisation,
    role: str,
    function: str,
    from_on: date,
    until_on: date | None = None,
) -> Membership:
    """Check and write a seat; permission is the caller's."""
    if not policy.fits(role, organisation.kind):
        raise Refusal(
            _("{role} cannot be held in this kind of organisation.").format(role=roles.label(role)), field="role"
        )
    if until_on is not None and until_on <= from_on:
        raise Refusal(_("The last day must come after the first."), field="until_on")
    seat = Membership(
        person=person,
        organisation=organisation,
        role=role,
        function=function.strip() or roles.label(role),
        from_on=from_on,
        until_on=until_on,
    )
    if until_on is None and _is_taken(seat):
        raise Refusal(_("The person already holds such a seat."), field="role")
    seat.save()
    return seat


def _store_organisation(
    organisation: Organisation, *, name: str, kind: str, parent: Organisation | None, controller: Organisation | None
) -> Organisation:
    name = " ".join(name.split())
    if not name:
        raise Refusal(_("Write the name of the organisation."), field="name")
    if Organisation.objects.filter(name=name).exclude(pk=organisation.pk).exists():
        raise Refusal(_("There is already an organisation with that name."), field="name")
    above = parent
    while above is not None:
        if organisation.pk is not None and above.pk == organisation.pk:
            raise Refusal(_("An organisation cannot belong to itself."), field="parent")
        above = above.parent
    if controller is None and parent is not None and kind == OrganisationKind.DEPARTMENT:
        controller = parent.controller or parent
    if controller is not None and controller.pk == organisation.pk:
        controller = None
    organisation.name, organisation.kind = name, kind
    organisation.parent, organisation.controller = parent, controller
    organisation.save()
    return organisation


def store_person(*, email: str, name: str, password: str | None, **fields: Any) -> Person:
    """Check and write a person whose address is known to be theirs; permission is the caller's."""
    from allauth.account.models import EmailAddress

    email, name = email.strip().lower(), " ".join(name.split())
    try:
        validate_email(email)
    except ValidationError:
        raise Refusal(_("Write the address such as name@example.org."), field="email") from None
    if not name:
        raise Refusal(_("Write the name."), field="name")
    with transaction.atomic():
        if Person.objects.filter(email=email).exists():
            raise Refusal(_("There is already a person with that address."), field="email")
        person = Person.objects.create_user(email, password, name=name, **fields)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _is_taken(seat: Membership, exclude: int | None = None) -> bool:
    others = Membership.objects.filter(
        person_id=seat.person_id, organisation_id=seat.organisation_id, role=seat.role, until_on__isnull=True
    )
    if exclude is not None:
        others = others.exclude(pk=exclude)
    return bool(others.exists())


def _locked_seat(actor: Actor, public_id: UUID, version: int) -> Membership:
    seat = Membership.objects.select_for_update(of=("self",)).select_related("person").get(public_id=public_id)
    if not policy.may_give(actor, seat.role):
        raise Refused("people.manage")
    if seat.version != version:
        raise Conflict
    seat.version += 1
    return seat


def _locked_person(actor: Actor, public_id: UUID, version: int) -> Person:
    person = Person.objects.select_for_update().get(public_id=public_id)
    if person.pk == actor.person_id:
        raise Refusal(_("You cannot change your own access. Ask another administrator."))
    if person.version != version:
        raise Conflict
    person.version += 1
    return person
