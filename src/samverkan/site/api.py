"""The programs' way in: one OpenAPI document for all rooms, self-contained and without pages from elsewhere."""

from __future__ import annotations

from typing import Any

from django.urls import URLResolver
from django.utils.module_loading import import_string
from ninja import NinjaAPI

from samverkan.foundation import registries
from samverkan.foundation.access import PUBLIC, SIGNED_IN, include

api = NinjaAPI(
    title="Samverkan",
    version="1",
    description="Figures of the shared picture. Small counts are hidden exactly as on the pages. Sign in as on the pages.",
    docs_url=None,  # the usual page of documentation fetches scripts from other hosts
    urls_namespace="api",
)
for part in registries.interfaces.all():
    api.add_router(part.prefix, import_string(part.router))

#: What each address needs; the rest needs a signed-in person.
NEEDS = {"openapi-json": PUBLIC} | dict(pair for part in registries.interfaces.all() for pair in part.needs)


def resolver() -> URLResolver:
    """All addresses under /api/v1/, declared."""
    patterns: Any = (api.urls[0], "api")
    return include("api/v1/", patterns, NEEDS, default=SIGNED_IN)
