"""What every page knows: who, where, which day, and the way around."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from samverkan.foundation import clock, registries
from samverkan.foundation.notify.selectors import unread_count


def _municipality() -> str:
    from samverkan.foundation.people.selectors import home_name

    return home_name()


def site(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page. Costs a query only when a page uses it."""
    actor = getattr(request, "actor", None)
    path = request.path
    return {
        "actor": actor,
        "seat": getattr(request, "seat", None),
        "seats": getattr(request, "seats", []),
        "municipality": SimpleLazyObject(_municipality),
        "demo": settings.DEMO,
        "today": clock.today(),
        "request_id": getattr(request, "request_id", ""),
        "navigation": SimpleLazyObject(lambda: registries.navigation.for_actor(actor, path) if actor else []),
        "inbox_count": SimpleLazyObject(lambda: unread_count(actor) if actor else 0),
    }
