"""allauth's hooks: nobody signs up by themselves, guesses are counted, and secrets of the second step lie sealed."""

from __future__ import annotations

import base64
import time
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .. import seal
from . import guesses


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation, and guessing is slowed."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "There have been many wrong attempts. Wait a while, or sign in with a passkey, from a browser that you have used "
            "before, or after choosing a new password by mail."
        )
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, or refuse it before the password is looked at."""
        self._guess = guesses.password(request, credentials.get("email", ""))
        if self._guess is None:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person whose password it is, or None."""
        found = super().authenticate(request, **credentials)
        if self._guess is not None:
            self._guess.right() if found else self._guess.wrong()
        return found

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Both steps are taken, however: the browser is known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        guesses.remember(request, response, user)
        return response

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Who signed in a moment ago is not asked for the password again when setting up the second step."""
        request = self.request
        records = get_authentication_records(request, request.user) if request is not None else []
        # allauth stamps its records with the time of day, whatever day the installation is fixed on.
        if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in a mail leads to the installation's own address, whatever host the asker named."""
        return f"{settings.BASE_URL.rstrip('/')}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery codes are encrypted by the installation's key, outside the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal.encrypt(text.encode(), context=b"mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.decrypt(base64.b64decode(encrypted_text), context=b"mfa").decode()
