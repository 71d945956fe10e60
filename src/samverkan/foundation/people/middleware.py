"""Gives every request its actor."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from ..access import ANONYMOUS
from ..audit.context import acting
from . import selectors

SEAT = "samverkan_seat"
SECOND_STEP = "samverkan_second_step"


class ActorMiddleware:
    """``request.actor``: the person on the seat chosen in this session.

    Who holds several seats switches between them and never sees two at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seats = []  # type: ignore[attr-defined]
        request.actor = ANONYMOUS  # type: ignore[attr-defined]
        request.needs_second_step = False  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            seats = selectors.seats_of(request.user.pk)
            chosen = request.session.get(SEAT)
            seat = next((s for s in seats if s.pk == chosen), seats[0] if seats else None)
            request.seats = seats  # type: ignore[attr-defined]
            request.seat = seat  # type: ignore[attr-defined]
            request.actor = selectors.actor_of(request.user.pk, seat)  # type: ignore[attr-defined]
            if SECOND_STEP not in request.session:
                # The methods that allauth recorded at sign-in tell whether two steps were taken.
                request.needs_second_step = SimpleLazyObject(lambda: selectors.lacks_second_step(request))  # type: ignore[attr-defined]
        with acting(request.actor, getattr(request, "request_id", "")):  # type: ignore[attr-defined]
            return self.get_response(request)

