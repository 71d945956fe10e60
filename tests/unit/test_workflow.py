"""Steps as data: which there are and whose they are, without a database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from samverkan.foundation.access import Actor, Refused, actor
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import Change, Step, Workflow, _demand, _nothing

GROW = Step("grow", "seed", "tree", "Grow", "garden.grow")
WAIT = Step("wait", "seed", "seed", "Wait", "garden.see")
DRY = Step("grow", "seed", "stump", "Dry", "garden.see", who="owner")
FELL = Step("fell", "tree", "stump", "Fell", "garden.fell", {"why": "Write why.", "on": "Write when."})


def flow(**more: Any) -> Workflow[Any]:
    return Workflow(SimpleNamespace, "state", (GROW, WAIT, DRY, FELL), **more)  # type: ignore[arg-type,type-var]


@pytest.fixture(autouse=True)
def permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actor, "_PERMISSIONS", {"garden.grow": {"gardener"}, "garden.see": {"gardener", "guest"}})
    monkeypatch.setattr(actor, "_EXCLUDED", {"garden.grow": set(), "garden.see": set()})


def who(role: str) -> Actor:
    return Actor(1, 2, 3, "municipality", role, 3)


def test_a_step_is_found_by_its_name_and_where_it_leads_from() -> None:
    assert flow().find("grow", "seed") is GROW and flow().find("fell", "tree") is FELL
    assert flow().find("fell", "seed") is None and flow().find("sow", "seed") is None


def test_a_step_is_found_by_the_states_between_which_it_leads() -> None:
    assert flow().between("seed", "tree") is GROW and flow().between("seed", "stump") is DRY
    assert flow().between("tree", "seed") is None and flow().between("tree", "tree") is None


def test_a_step_that_says_no_more_demands_nothing_is_everybodys_and_is_told_nobody() -> None:
    assert (GROW.demands, GROW.who, GROW.tells) == ({}, "", "")
    bare = flow()
    assert (bare.theirs, bare.impossible) == (None, None)
    assert bare.write is bare.tell is _nothing
    row = SimpleNamespace(state="seed")
    assert _nothing(Change(who("guest"), row, GROW, {})) is None and bare.state(row) == "seed"


def test_what_is_offered_is_what_may_be_taken_from_where_it_is() -> None:
    row = SimpleNamespace(state="seed")
    assert flow().open_to(who("gardener"), row) == [GROW, WAIT, DRY]
    assert flow().open_to(who("guest"), row) == [WAIT, DRY]
    assert flow().open_to(who("guest"), SimpleNamespace(state="stump")) == []


def test_whose_step_it_is_is_asked_once_for_each_of_them_and_permission() -> None:
    asked: list[tuple[Actor, Any, Step]] = []

    def theirs(by: Actor, row: Any, step: Step) -> None:
        asked.append((by, row, step))
        if step.who == "owner":
            raise Refused(step.needs)

    row, guest = SimpleNamespace(state="seed"), who("guest")
    more = Step("look", "seed", "seed", "Look", "garden.see")
    life: Workflow[Any] = Workflow(SimpleNamespace, "state", (GROW, WAIT, DRY, more), theirs=theirs)  # type: ignore[arg-type,type-var]
    assert life.open_to(guest, row) == [WAIT, more]
    assert asked == [(guest, row, WAIT), (guest, row, DRY)], "GROW was refused before, and look is as wait"


@pytest.mark.parametrize("value", ["", "  \n", None, 0])
def test_what_is_demanded_and_empty_is_asked_for_at_its_field(value: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        _demand(FELL, {"why": "Old.", "on": value})
    assert (refusal.value.field, refusal.value.message) == ("on", "Write when.")
    _demand(FELL, {"why": "Old."})
    _demand(FELL, {"why": "Old.", "on": 7})
