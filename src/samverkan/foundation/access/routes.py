"""Every address is declared with what it needs; the middleware refuses one that is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls import include as django_include

from ..weeks import Week

PUBLIC = "public"
SIGNED_IN = "signed in"

_ATTRIBUTE = "samverkan_needs"


class _WeekInAddress:
    """``<week:week>``: a week written ``2026-W47``; anything else is no address of ours."""

    regex = "[0-9]{4}-W[0-9]{2}"

    def to_python(self, text: str) -> Week:
        return Week.parse(text)

    def to_url(self, week: Week | str) -> str:
        return str(week)


register_converter(_WeekInAddress, "week")


def route(pattern: str, view: Callable[..., Any], *, name: str, needs: str) -> URLPattern:
    """A path whose view needs ``PUBLIC``, ``SIGNED_IN`` or a named permission ("room.verb")."""
    result = path(pattern, view, name=name)
    setattr(result.callback, _ATTRIBUTE, needs)
    return result


def include(pattern: str, patterns: Any, declared: dict[str, str], *, default: str | None = None) -> URLResolver:
    """Include somebody else's addresses, each declared by name; ``default`` holds for the rest."""
    resolver: URLResolver = path(pattern, django_include(patterns))

    def declare(entries: list[Any]) -> None:
        for entry in entries:
            if isinstance(entry, URLResolver):
                declare(entry.url_patterns)
            else:
                needs = declared.get(entry.name or "", default)
                if needs:
                    setattr(entry.callback, _ATTRIBUTE, needs)

    declare(resolver.url_patterns)
    return resolver


def needs_of(view: Any) -> str | None:
    """What a view needs, or None when it was never declared."""
    return getattr(view, _ATTRIBUTE, None)
