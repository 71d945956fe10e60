"""What can be done with a week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.domain.measures.api import Measure, Plan, Problem
from samverkan.domain.measures.api import plan as plan_measure
from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock, marks
from samverkan.foundation.access import Actor, require
from samverkan.foundation.editions.sealing import lock
from samverkan.foundation.people import services as people
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from samverkan.foundation.workflow import Step, locked

from ..models import Decision, DecisionTick, Edition, EstWeek, Priority, Report, WeekState
from ..reporting.workflow import REPORT
from . import alarms, cycles, workflow
from .marked import unanswered_marks
from .proposals import Proposal


def open_week(actor: Actor, *, week: Week) -> EstWeek:
    """The row of a cycle, made when something is first done with it. Two at once make one."""
    require(actor, "est.lead")
    weeks = cycles.length()
    first = cycles.first_of(week, weeks)
    row, _new = EstWeek.objects.get_or_create(first=first.index, defaults={"weeks": weeks, "controller": people.home()})
    return row


def _locked(row: EstWeek, version: int | None = None) -> EstWeek:
    found = locked(EstWeek, row, version)
    if found.state == WeekState.FROZEN:
        raise Refusal(str(workflow.LOCKED), code="frozen")
    return found


@transaction.atomic
def judge(actor: Actor, *, week: EstWeek, version: int, text: str, seen: str = "") -> EstWeek:
    """Write the joint assessment."""
    require(actor, "est.lead")
    row = _locked(week, version)
    row.judgement = text.strip()
    row.version += 1
    row.save()
    marks.look_through(actor, [row], seen=seen)
    return row


@transaction.atomic
def sum_up(
    actor: Actor,
    *,
    week: EstWeek,
    version: int,
    judgement: str,
    first: Sequence[tuple[Proposal, str]] = (),
    seen: str = "",
) -> EstWeek:
    """The meeting's assessment and what comes first, of what was proposed, with the reasons. All or nothing."""
    row = judge(actor, week=week, version=version, text=judgement, seen=seen)
    for one, why in first:
        put_first(actor, week=row, why=why, place=one.place, area=one.area, problem=one.problem, seen=seen)
    return row


def meet(actor: Actor, *, week: EstWeek) -> EstWeek:
    """Start the meeting."""

    def fill(row: EstWeek, _step: Step) -> None:
        row.meeting_at = clock.now()

    return workflow.WEEK.take(actor, week, "meet", version=None, fill=fill)


def leave(actor: Actor, *, week: EstWeek) -> EstWeek:
    """End the meeting without locking."""
    return workflow.WEEK.take(actor, week, "leave", version=None)


@transaction.atomic
def put_first(
    actor: Actor,
    *,
    week: EstWeek,
    why: str,
    place: Place | None = None,
    area: Area | None = None,
    problem: Problem | None = None,
    seen: str = "",
) -> Priority:
    """Prioritise a place or an area, with the reason."""
    require(actor, "est.lead")
    row = _locked(week)
    if place is None and area is None:
        raise Refusal(_("Choose a place or an area."), field="place")
    if not why.strip():
        raise Refusal(_("Write why it comes first."), field="why")
    priority = Priority.objects.create(
        controller_id=row.controller_id,
        week=row,
        place=place,
        area=area or (place.area if place else None),
        problem=problem,
        why=why.strip(),
        order=row.priorities.count(),
    )
    marks.look_through(actor, [priority], seen=seen)
    return priority


@transaction.atomic
def drop_priority(actor: Actor, *, priority: Priority) -> None:
    """Take a priority away from an open week."""
    require(actor, "est.lead")
    _locked(priority.week)
    priority.delete()


@dataclass(frozen=True)
class Act:
    """A decision to act: what becomes a measure."""

    owner: Membership
    due_on: date
    why: str
    problem: Problem | None = None
    place: Place | None = None
    follow_up_on: date | None = None


@transaction.atomic
def decide(
    actor: Actor,
    *,
    week: EstWeek,
    text: str,
    responsible: Membership | None = None,
    due_on: date | None = None,
    act: Act | None = None,
    seen: str = "",
) -> Decision:
    """Note a decision; a decision to act plans a measure in the same breath."""
    require(actor, "est.lead")
    row = _locked(week)
    if not text.strip():
        raise Refusal(_("Write what was decided."), field="text")
    measure: Measure | None = None
    if act is not None:
        measure = plan_measure(
            actor,
            plan=Plan(
                title=text.strip()[:200],
                why=act.why,
                owner=act.owner,
                due_on=act.due_on,
                problem=act.problem,
                causes=tuple(act.problem.causes.all()) if act.problem else (),
                place=act.place or (act.problem.place if act.problem else None),
                category_codes=tuple(act.problem.category_codes) if act.problem else (),
                follow_up_on=act.follow_up_on,
            ),
            decided_in_week=row.first,
            seen=seen,
        )
    decision = Decision.objects.create(
        controller_id=row.controller_id,
        week=row,
        text=text.strip(),
        responsible=responsible or (act.owner if act else None),
        due_on=due_on or (act.due_on if act else None),
        measure=measure,
        order=row.decisions.count(),
    )
    marks.look_through(actor, [decision], seen=seen)
    return decision


@transaction.atomic
def drop_decision(actor: Actor, *, decision: Decision) -> None:
    """Take back a decision that was noted by mistake. A measure it planned stays and is stopped by itself."""
    require(actor, "est.lead")
    _locked(decision.week)
    decision.delete()


@transaction.atomic
def tick(actor: Actor, *, decision: Decision, done: bool) -> None:
    """Tick off a decision of a locked week that planned no measure, or take the tick back. Said twice it is one.

    The decision itself belongs to the locked week and is not changed.
    """
    require(actor, "est.lead")
    row = locked(Decision, decision)
    if row.week.state != WeekState.FROZEN:
        raise Refusal(_("A decision can be ticked off when its week is locked."))
    if row.measure_id is not None:
        raise Refusal(_("The decision is a measure. It is done when the measure is."))
    latest = row.ticks.order_by("-pk").first()
    if (latest is not None and latest.done) != done:
        DecisionTick.objects.create(decision=row, done=done, by_id=actor.membership_id)


def freeze(
    actor: Actor, *, week: EstWeek, version: int, corrects: str = "", judgement: str | None = None, seen: str = ""
) -> Edition:
    """Lock the week: its whole content becomes an edition that never changes. All or nothing.

    A cycle that is over is searched for what is starting first, so that a locked week tells what was found.
    A locked week may be locked again with what the correction is about, as a new edition; ``judgement``
    is the assessment as it is then to read. Stops while a mark of personal data is unanswered.
    """

    require(actor, "est.lead")
    last = Week.from_index(week.first + week.weeks - 1)
    if last < Week.current():
        # Before the row is held: it takes seconds the first time.
        alarms.search(actor, last=last)
    with transaction.atomic():
        return _freeze(actor, week, version, corrects, judgement, seen)


def _freeze(actor: Actor, week: EstWeek, version: int, corrects: str, judgement: str | None, seen: str) -> Edition:
    def fill(row: EstWeek, step: Step) -> None:
        if step.before == WeekState.FROZEN and judgement is not None:
            row.judgement = judgement.strip()
            marks.look_through(actor, [row], seen=seen)
        _nothing_unanswered(row)
        marks.look_through(actor, [_edition(actor, row, corrects.strip())], seen=seen)

    row = workflow.WEEK.take(actor, week, "lock", version=version, fill=fill, corrects=corrects)
    # Accepted reports of the cycle have served; the reporter sees that the week is locked.
    cycle = Report.objects.filter(week__gte=row.first, week__lt=row.first + row.weeks)
    REPORT.take_all(actor, cycle, "lock")
    return row.editions.latest("number")


def _nothing_unanswered(row: EstWeek) -> None:
    if left := len(unanswered_marks(row)):
        words = ngettext(
            "%(n)s place looks like personal data. Take it out, or say that it may stand.",
            "%(n)s places look like personal data. Take them out, or say that they may stand.",
            left,
        )
        raise Refusal(words % {"n": left}, code="marked")


def _edition(actor: Actor, row: EstWeek, corrects: str) -> Edition:
    from .building import build
    from .documents import LANGUAGE

    return lock(
        Edition,
        lambda: build(actor, row),
        language=LANGUAGE,
        by=actor.membership_id,
        corrects=corrects,
        week=row,
    )


def take_out(
    actor: Actor, *, week: EstWeek, version: int, words: Iterable[str], reason: str, seen: str = ""
) -> Edition:
    """Take words out of a locked week for good, with the reason. Returns its latest edition, which has none of them."""
    from .taking_out import carried_out

    require(actor, "est.take_out")
    return carried_out(actor, week, version, words, reason, seen)
