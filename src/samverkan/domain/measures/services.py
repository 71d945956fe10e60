"""What can be done with problems and measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock, marks
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.models import Membership, Organisation
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import Step, locked

from . import policy, telling, workflow
from .models import Cause, CooperatingActor, Measure, MeasureType, Perspective, Problem, Status, StatusChange


def _area(place: Place | None, area: Area | None, before: Problem | Measure | None = None) -> Area | None:
    """The area that was chosen; that of the place when none was, and when only the place is another than before."""
    if place is None:
        return area
    if area is None:
        return place.area
    followed = before is not None and before.place is not None and before.area_id == before.place.area_id == area.pk
    return place.area if followed else area


@transaction.atomic
def describe_problem(
    actor: Actor,
    *,
    title: str,
    description: str = "",
    causes: Iterable[tuple[str, str]] = (),
    category_codes: Iterable[str] = (),
    area: Area | None = None,
    place: Place | None = None,
    is_invented: bool = False,
    seen: str = "",
) -> Problem:
    """A new problem with its causes, each a perspective and a text."""
    require(actor, "measures.manage")
    if not title.strip():
        raise Refusal(_("Write what the problem is."), field="title")
    problem = Problem.objects.create(
        controller=home(),
        title=title.strip()[:200],
        description=description.strip(),
        category_codes=list(category_codes),
        area=_area(place, area),
        place=place,
        is_invented=is_invented,
    )
    set_causes(actor, problem=problem, causes=causes)
    marks.look_through(actor, [problem, *problem.causes.all()], seen=seen)
    return problem


@transaction.atomic
def change_problem(
    actor: Actor,
    *,
    problem: Problem,
    version: int,
    title: str,
    description: str,
    causes: Iterable[tuple[str, str]],
    category_codes: Iterable[str],
    place: Place | None,
    area: Area | None,
    closed_on: date | None = None,
    seen: str = "",
) -> Problem:
    """Change a problem; causes that measures point to keep their identity when their text stays."""
    require(actor, "measures.manage")
    row = locked(Problem, problem, version)
    if not title.strip():
        raise Refusal(_("Write what the problem is."), field="title")
    row.title, row.description, row.closed_on = title.strip()[:200], description.strip(), closed_on
    row.area, row.place, row.category_codes = _area(place, area, row), place, list(category_codes)
    row.version += 1
    row.save()
    set_causes(actor, problem=row, causes=causes)
    marks.look_through(actor, [row, *row.causes.all()], seen=seen)
    return row


def set_causes(actor: Actor, *, problem: Problem, causes: Iterable[tuple[str, str]]) -> None:
    """Replace the causes of a problem."""
    require(actor, "measures.manage")
    present = {(c.perspective, c.text): c for c in problem.causes.all()}
    wanted = [
        (p if p in Perspective.values else Perspective.SITUATION, t.strip()[:500]) for p, t in causes if t.strip()
    ]
    for order, key in enumerate(wanted):
        cause = present.pop(key, None)
        if cause is None:
            Cause.objects.create(problem=problem, perspective=key[0], text=key[1], order=order)
        elif cause.order != order:
            cause.order = order
            cause.save(update_fields=["order"])
    for cause in present.values():
        cause.delete()


@dataclass(frozen=True)
class Plan:
    """What a measure is: what, who, by when, why, and where."""

    title: str
    why: str
    owner: Membership
    due_on: date
    type: str = MeasureType.SITUATIONAL
    problem: Problem | None = None
    causes: tuple[Cause, ...] = ()
    category_codes: tuple[str, ...] = ()
    area: Area | None = None
    place: Place | None = None
    radius_m: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    follow_up_on: date | None = None
    actors: tuple[tuple[Organisation, str], ...] = field(default_factory=tuple)


def _check(plan: Plan, owner_before: int | None = None) -> None:
    if plan.owner.pk != owner_before and plan.owner.role not in policy.PERMISSIONS["measures.follow"]:
        raise Refusal(_("That seat cannot follow a measure. Choose another."), field="owner")
    if not plan.title.strip():
        raise Refusal(_("Write what is to be done."), field="title")
    if not plan.why.strip():
        raise Refusal(_("Write what the measure is expected to change."), field="why")
    if plan.starts_on and plan.ends_on and plan.ends_on < plan.starts_on:
        raise Refusal(_("The last day comes before the first."), field="ends_on")
    if plan.follow_up_on and plan.starts_on and plan.follow_up_on <= plan.starts_on:
        raise Refusal(_("Follow up after the measure has begun."), field="follow_up_on")
    if plan.causes and plan.problem is None:
        raise Refusal(_("Choose the problem that the causes belong to."), field="problem")
    for cause in plan.causes:
        if plan.problem is not None and cause.problem_id != plan.problem.pk:
            raise Refusal(
                _("“%(cause)s” is a cause of another problem than the one chosen.") % {"cause": cause.text},
                field="causes",
            )


def _fill(row: Measure, plan: Plan) -> None:
    row.title, row.why, row.type, row.owner = plan.title.strip()[:200], plan.why.strip(), plan.type, plan.owner
    row.problem, row.category_codes = plan.problem, list(plan.category_codes)
    row.area, row.place = _area(plan.place, plan.area, row), plan.place
    row.x, row.y = (plan.place.x, plan.place.y) if plan.place else (None, None)
    row.radius_m = plan.radius_m or (plan.place.radius_m if plan.place else None)
    row.starts_on, row.ends_on, row.due_on, row.follow_up_on = (
        plan.starts_on,
        plan.ends_on,
        plan.due_on,
        plan.follow_up_on,
    )


@transaction.atomic
def plan(
    actor: Actor, *, plan: Plan, decided_in_week: int | None = None, is_invented: bool = False, seen: str = ""
) -> Measure:
    """Plan a measure. It has an owner, a date and a reason from the start."""
    require(actor, "measures.manage")
    _check(plan)
    row = Measure(controller=home(), decided_in_week=decided_in_week, is_invented=is_invented)
    _fill(row, plan)
    row.save()
    row.causes.set(plan.causes)
    _set_actors(row, plan)
    StatusChange.objects.create(measure=row, after=Status.PLANNED, by_id=actor.membership_id)
    marks.look_through(actor, [row, *row.actors.all()], seen=seen)
    telling.of_a_new_one(actor, row)
    return row


@transaction.atomic
def change(actor: Actor, *, measure: Measure, version: int, plan: Plan, seen: str = "") -> Measure:
    """Change what is planned."""
    require(actor, "measures.manage")
    row = locked(Measure, measure, version)
    owner = row.owner_id
    _check(plan, owner)
    _fill(row, plan)
    row.version += 1
    row.save()
    row.causes.set(plan.causes)
    _set_actors(row, plan)
    marks.look_through(actor, [row, *row.actors.all()], seen=seen)
    if row.owner_id != owner:
        telling.of_a_new_one(actor, row)
    return row


def _set_actors(row: Measure, plan: Plan) -> None:
    row.actors.all().delete()
    for organisation, contribution in dict(plan.actors).items():
        CooperatingActor.objects.create(measure=row, organisation=organisation, contribution=contribution[:300])


@transaction.atomic
def step(
    actor: Actor,
    *,
    measure: Measure,
    version: int,
    after: str,
    note: str = "",
    effect: str | None = None,
    on: date | None = None,
    seen: str = "",
) -> Measure:
    """Take a measure to another state. ``on`` is the first or last day when that is what the step tells."""

    def fill(row: Measure, _step: Step) -> None:
        if effect is not None:
            row.effect = effect.strip()
        if after == Status.ONGOING and row.starts_on is None:
            row.starts_on = on or clock.today()
        if after == Status.DONE:
            row.starts_on = row.starts_on or on or clock.today()
            row.ends_on = max(row.starts_on, on or clock.today()) if row.ends_on is None else row.ends_on

    taken = workflow.MEASURE.take(actor, measure, after, version=version, fill=fill, note=note)
    told = [taken.changes.latest("pk"), *([taken] if effect is not None else [])]
    marks.look_through(actor, told, only=("note", "effect"), seen=seen)
    return taken
