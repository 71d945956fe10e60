"""What can be read of weeks and editions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from samverkan.domain.measures.api import OPEN
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, require
from samverkan.foundation.editions.versions import latest, one
from samverkan.foundation.weeks import Week

from ..models import (
    Decision,
    DecisionTick,
    Edition,
    EditionTakenOut,
    EstWeek,
    Priority,
    Reminder,
    Report,
    ReportState,
    WeekState,
)
from . import cycles


def look(actor: Actor, week: Week) -> EstWeek:
    """The row of a cycle, or one that is not stored while nothing has been done with it: looking changes nothing."""
    require(actor, "est.week")
    weeks = cycles.length()
    first = cycles.first_of(week, weeks)
    found = EstWeek.objects.visible_to(actor).filter(first=first.index).first()
    return found or EstWeek(first=first.index, weeks=weeks)


def look_back(actor: Actor, week: Week) -> tuple[EstWeek, Week | None]:
    """The row of a cycle as ``look`` gives it, and the first finished cycle before it that nobody locked. One query."""
    require(actor, "est.week")
    weeks = cycles.length()
    first = cycles.first_of(week, weeks)
    rows = list(EstWeek.objects.visible_to(actor).filter(Q(state=WeekState.FROZEN) | Q(first=first.index)))
    row = next((r for r in rows if r.first == first.index), None) or EstWeek(first=first.index, weeks=weeks)
    last = _last_released({w for r in rows if r.state == WeekState.FROZEN for w in range(r.first, r.first + r.weeks)})
    return row, Week.from_index(last + 1) if last is not None and last + 1 < first.index else None


def editions(actor: Actor) -> QuerySet[Edition]:
    """Locked weeks, the newest first. The content is left out: it may be large."""
    require(actor, "est.released")
    return (
        Edition.objects.visible_to(actor)
        .select_related("week", "frozen_by__organisation")
        .defer("content")
        .order_by("-week__first", "-number")
    )


def latest_editions(actor: Actor) -> QuerySet[Edition]:
    """The latest edition of every locked week."""
    require(actor, "est.released")
    return latest(editions(actor), "week")


def edition(actor: Actor, week: Week, number: int | None = None) -> Edition:
    """One edition with its content; the latest unless a number is given. Edition.DoesNotExist otherwise."""
    require(actor, "est.released")
    rows = (
        Edition.objects.visible_to(actor)
        .select_related("week", "frozen_by__organisation")
        .filter(week__first=week.index)
    )
    return one(rows, number)


def taken_out(edition: Edition) -> EditionTakenOut | None:
    """Why the content of an edition is gone, where it is."""
    return EditionTakenOut.objects.select_related("by").filter(edition=edition).first()


#: After so many weeks without a lock nobody goes through weeks any longer; what came before such a pause does not count.
PAUSE_WEEKS = 13


def last_released() -> int | None:
    """The last week whose figures partners may see; None when nothing is held back.

    Seen are the weeks that are locked, and from before the first of them what nobody went through. A week
    that was passed over holds back itself and those after it until it is locked. Where nobody goes through
    weeks, since none was ever locked or none for ``PAUSE_WEEKS``, there is nothing to wait for: one old week
    that is locked by itself takes nothing from partners.
    """
    cycles_locked = EstWeek.objects.filter(state=WeekState.FROZEN).values_list("first", "weeks")
    return _last_released({week for first, weeks in cycles_locked for week in range(first, first + weeks)})


def _last_released(locked: set[int]) -> int | None:
    """The same, of the weeks that are locked."""
    first = Week.current().index - 1
    for week in sorted(locked, reverse=True):
        if first - week > PAUSE_WEEKS:
            break
        first = week
    if first not in locked:
        return None
    last = first
    while last + 1 in locked:
        last += 1
    return last


def passed_over(actor: Actor) -> Week | None:
    """The first finished cycle before the one to go through that was never locked, and so holds the picture back."""
    require(actor, "est.lead")
    last = last_released()
    return Week.from_index(last + 1) if last is not None and last + 1 < cycles.reported_week().index else None


def priorities(actor: Actor, row: EstWeek) -> QuerySet[Priority]:
    """What a week puts first, in the order it was put."""
    found = Priority.objects.visible_to(actor).filter(week_id=row.pk or 0)
    return found.select_related("place", "area", "problem").order_by("order", "pk")


@dataclass(frozen=True)
class Decided:
    """What a week has decided, in the order it was decided, and what is left of all earlier ones, the oldest first."""

    here: list[Decision]
    left: list[Decision]


def decided(actor: Actor, row: EstWeek) -> Decided:
    """What a week has decided, and what earlier locked weeks decided and is not finished. One query.

    A decision with a measure is open while the measure is planned or ongoing, one without until it is ticked off.
    """
    require(actor, "est.week")
    latest = DecisionTick.objects.filter(decision=OuterRef("pk")).order_by("-pk").values("done")[:1]
    here = Q(week_id=row.pk or 0)
    earlier = Q(week__first__lt=row.first, week__state=WeekState.FROZEN)
    rows = (
        Decision.objects.visible_to(actor)
        .annotate(ticked=Coalesce(Subquery(latest), Value(False)))
        .filter(here | earlier & (Q(measure__status__in=OPEN) | Q(measure=None, ticked=False)))
        .select_related("week", "responsible__organisation", "measure")
        .order_by("week__first", "order", "pk")
    )
    found = list(rows)
    return Decided([d for d in found if d.week_id == row.pk], [d for d in found if d.week_id != row.pk])


def reminded_today(actor: Actor, week: Week) -> set[int]:
    """Seats that have been reminded of a cycle today."""
    require(actor, "est.lead")
    since = clock.day_span(clock.today())[0]
    rows = Reminder.objects.visible_to(actor).filter(week=week.index, at__gte=since)
    return set(rows.values_list("membership_id", flat=True))


def outside_editions(actor: Actor) -> list[dict[str, Any]]:
    """Locked weeks with reports that were accepted after the lock: in none of their editions until one corrects it."""
    require(actor, "est.lead")
    # Any week of the cycle: a report keeps the week it was sent in when cycles become longer.
    cycle = EstWeek.objects.filter(
        state=WeekState.FROZEN, first__lte=OuterRef("week"), first__gt=OuterRef("week") - F("weeks")
    )
    waiting = (
        Report.objects.visible_to(actor)
        .filter(state=ReportState.REVIEWED)
        .annotate(cycle=Subquery(cycle.values("first")[:1]))
        .filter(cycle__isnull=False)
    )
    return [
        {"week": Week.from_index(row["cycle"]), "reports": row["n"]}
        for row in waiting.values("cycle").annotate(n=Count("pk")).order_by("cycle")
    ]
