"""The form that asks for the present password to choose a new one: wrong ones are counted as at sign-in.

allauth allows five a minute, which whoever holds somebody's session could use for thousands a day.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthsForm
from allauth.core import context
from django.core.exceptions import ValidationError

from . import guesses


class ChangePasswordForm(AllauthsForm):
    """Of the person who is signed in."""

    user: Any

    def clean_oldpassword(self) -> str:
        """Raises ValidationError when it is wrong, or when no more may be tried now."""
        guess = guesses.password(context.request, self.user.email)
        if guess is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            password: str = super().clean_oldpassword()
        except ValidationError:
            guess.wrong()
            raise
        guess.right()
        return password
