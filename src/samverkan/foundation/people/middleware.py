"""Gives every request its actor, once the person has signed in by both steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from samverkan.foundation.access import Request

from ..access import ANONYMOUS, PUBLIC, needs_of
from ..access.acting import acting
from . import second_step, selectors

SEAT = "samverkan_seat"
SECOND_STEP = second_step.SESSION_KEY


class ActorMiddleware:
    """``request.actor``: the person on the seat chosen in this session.

    Who holds several seats switches between them and never sees two at once. Until the second step
    is taken the actor holds no seat, so that not even a public page shows more.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.seats = []
        request.seat = None
        request.actor = ANONYMOUS
        request.needs_second_step = False
        if request.user.is_authenticated:
            request.needs_second_step = second_step.is_lacking(request)
            if request.needs_second_step and second_step.has_one(request.user.pk):
                # Opened by password before the second step was set up: sign in anew, by both.
                logout(request)
                return HttpResponseRedirect(reverse("account_login"))
            if request.needs_second_step:
                request.actor = selectors.actor_of(request.user.pk, None)
            else:
                self._seat(request)
        with acting(request.actor, getattr(request, "request_id", "")):
            return self.get_response(request)

    def process_view(self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead whoever lacks the second step to setting it up."""
        if not request.needs_second_step or needs_of(view) == PUBLIC:
            return None
        match = request.resolver_match
        if match is not None and match.url_name in second_step.OPEN_ADDRESSES:
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "Set up the second step first."}, status=401)
        return HttpResponseRedirect(reverse("mfa_index"))

    def _seat(self, request: Request) -> None:
        seats = selectors.seats_of(request.user.pk)  # type: ignore[arg-type]
        chosen = request.session.get(SEAT)
        seat = next((s for s in seats if s.pk == chosen), seats[0] if seats else None)
        request.seats = seats
        request.seat = seat
        request.actor = selectors.actor_of(request.user.pk, seat)  # type: ignore[arg-type]
