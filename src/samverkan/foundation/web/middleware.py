"""Request identity, security headers and refusals turned into pages."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from .errors import Refusal
from .views import unavailable

log = logging.getLogger("samverkan.web")

#: Nothing from other hosts, nothing inline. Blob images are photos chosen but not yet sent. {tiles} is empty but
#: where a background map is set: then images, and nothing else, may come from that host.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

Next = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Every request has an identity that its log lines, audit rows and error page share."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        setattr(request, "request_id", request_id)  # noqa: B010 - not yet one of ours
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """A strict policy on every answer; pages of signed-in people are never kept by caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        tiles = f" {settings.MAP_TILES_HOST}" if settings.MAP_TILES_HOST else ""
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY.format(tiles=tiles))
        response.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class DatabaseMiddleware:
    """A request that finds no database waits a little for it, and is then refused in clear words.

    The embedded server is back within seconds after a kill. Looking costs nothing: a connection that has
    been idle is tried at the first question anyway.
    """

    #: Seconds. Longer would only hold every thread.
    PATIENCE = 4.0
    #: These tell of themselves whether the database answers.
    WITHOUT = frozenset({"/healthz", "/readyz"})

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in self.WITHOUT and not self._answers():
            return unavailable(request)
        return self.get_response(request)

    def _answers(self) -> bool:
        started = time.monotonic()
        while True:
            try:
                connection.close_if_health_check_failed()
                connection.ensure_connection()
            except DatabaseError:
                if time.monotonic() - started > self.PATIENCE:
                    return False
                time.sleep(0.1)
            else:
                return True


class ProblemMiddleware:
    """Domain refusals become clear answers; what one may not see does not exist."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Nobody types a NUL, and the database's texts cannot hold one: whatever is asked for by it does not exist.
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        wants_json = request.path.startswith("/api/")
        if isinstance(exception, Refusal):
            if wants_json:
                return JsonResponse({"detail": exception.message, "code": exception.code}, status=409)
            return render(request, "problem.html", {"problem": exception}, status=409)
        if isinstance(exception, PermissionDenied):
            if wants_json:
                return JsonResponse({"detail": "Not permitted.", "code": "forbidden"}, status=403)
            return render(request, "403.html", status=403)
        return None
