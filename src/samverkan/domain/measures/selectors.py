"""What can be read about problems and measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from samverkan.foundation import clock
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.models import Membership
from samverkan.foundation.postgres.functions import SvSort, holding
from samverkan.foundation.registries import Hit, Told
from samverkan.foundation.text import rank

from . import policy
from .models import Measure, Problem, Status
from .workflow import OPEN

SORTS: dict[str, tuple[Any, ...]] = {
    "due": ("due_on", "pk"),
    "title": (SvSort("title"), "pk"),
    "owner": (SvSort("owner__organisation__name"), "due_on", "pk"),
    "status": ("status", "due_on", "pk"),
}


def measures(actor: Actor) -> QuerySet[Measure]:
    """Measures the actor may see: all, or those that one's own organisation has part in."""
    require(actor, "measures.view")
    rows = Measure.objects.visible_to(actor)
    return rows.select_related("owner__organisation", "owner__person", "place", "area", "problem")


def filtered(
    actor: Actor, *, text: str = "", status: str = "", mine: bool = False, area: str = "", sort: str = "due"
) -> QuerySet[Measure]:
    """The list page's rows. ``status`` may also be "overdue" or "open"."""
    rows = measures(actor)
    if text:
        rows = rows.filter(holding(text, "title", "why"))
    if status == "overdue":
        rows = rows.filter(status__in=OPEN, due_on__lt=clock.today())
    elif status == "open":
        rows = rows.filter(status__in=OPEN)
    elif status in Status.values:
        rows = rows.filter(status=status)
    if mine:
        rows = rows.filter(owner_id=actor.membership_id)
    if area:
        rows = rows.filter(area__public_id=area)
    backwards = sort.startswith("-")
    fields = SORTS.get(sort.removeprefix("-"), SORTS["due"])
    rows = rows.order_by(*fields)
    return rows.reverse() if backwards else rows


def measure(actor: Actor, public_id: UUID) -> Measure:
    """One measure with everything its page shows. Measure.DoesNotExist when it may not be seen."""
    return (
        measures(actor)
        .prefetch_related("actors__organisation", "causes", "changes__by__person")
        .get(public_id=public_id)
    )


def due(actor: Actor, *, until: date | None = None) -> QuerySet[Measure]:
    """Open measures due, and carried-out ones to be followed up, by a day (a week from today unless said)."""
    day = until or clock.today() + timedelta(days=7)
    return (
        measures(actor)
        .filter(Q(status__in=OPEN, due_on__lte=day) | Q(status=Status.DONE, follow_up_on__lte=day))
        .order_by("due_on", "pk")
    )


@dataclass(frozen=True)
class Mine:
    """The seat's own measures that are not finished, by what they wait for; the first of ``order`` is the next step."""

    late: list[Measure] = field(default_factory=list)
    follow_up: list[Measure] = field(default_factory=list)
    soon: list[Measure] = field(default_factory=list)
    later: list[Measure] = field(default_factory=list)

    @property
    def order(self) -> list[Measure]:
        return [*self.late, *self.follow_up, *self.soon, *self.later]

    @property
    def waiting(self) -> int:
        """How many wait for the one responsible today."""
        return len(self.late) + len(self.follow_up)


#: What is to be carried out within so many days is soon.
SOON = timedelta(days=14)


def mine(actor: Actor) -> Mine:
    """What the actor's own seat is responsible for and has not finished."""
    found, today = Mine(), clock.today()
    rows = (
        measures(actor).filter(owner_id=actor.membership_id or 0).exclude(status__in=[Status.CHECKED, Status.STOPPED])
    )
    for row in rows.order_by("due_on", "pk"):
        if row.status == Status.DONE:
            (found.follow_up if row.follow_up_on is None or row.follow_up_on <= today else found.later).append(row)
        else:
            (found.late if row.due_on < today else found.soon if row.due_on <= today + SOON else found.later).append(
                row
            )
    return found


def waiting(actor: Actor) -> int:
    """How many of the seat's own measures are late or to be followed up, for the rail."""
    return mine(actor).waiting if actor.may("measures.view") else 0


def seats_that_follow() -> QuerySet[Membership]:
    """Seats that can say how far a measure has come, and so be responsible for one."""
    return Membership.objects.filter(role__in=policy.PERMISSIONS["measures.follow"])


def problems(actor: Actor, *, open_only: bool = True) -> QuerySet[Problem]:
    """Problems; a problem without a measure is a visible gap."""
    require(actor, "measures.view_all")
    rows = Problem.objects.visible_to(actor).select_related("area", "place").prefetch_related("causes", "measures")
    if open_only:
        rows = rows.filter(closed_on__isnull=True)
    return rows.order_by("-created_at", "-pk")


def problem(actor: Actor, public_id: UUID) -> Problem:
    require(actor, "measures.view_all")
    return (
        Problem.objects.visible_to(actor)
        .select_related("area", "place")
        .prefetch_related("causes", "measures__owner__organisation")
        .get(public_id=public_id)
    )


def late_count(actor: Actor) -> int:
    """How many open measures are late, for the rail."""
    if not actor.may("measures.view"):
        return 0
    return measures(actor).filter(status__in=OPEN, due_on__lt=clock.today()).count()


def tell(actor: Actor) -> list[Told]:
    """For the overview: what waits for oneself, and how far all measures that one may see have come."""
    if not actor.may("measures.view"):
        return []
    told = []
    if actor.may("measures.follow") and (waits := mine(actor).waiting):
        text = ngettext(
            "%(n)s measure of yours is late or to be followed up",
            "%(n)s measures of yours are late or to be followed up",
            waits,
        )
        told.append(Told(text % {"n": waits}, reverse("my_measures"), waits=True))
    rows = measures(actor).filter(status__in=OPEN)
    going, late = rows.count(), rows.filter(due_on__lt=clock.today()).count()
    text = ngettext("%(n)s measure is planned or goes on", "%(n)s measures are planned or go on", going) % {"n": going}
    detail = ngettext("%(n)s is late.", "%(n)s are late.", late) % {"n": late} if late else ""
    return [*told, Told(text, f"{reverse('measures')}?status={'overdue' if late else 'open'}", detail)]


def count_for_rail(actor: Actor) -> int:
    """What is late of all for those who manage measures, and what waits for oneself for others."""
    if not actor.may("measures.manage") and actor.may("measures.follow"):
        return waiting(actor)
    return late_count(actor)


def hits(actor: Actor, text: str) -> list[Hit]:
    """For the search box: measures, and problems for those who see all."""
    if not actor.may("measures.view"):
        return []
    found = [
        Hit(
            m.title,
            reverse("measure", args=[m.public_id]),
            str(m.get_status_display()),
            rank(text, m.title),
        )
        for m in filtered(actor, text=text)[:20]
    ]
    found += [
        Hit(p.title, reverse("problem", args=[p.public_id]), "", rank(text, p.title))
        for p in Problem.objects.visible_to(actor).filter(holding(text, "title")).order_by("pk")[:10]
    ]
    return found
