"""Invitations: a seat offered to an address by a private link.

The link's secret is computed from the invitation with the installation's key, so that neither the
database nor the queue of jobs ever holds it.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import clock, jobs, municipality, seal
from ..access import Actor, Refused, require
from ..access.roles import roles
from ..web.errors import Refusal
from . import policy, services
from .models import Invitation, Membership, Organisation, Person


def token_of(invitation: Invitation) -> str:
    """The secret of an invitation's link: 43 characters."""
    digest = seal.mac(b"invitation:" + invitation.public_id.bytes)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def link_of(invitation: Invitation) -> str:
    """The whole address of an invitation."""
    return settings.BASE_URL.rstrip("/") + reverse("invitation", args=[token_of(invitation)])


def invite(actor: Actor, *, email: str, organisation: Organisation, role: str, function: str) -> Invitation:
    """Offer a seat to an address and queue the mail. An open offer of the same seat is replaced.

    Raises Refused, or Refusal with the field that is wrong. Nobody invites themselves; the
    installation (SYSTEM), which is nobody, invites the first administrator.
    """
    from .tasks import mail_invitation

    require(actor, "people.invite")
    if roles.get(role) is None:
        raise Refusal(_("There is no such role."), field="role")
    if not policy.may_give(actor, role):
        raise Refused("people.invite")
    if not policy.fits(role, organisation.kind):
        raise Refusal(_("The role cannot be held in this kind of organisation."), field="role")
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refusal(_("Write the address such as name@example.org."), field="email") from None
    if Person.objects.filter(pk=actor.person_id or 0, email=email).exists():
        raise Refusal(_("You cannot invite yourself."), field="email")
    held = Membership.objects.on(clock.today()).filter(
        person__email=email, organisation=organisation, role=role, until_on__isnull=True
    )
    if held.exists():
        raise Refusal(_("The person already holds such a seat."), field="email")
    with transaction.atomic():
        _open().filter(email=email, organisation=organisation, role=role).update(revoked_at=clock.now())
        invitation = Invitation(
            email=email,
            organisation=organisation,
            role=role,
            function=function.strip(),
            invited_by_id=actor.person_id,
            expires_at=clock.now() + timedelta(days=int(municipality.get("people.invitation_days"))),
        )
        invitation.token_hash = _hash(token_of(invitation))
        invitation.save()
        jobs.defer(mail_invitation, invitation_id=invitation.pk)
    return invitation


def revoke(actor: Actor, *, public_id: UUID) -> Invitation:
    """Take an open offer back: its link no longer works."""
    require(actor, "people.invite")
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(public_id=public_id)
        if not policy.may_give(actor, invitation.role):
            raise Refused("people.invite")
        if invitation.accepted_at is not None:
            raise Refusal(_("The invitation has already been accepted. End the seat instead."))
        if invitation.revoked_at is None:
            invitation.revoked_at = clock.now()
            invitation.save(update_fields=["revoked_at"])
        return invitation


def find(token: str) -> Invitation | None:
    """The open invitation of a link, or None when it is unknown, used, taken back or too old."""
    return (
        _open().filter(token_hash=_hash(token)).select_related("organisation", "invited_by").first()
        if len(token) < 100
        else None
    )


def accept(*, token: str, person: Person | None = None, name: str = "", password: str = "") -> Membership:
    """Take the offered seat: as the signed-in person whose address it is, or as a new one.

    Raises Refusal when the link no longer works, when the signed-in person is another than the
    invited, or when the password is too weak.
    """
    with transaction.atomic():
        invitation = _open().select_for_update(of=("self",)).filter(token_hash=_hash(token)).first()
        if invitation is None:
            raise Refusal(_("The invitation no longer works. Ask whoever invited you for a new one."))
        if person is not None:
            if person.email != invitation.email:
                raise Refusal(_("The invitation was sent to another address. Sign out and open the link again."))
        elif Person.objects.filter(email=invitation.email).exists():
            raise Refusal(_("You already have an account. Sign in and open the link again."))
        else:
            person = _new_person(invitation, name, password)
        seat = services.store_seat(
            person=person,
            organisation=invitation.organisation,
            role=invitation.role,
            function=invitation.function,
            from_on=clock.today(),
        )
        invitation.accepted_at = clock.now()
        invitation.save(update_fields=["accepted_at"])
        return seat


def _new_person(invitation: Invitation, name: str, password: str) -> Person:
    try:
        validate_password(password, Person(email=invitation.email, name=name))
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), field="password") from error
    return services.store_person(email=invitation.email, name=name, password=password)


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
