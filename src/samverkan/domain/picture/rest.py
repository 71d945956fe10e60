"""The picture for programs. The same question as the pages', so the same is hidden."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from samverkan.foundation.access import Request
from samverkan.foundation.web.errors import Refusal

from . import filters
from .answer import GROUPINGS
from .asking import ask

router = Router(tags=["picture"])


class Asked(Schema):
    """The filter, named as in the address of the page. Lists may repeat a name."""

    to: str = ""
    weeks: str = Field("", description="the latest so many whole weeks, instead of from and to")
    kind: list[str] = Field(default_factory=list)
    category: list[str] = Field(default_factory=list)
    area: list[str] = Field(default_factory=list)
    municipality: list[str] = Field(default_factory=list)
    source: list[str] = Field(default_factory=list)
    precision: list[str] = Field(default_factory=list)
    seriousness: list[str] = Field(default_factory=list)
    observation: list[str] = Field(default_factory=list)
    organisation: str = ""
    text: str = ""
    cover: str = Field("", description="home or all; all unless said, where small counts are not hidden")


class AtLeast(Schema):
    """How many there are at least of what is null, where anything is shown of it."""

    total: int | None
    by: dict[str, dict[str, int]]


class SummaryOut(Schema):
    """Counts with names as keys. Null is a count, or a whole grouping, that may not be shown; zero is zero."""

    filter: str
    first_week: str | None
    last_week: str | None
    suppressed_below: int
    total: int | None
    by: dict[str, dict[str, int | None] | None]
    at_least: AtLeast


@router.get("/summary", response=SummaryOut, url_name="api_picture_summary", summary="Counts for a filter")
def summary(request: Request, asked: Query[Asked], from_: str = Query("", alias="from")) -> dict[str, Any]:  # type: ignore[type-arg]
    """Total and counts by kind, category, area, municipality, source and week. Weeks as 2026-W47, days as 2026-11-23."""
    unknown = sorted(set(request.GET) - set(filters.NAMES))
    if unknown:
        raise Refusal(
            _("There is no filter “{name}”. There are: {known}.").format(
                name=unknown[0][:60], known=", ".join(filters.NAMES)
            )
        )
    names = tuple(g for g in GROUPINGS if g not in {"hour", "hexagon"})
    found = ask(request.actor, {**asked.model_dump(), "from": from_}).summary(names)
    return {
        "filter": found.filter.query(),
        "first_week": str(found.first) if found.first else None,
        "last_week": str(found.last) if found.last else None,
        "suppressed_below": found.below,
        **found.as_json(),
    }
