"""What a page or an API answers when something cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.forms import BaseForm


class Refusal(Exception):
    """A refusal in clear words for the person: what, where and what to do.

    ``field`` names the form field it belongs to; ``code`` is stable for programs.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code

    def ask(self, form: BaseForm) -> None:
        """Add to the form what can be answered for it to go on; of most refusals nothing."""


class Conflict(Refusal):
    """Somebody else changed the same row in the meantime; nothing was written."""

    def __init__(self, message: str = "") -> None:
        from django.utils.translation import gettext as _

        super().__init__(
            message or _("Somebody else made a change at the same time. Your text is kept. Compare and choose."),
            code="conflict",
        )


class NotFound(LookupError):
    """What is asked for does not exist, or not for who asks: pages answer 404."""
