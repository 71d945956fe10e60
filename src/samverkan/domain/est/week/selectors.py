"""What can be read of weeks and editions."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet, Subquery

from samverkan.foundation.access import Actor, require
from samverkan.foundation.weeks import Week

from ..models import Decision, Edition, EstWeek


def editions(actor: Actor) -> QuerySet[Edition]:
    """Locked weeks, the newest first. The content is left out: it may be large."""
    require(actor, "est.released")
    return Edition.objects.select_related("week", "frozen_by__organisation").defer("content").order_by("-week__first", "-number")


def latest_editions(actor: Actor) -> QuerySet[Edition]:
    """The latest edition of every locked week."""
    require(actor, "est.released")
    newest = Edition.objects.values("week").annotate(last=Max("pk")).values("last")
    return editions(actor).filter(pk__in=newest)


def edition(actor: Actor, week: Week, number: int | None = None) -> Edition:
    """One edition with its content; the latest unless a number is given. Edition.DoesNotExist otherwise."""
    require(actor, "est.released")
    rows = Edition.objects.select_related("week", "frozen_by__organisation").filter(week__first=week.index)
    if number is not None:
        return rows.get(number=number)
    found = rows.order_by("-number").first()
    if found is None:
        raise Edition.DoesNotExist
    return found


def week_row(actor: Actor, week: Week) -> EstWeek | None:
    """The row of a cycle, if it was ever opened."""
    require(actor, "est.week")
    return EstWeek.objects.filter(first=week.index).first()


def still_open(actor: Actor, before: Week) -> list[dict[str, Any]]:
    """Decisions of the latest locked week before, with how far their measures have come."""
    latest = EstWeek.objects.filter(first__lt=before.index, state="frozen").order_by("-first").values("pk")[:1]
    decisions = Decision.objects.filter(week=Subquery(latest)).select_related("week", "responsible__organisation", "measure")
    return [
        {
            "text": d.text,
            "who": f"{d.responsible.function}, {d.responsible.organisation.name}" if d.responsible else "",
            "due": d.due_on,
            "measure": d.measure,
            "week": Week.from_index(d.week.first),
        }
        for d in decisions.order_by("order", "pk")
        if d.measure is None or d.measure.status in ("planned", "ongoing")
    ]
