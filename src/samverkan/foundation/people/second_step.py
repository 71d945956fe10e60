"""Sign-in takes two steps: who came in by password alone must set up the second before going on.

A session has taken both steps when allauth recorded the second at sign-in (TOTP, recovery code or
passkey), or when the person set one up in this very session. That a person has a second step at all
is not enough: a session opened by password before it was set up would else be let in by it. In a
demonstration, which listens on its own computer only, the invented cast needs none.
"""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.conf import settings
from django.http import HttpRequest

#: Set in the session when the second step was set up in it, or when the demonstration stands in for it.
SESSION_KEY = "samverkan_second_step"

#: What one may still do with the first step only: set up the second, prove the password, sign out.
OPEN_ADDRESSES = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reauthenticate",
        "account_logout",
    }
)

_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_lacking(request: HttpRequest) -> bool:
    """Whether this session still lacks its second step."""
    if request.session.get(SESSION_KEY) or (settings.DEMO and getattr(request.user, "is_invented", False)):
        return False
    records = get_authentication_records(request, request.user)
    return all(record.get("method") != "mfa" for record in records)


def has_one(person_id: int) -> bool:
    """Whether the person has set up a second step, in any session."""
    return bool(Authenticator.objects.filter(user_id=person_id, type__in=_STEPS).exists())


def connect() -> None:
    """Follow what people set up and take away."""
    authenticator_added.connect(_added, dispatch_uid="people.second_step.added")
    authenticator_removed.connect(_removed, dispatch_uid="people.second_step.removed")


def _added(sender: Any, request: HttpRequest, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type in _STEPS:
        request.session[SESSION_KEY] = True


def _removed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if not has_one(user.pk):
        request.session.pop(SESSION_KEY, None)
