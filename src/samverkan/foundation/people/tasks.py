"""Mail to those who are invited, and the disposal of old invitations."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import formats, translation
from django.utils.translation import gettext as _

from .. import clock, jobs
from . import attempts
from .models import Invitation


@jobs.task("people.mail_invitation")
def mail_invitation(invitation_id: int) -> None:
    """Send the link, if the offer still stands."""
    from . import invitations

    invitation = (
        Invitation.objects.filter(pk=invitation_id, accepted_at__isnull=True, revoked_at__isnull=True)
        .select_related("invited_by")
        .first()
    )
    if invitation is None:
        return
    inviter = invitation.invited_by
    seat = (
        inviter.memberships.on(clock.today()).select_related("organisation").order_by("pk").first() if inviter else None
    )
    with translation.override(settings.LANGUAGE_CODE):
        facts = {
            "name": inviter.name if inviter else "",
            "organisation": seat.organisation.name if seat else "",
            "date": formats.date_format(clock.local(invitation.expires_at).date(), "j F"),
            "link": invitations.link_of(invitation),
        }
        if seat:
            text = _(
                "{name}, {organisation}, invites you to Samverkan. Create your account by {date}: {link} "
                "If you did not expect an invitation you need not do anything."
            )
        elif inviter:
            text = _(
                "{name} invites you to Samverkan. Create your account by {date}: {link} "
                "If you did not expect an invitation you need not do anything."
            )
        else:
            text = _(
                "You are invited to Samverkan. Create your account by {date}: {link} "
                "If you did not expect an invitation you need not do anything."
            )
        send_mail(_("Invitation to Samverkan"), text.format(**facts), None, [invitation.email])


@jobs.periodic("7 * * * *", name="people.forget_attempts")
def forget_attempts() -> int:
    """Remove what is remembered no longer of attempts to sign in. Returns how many rows."""
    return attempts.forget_expired()


@jobs.periodic("53 2 * * *", name="people.forget_sessions")
def forget_sessions() -> None:
    """Remove sessions that have ended, by the real time that they were given."""
    SessionStore.clear_expired()


def due(before: date) -> int:
    """How many invitations were never used and expired before a date."""
    return _unused(before).count()


def dispose(before: date) -> int:
    """Take them away. Returns how many."""
    return _unused(before).delete()[0]


def _unused(before: date) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, expires_at__lt=clock.day_span(before)[0])
