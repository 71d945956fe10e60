"""The forms that take a code of the second step: wrong ones are counted, and a right one is used once.

allauth remembers a used code for one period, and with a tolerance it is right for three; so it is
remembered here, also when the second step is set up.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from django.core.cache import cache
from django.core.exceptions import ValidationError

from . import guesses


class _Counted:
    user: Any

    def clean_code(self) -> str:
        guess = guesses.code(context.request, self.user)
        if guess is None:
            raise account_adapter().validation_error("too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            guess.wrong()
            raise
        used = f"code:used:{self.user.pk}:{''.join(filter(str.isalnum, code))}"
        if not cache.add(used, True, app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)):
            raise get_adapter().validation_error("incorrect_code")
        guess.right()
        return code


class AuthenticateForm(_Counted, base.AuthenticateForm):
    """At sign-in."""


class ReauthenticateForm(_Counted, base.ReauthenticateForm):
    """When something asks to be proved anew."""


class ActivateTOTPForm(_Counted, totp.ActivateTOTPForm):
    """At set-up."""
