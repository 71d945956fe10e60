"""allauth's hooks: nobody signs up by themselves, and secrets of the second step lie sealed."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from .. import seal


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery codes are encrypted by the installation's key, outside the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal.encrypt(text.encode(), context=b"mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return seal.decrypt(base64.b64decode(encrypted_text), context=b"mfa").decode()
