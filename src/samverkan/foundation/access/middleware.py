"""Enforces the declaration of every address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, JsonResponse

from samverkan.foundation.access import Request

from .actor import Refused
from .routes import PUBLIC, SIGNED_IN, needs_of


class DeclaredRoutesMiddleware:
    """Sign-in and named permission, before any view runs. The second step is asked for by ``people``."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Request, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        needs = needs_of(view)
        if needs is None:
            if request.path.startswith(settings.STATIC_URL):
                return None
            raise ImproperlyConfigured(f"The address {request.resolver_match} is not declared. Use access.route.")
        if needs == PUBLIC:
            return None
        if not request.user.is_authenticated:
            if request.path.startswith("/api/"):
                return JsonResponse({"detail": "Sign in first."}, status=401)
            return redirect_to_login(request.get_full_path())
        if needs != SIGNED_IN and not request.actor.may(needs):
            raise Refused(needs)
        return None
