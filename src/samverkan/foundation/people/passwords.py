"""The one password that everybody knows: it opens a demonstration, and never a real installation."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

#: Printed by every demonstration, and in this source.
PUBLIC_PASSWORD = "bara-ett-exempel"  # noqa: S105


class Backend(AuthenticationBackend):
    """allauth's, which outside demonstrations knows nobody by the public password, whatever the database holds."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        if not settings.DEMO and credentials.get("password") == PUBLIC_PASSWORD:
            return None
        found: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return found


class NotPublic:
    """A validator: nobody chooses the public password."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if password == PUBLIC_PASSWORD:
            raise ValidationError(_("That password stands in the documentation for everybody to read. Choose another."))

    def get_help_text(self) -> str:
        """Nothing needs to be said in advance."""
        return ""
