"""Who is expected to report: the register, what there is nothing to report on, and reminders."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock, notify
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.models import Membership
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

from ...models import EstWeek, NothingToReport, Reminder, Reporter, WeekState
from ...week import cycles, effort
from .. import selectors


def _open_cycle(week: Week | None) -> Week:
    weeks = cycles.length()
    now = cycles.first_of(Week.current(), weeks)
    first = cycles.first_of(week, weeks) if week else now
    if first not in (now, now.plus(-weeks)):
        raise Refusal(_("Only the present week and the one before it can be answered."))
    if EstWeek.objects.filter(first=first.index, state=WeekState.FROZEN).exists():
        raise Refusal(_("The week is locked and does not change."), code="frozen")
    return first


@transaction.atomic
def nothing(actor: Actor, *, seat: Membership | None = None, week: Week | None = None) -> NothingToReport:
    """Say that there is nothing to report this cycle; the coordinator may say it for a seat. Said once."""
    require(actor, "est.reporters" if seat is not None else "est.report")
    first = _open_cycle(week)
    row, _new = NothingToReport.objects.get_or_create(
        membership_id=seat.pk if seat is not None else selectors.seat_of(actor)[0],
        week=first.index,
        defaults={"entered_by_id": actor.membership_id if seat is not None else None},
    )
    return row


@transaction.atomic
def not_nothing(actor: Actor, *, seat: Membership | None = None, week: Week | None = None) -> None:
    """Take back that there was nothing."""
    require(actor, "est.reporters" if seat is not None else "est.report")
    first = _open_cycle(week)
    NothingToReport.objects.filter(
        membership_id=seat.pk if seat is not None else selectors.seat_of(actor)[0], week=first.index
    ).delete()


@transaction.atomic
def expect(actor: Actor, *, seat: Membership, group: str, from_on: date | None = None) -> Reporter:
    """Add a seat to those expected to report every cycle."""
    require(actor, "est.reporters")
    if not group.strip():
        raise Refusal(_("Write which group it belongs to."), field="group")
    if Reporter.objects.filter(membership=seat, until_on__isnull=True).exists():
        raise Refusal(_("The seat is expected to report already."), field="seat")
    return Reporter.objects.create(membership=seat, group=group.strip()[:60], from_on=from_on or clock.today())


def _locked(reporter: Reporter, version: int) -> Reporter:
    row = Reporter.objects.select_for_update().get(pk=reporter.pk)
    if row.version != version:
        raise Conflict
    row.version += 1
    return row


@transaction.atomic
def regroup(actor: Actor, *, reporter: Reporter, version: int, group: str) -> Reporter:
    """Show the reporter in another group."""
    require(actor, "est.reporters")
    if not group.strip():
        raise Refusal(_("Write which group it belongs to."), field="group")
    row = _locked(reporter, version)
    row.group = group.strip()[:60]
    row.save(update_fields=["group", "version"])
    return row


@transaction.atomic
def end(actor: Actor, *, reporter: Reporter, version: int) -> Reporter:
    """No longer expected from today. What was reported stays. Ended on the first day, it never was."""
    require(actor, "est.reporters")
    row = _locked(reporter, version)
    if row.from_on >= clock.today():
        row.delete()
        return row
    row.until_on = clock.today()
    row.save(update_fields=["until_on", "version"])
    return row


@transaction.atomic
def reopen(actor: Actor, *, reporter: Reporter, version: int) -> Reporter:
    """Expected again, as if it never ended."""
    require(actor, "est.reporters")
    row = _locked(reporter, version)
    if Reporter.objects.filter(membership_id=row.membership_id, until_on__isnull=True).exists():
        raise Refusal(_("The seat is expected to report already."))
    row.until_on = None
    row.save(update_fields=["until_on", "version"])
    return row


@transaction.atomic
def remind(actor: Actor, *, week: Week | None = None, only: UUID | None = None) -> int:
    """Remind those who are silent in a cycle; the second time the substitute too. Once a day each.

    Returns how many were told.
    """
    require(actor, "est.reporters")
    first = _open_cycle(week)
    weeks = cycles.length()
    silent = [r for r, state in effort.answers(first, weeks) if state == "silent"]
    if only is not None:
        silent = [r for r in silent if r.public_id == only]
    start = clock.day_span(clock.today())[0]
    before = list(Reminder.objects.filter(week=first.index, membership_id__in=[r.membership_id for r in silent]))
    told = 0
    for reporter in silent:
        mine = [b for b in before if b.membership_id == reporter.membership_id]
        if any(b.at >= start for b in mine):
            continue
        seats = [(reporter.membership_id, False)]
        if mine and reporter.membership.substitute_id:
            seats.append((reporter.membership.substitute_id, True))
        Reminder.objects.bulk_create(
            Reminder(membership_id=reporter.membership_id, week=first.index, to_substitute=substitute)
            for _seat, substitute in seats
        )
        told += notify.notify(
            membership_ids=[seat for seat, _s in seats],
            ref=Ref("est_reporter", reporter.public_id),
            template="est.reminder",
            data={"week": first.number},
        )
    return told
