"""Every step of every workflow, made from the tables: permission, version, state and demands hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import models

from samverkan.domain.est.models import EstWeek, Report
from samverkan.domain.incidents.api import Category, ensure_standard
from samverkan.domain.measures.api import Measure
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week
from samverkan.foundation.workflow import Step
from tests.harness.contract import contracts
from tests.harness.people import Cast
from tools import docs

pytestmark = pytest.mark.django_db

LIVES = {life.name: life for life in docs.workflows()}
STEPS = [(name, step) for name, life in LIVES.items() for step in life.flow.steps]


def _measure(cast: Cast) -> Measure:
    owner = cast["bostadsbolag"]
    return Measure(
        controller_id=owner.organisation_id, owner_id=owner.membership_id, title="Klipp häcken", due_on=clock.today()
    )


def _report(cast: Cast) -> Report:
    ensure_standard()
    seat = cast["skola"]
    return Report(
        controller_id=seat.controller_id,
        organisation_id=seat.organisation_id,
        membership_id=seat.membership_id,
        week=Week.current().index,
        category=Category.objects.get(code="klotter"),
        started_at=clock.now() - timedelta(hours=1),
    )


def _week(cast: Cast) -> EstWeek:
    return EstWeek(controller=home(), first=Week.current().index)


#: A row of each workflow that fills in nothing a step demands. A new room has its own in its contract.py.
ROWS: Mapping[str, Callable[[Cast], models.Model]] = {
    "measures": _measure,
    "est.reporting": _report,
    "est.week": _week,
    **{name: partial(room.in_workflow, name) for room in contracts() for name in room.WORKFLOWS},
}


def _ids(value: object) -> str:
    return f"{value.name}-from-{value.before}" if isinstance(value, Step) else str(value)


def _stored(name: str, cast: Cast, state: str) -> Any:
    row = ROWS[name](cast)
    setattr(row, LIVES[name].flow.field, state)
    row.save()
    return row


def _taker(name: str, cast: Cast, row: Any, step: Step) -> Actor:
    return next(a for a in (cast[code] for code in cast) if step in LIVES[name].flow.open_to(a, row))


def _take(name: str, actor: Actor, row: Any, step: Step, told: Mapping[str, str], version: int | None = None) -> Any:
    """The step alone: what a service adds is tried in its room."""
    flow = replace(LIVES[name].flow, write=lambda change: None, tell=lambda change: None)
    fill = {key: value for key, value in told.items() if hasattr(row, key)}

    def filled(found: Any, _step: Step) -> None:
        for key, value in fill.items():
            setattr(found, key, clock.today() if key.endswith("_on") else value)

    words = {key: value for key, value in told.items() if key not in fill}
    return flow.take(actor, row, step.name, version=row.version if version is None else version, fill=filled, **words)


def _told(step: Step, without: str = "") -> dict[str, str]:
    return {key: "" if key == without else "Därför." for key in step.demands}


def test_every_workflow_is_tried() -> None:
    assert set(ROWS) == set(LIVES)
    assert all(
        {s.before for s in life.flow.steps} | {s.after for s in life.flow.steps} == set(life.states)
        for life in LIVES.values()
    )


@pytest.mark.parametrize(("name", "step"), STEPS, ids=_ids)
def test_a_step_goes_where_it_says_and_counts_the_version(cast: Cast, name: str, step: Step) -> None:
    row = _stored(name, cast, step.before)
    done = _take(name, _taker(name, cast, row, step), row, step, _told(step))
    fresh = type(row)._default_manager.get(pk=row.pk)
    assert LIVES[name].flow.state(fresh) == LIVES[name].flow.state(done) == step.after
    assert fresh.version == row.version + 1


@pytest.mark.parametrize(("name", "step", "missing"), [(n, s, key) for n, s in STEPS for key in s.demands], ids=_ids)
@pytest.mark.parametrize("how", ["empty", "blank", "untold"])
def test_what_a_step_demands_is_demanded(cast: Cast, name: str, step: Step, missing: str, how: str) -> None:
    row = _stored(name, cast, step.before)
    told = _told(step, missing)
    if how == "blank" and not missing.endswith("_on"):
        told[missing] = "  \n"
    elif how == "untold" or missing.endswith("_on"):
        del told[missing]
    with pytest.raises(Refusal) as refusal:
        _take(name, _taker(name, cast, row, step), row, step, told)
    assert refusal.value.field == missing and refusal.value.message
    _unchanged(name, row)


@pytest.mark.parametrize(("name", "step"), STEPS, ids=_ids)
def test_who_lacks_the_permission_takes_no_step(cast: Cast, name: str, step: Step) -> None:
    row = _stored(name, cast, step.before)
    without = [cast[code] for code in cast if not cast[code].may(step.needs)]
    assert without
    for actor in without:
        with pytest.raises(Refused):
            _take(name, actor, row, step, _told(step))
        assert step not in LIVES[name].flow.open_to(actor, row)
    _unchanged(name, row)


@pytest.mark.parametrize(("name", "step"), STEPS, ids=_ids)
def test_a_step_from_an_older_version_or_another_state_is_refused(cast: Cast, name: str, step: Step) -> None:
    flow, row = LIVES[name].flow, _stored(name, cast, step.before)
    actor = _taker(name, cast, row, step)
    with pytest.raises(Conflict):
        _take(name, actor, row, step, _told(step), version=row.version + 1)
    _unchanged(name, row)
    for state in LIVES[name].states:
        if flow.find(step.name, state) is None:
            type(row)._default_manager.filter(pk=row.pk).update(**{flow.field: state})
            row.refresh_from_db()
            with pytest.raises((Refusal, Refused)):
                _take(name, actor, row, step, _told(step))
            _unchanged(name, row)


def _unchanged(name: str, row: Any) -> None:
    fresh = type(row)._default_manager.get(pk=row.pk)
    flow = LIVES[name].flow
    assert (flow.state(fresh), fresh.version) == (flow.state(row), row.version)
