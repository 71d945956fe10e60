"""The request as views get it."""

from __future__ import annotations

from django.http import HttpRequest

from .actor import Actor


class Request(HttpRequest):
    """A request whose actor is known: who asks, on which seat. Set by ``people``'s middleware."""

    actor: Actor
