"""The page of hits."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from samverkan.foundation.access import Request

from . import MAX_LETTERS, MIN_LETTERS, search


@require_GET
def results(request: Request) -> HttpResponse:
    """What was found, by kind."""
    text = request.GET.get("q", "").strip()[:MAX_LETTERS]
    found = search(request.actor, text)
    return render(
        request,
        "search/results.html",
        {
            "text": text,
            "found": found,
            "count": sum(len(part.hits) for part in found),
            "too_short": 0 < len(text) < MIN_LETTERS,
        },
    )
