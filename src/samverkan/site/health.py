"""Fixed addresses for those who watch over the installation."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and its tables are there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            ready = cursor.fetchone() is not None
    except Exception:  # whatever is wrong with the database, the answer is the same
        ready = False
    return JsonResponse({"ready": ready}, status=200 if ready else 503)


#: Said by proxies of what they pass on. Whoever lies about them only shuts themselves out.
_PASSED_ON = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def _may_watch(request: HttpRequest) -> bool:
    """By the token where one is set, from anywhere; else only from this computer, and never by way of a proxy.

    Behind a proxy on the same computer everybody comes from it, so there only the token counts.
    """
    if settings.METRICS_TOKEN:
        said = request.headers.get("Authorization", "").encode("utf-8", "replace")
        return constant_time_compare(said, f"Bearer {settings.METRICS_TOKEN}".encode())
    if settings.BEHIND_PROXY or any(name in request.META for name in _PASSED_ON):
        return False
    return request.META.get("REMOTE_ADDR", "") in {"127.0.0.1", "::1", ""}


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures without personal data, in Prometheus' text format, for whoever may watch over the installation."""
    if not _may_watch(request):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1")
        jobs = Gauge("samverkan_jobs", "Jobs by state.", ["state"], registry=registry)
        for state, number in cursor.fetchall():
            jobs.labels(state).set(number)
        cursor.execute("SELECT pg_database_size(current_database())")
        Gauge("samverkan_database_bytes", "Size of the database.", registry=registry).set(cursor.fetchone()[0])
    Gauge("samverkan_demo", "1 when this is a demonstration.", registry=registry).set(int(settings.DEMO))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
