"""What can be read of reports: own ones by those who report, all of them by those who review."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from samverkan.domain.incidents.api import Category, Incident, Kind
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Refused, require
from samverkan.foundation.people.models import Membership
from samverkan.foundation.weeks import Week

from .. import policy
from ..models import EstWeek, NothingToReport, Reminder, Report, Reporter, ReportState, WeekState
from ..week import cycles, effort

_WITH = ("category", "place", "area", "organisation", "membership", "incident", "development")


def seat_of(actor: Actor) -> tuple[int, int]:
    """The actor's seat and organisation. Refused without one: the installation itself reports nothing."""
    if actor.membership_id is None or actor.organisation_id is None:
        raise Refused("est.report")
    return actor.membership_id, actor.organisation_id


def own(actor: Actor) -> QuerySet[Report]:
    """One's own organisation's reports and those the actor wrote in for others. Drafts only one's own."""
    require(actor, "est.report")
    seat_of(actor)
    return Report.objects.filter(policy.own_reports(actor)).select_related(*_WITH).order_by("-created_at", "-pk")


def own_report(actor: Actor, public_id: UUID) -> Report:
    """One of them. Report.DoesNotExist when it may not be seen."""
    return own(actor).get(public_id=public_id)


def queue(actor: Actor) -> QuerySet[Report]:
    """Reports that wait for review, the oldest first."""
    require(actor, "est.review")
    rows = Report.objects.visible_to(actor).filter(state=ReportState.SUBMITTED)
    return rows.select_related(*_WITH).order_by("submitted_at", "pk")


def waiting(actor: Actor) -> int:
    """How many wait for review, for the rail."""
    return queue(actor).count() if actor.may("est.review") else 0


def reviewable(actor: Actor, public_id: UUID) -> Report:
    """One report as those who review see it; drafts are nobody's but the writer's."""
    require(actor, "est.review")
    return (
        Report.objects.visible_to(actor)
        .exclude(state=ReportState.DRAFT)
        .select_related(*_WITH, "membership__person", "entered_by", "reviewed_by")
        .get(public_id=public_id)
    )


def handled(actor: Actor) -> QuerySet[Report]:
    """What has been reviewed or sent back, the latest first."""
    require(actor, "est.review")
    return (
        Report.objects.visible_to(actor)
        .exclude(state__in=[ReportState.DRAFT, ReportState.SUBMITTED])
        .select_related(*_WITH, "reviewed_by")
        .order_by("-reviewed_at", "-pk")
    )


def categories() -> list[Category]:
    """Those offered to partners who report."""
    return list(
        Category.objects.of_incidents().filter(for_reports=True, retired_on__isnull=True).order_by("order", "pk")
    )


def usual(actor: Actor, offered: list[Category], most: int = 4) -> list[int]:
    """The categories one's own organisation reports most, filled up in the order of the list."""
    recent = (
        Report.objects.filter(organisation_id=seat_of(actor)[1])
        .order_by("-pk")
        .values_list("category_id", flat=True)[:60]
    )
    known = {c.pk for c in offered}
    found = [pk for pk, _n in Counter(recent).most_common() if pk in known]
    found += [c.pk for c in offered if c.pk not in found and not c.is_home_bound]
    return found[:most]


def developments(actor: Actor, seat: Membership | None = None) -> QuerySet[Incident]:
    """Open developments the organisation has told of: those it may add to. Never others'."""
    require(actor, "est.report")
    organisation = seat.organisation_id if seat is not None else seat_of(actor)[1]
    if seat is not None:
        require(actor, "est.reporters")
    told = Report.objects.filter(organisation_id=organisation, incident__isnull=False).values("incident_id")
    return (
        Incident.objects.filter(Q(organisation_id=organisation) | Q(pk__in=told), kind=Kind.DEVELOPMENT)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=clock.now()))
        .order_by("-changed_at", "pk")
    )


def lasting(actor: Actor) -> QuerySet[Incident]:
    """Open developments and places with recurring problems, of everybody: what a report can be merged into."""
    require(actor, "est.review")
    return (
        Incident.objects.visible_to(actor)
        .filter(kind__in=[Kind.DEVELOPMENT, Kind.PLACE_FEATURE])
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=clock.now()))
        .select_related("category", "place", "area")
        .order_by("kind", "-changed_at", "pk")
    )


@dataclass(frozen=True)
class Answer:
    """A cycle that one's own seat can answer for, and what has been said."""

    week: Week
    is_now: bool
    reports: int
    nothing: bool


def answers(actor: Actor) -> list[Answer]:
    """The present cycle, and the one before it while it is unanswered and not locked."""
    require(actor, "est.report")
    weeks = cycles.length()
    now = cycles.first_of(Week.current(), weeks)
    before = now.plus(-weeks)
    seat = seat_of(actor)[0]
    mine = Report.objects.filter(membership_id=seat, week__in=[now.index, before.index]).exclude(
        state=ReportState.DRAFT
    )
    told = Counter(mine.values_list("week", flat=True))
    said = set(
        NothingToReport.objects.filter(membership_id=seat, week__in=[now.index, before.index]).values_list(
            "week", flat=True
        )
    )
    out = [Answer(now, True, told[now.index], now.index in said)]
    if told[before.index] or before.index in said:
        return out
    expected = Reporter.objects.filter(membership_id=seat, from_on__lte=before.sunday, until_on__isnull=True).exists()
    if expected and not EstWeek.objects.filter(first=before.index, state=WeekState.FROZEN).exists():
        out.append(Answer(before, False, 0, False))
    return out


def groups(actor: Actor) -> list[str]:
    """The groups that reporters are shown in."""
    require(actor, "est.reporters")
    return list(Reporter.objects.visible_to(actor).order_by("group").values_list("group", flat=True).distinct())


def week_to_chase(actor: Actor) -> Week:
    """The cycle whose silence matters now: the one that is gone through, until it is locked; then the present one."""
    require(actor, "est.reporters")
    gone_through = cycles.reported_week()
    if EstWeek.objects.filter(first=gone_through.index, state=WeekState.FROZEN).exists():
        return cycles.first_of(Week.current(), cycles.length())
    return gone_through


def duty_page(actor: Actor, week: Week) -> dict[str, Any]:
    """Those expected in a cycle, by group, each with answer and reminders, and the numbers."""
    require(actor, "est.reporters")
    weeks = cycles.length()
    reminded: dict[int, Reminder] = {}
    for reminder in Reminder.objects.visible_to(actor).filter(week=week.index).order_by("at"):
        reminded[reminder.membership_id] = reminder
    by_group: dict[str, list[dict[str, Any]]] = {}
    counts: Counter[str] = Counter()
    for reporter, state in effort.answers(week, weeks):
        counts[state] += 1
        by_group.setdefault(reporter.group, []).append(
            {"reporter": reporter, "state": state, "reminded": reminded.get(reporter.membership_id)}
        )
    return {
        "by_group": list(by_group.items()),
        "counts": {name: counts[name] for name in (effort.REPORTED, effort.NOTHING, effort.SILENT)},
        "expected": sum(counts.values()),
        "locked": EstWeek.objects.filter(first=week.index, state=WeekState.FROZEN).exists(),
        "earlier": week.plus(-weeks),
        "later": week.plus(weeks) if week.index + weeks <= Week.current().index else None,
    }
