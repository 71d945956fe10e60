"""allauth's hooks: nobody signs up by themselves, and secrets of the second step lie sealed."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from .. import seal


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation."""

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
        return str(settings.BASE_URL).rstrip("/") + urlsplit(super().get_reset_password_from_key_url(key)).path

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery codes are encrypted by the installation's key, outside the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal.encrypt(text.encode(), context=b"mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.decrypt(base64.b64decode(encrypted_text), context=b"mfa").decode()
