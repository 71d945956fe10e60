"""What a page says after something was done, with the way back where there is one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def done(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """ "The change is saved." ``undo`` is the address that undoes it when posted to."""
    messages.success(request, text, extra_tags=undo)


def warn(request: HttpRequest, text: str) -> None:
    """Something is done but not all as it should be."""
    messages.warning(request, text)


def tell(request: HttpRequest, text: str) -> None:
    """Nothing was done, and why."""
    messages.info(request, text)


def refuse(request: HttpRequest, text: str) -> None:
    """It could not be done, where no form can say so."""
    messages.error(request, text)
