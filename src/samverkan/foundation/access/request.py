"""The request as views get it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from .actor import Actor


class Request(HttpRequest):
    """A request whose actor is known: who asks, on which seat. Set by ``people``'s middleware.

    ``seats`` are the person's own today, ``seat`` the one chosen (people.models.Membership); ``request_id`` is what
    its log lines and rows of the change log share.
    """

    actor: Actor
    seats: list[Any]
    seat: Any | None
    needs_second_step: bool
    request_id: str
