"""Steps as data: which there are and whose they are, without a database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import F

from samverkan.foundation import workflow
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
    monkeypatch.setattr(
        actor,
        "_PERMISSIONS",
        {"garden.grow": {"gardener"}, "garden.fell": {"gardener"}, "garden.see": {"gardener", "guest"}},
    )
    monkeypatch.setattr(actor, "_EXCLUDED", {"garden.grow": set(), "garden.fell": set(), "garden.see": set()})


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


class Rows:
    """Rows that note what they are asked to become."""

    def __init__(self, taken: dict[str, int]) -> None:
        self.taken, self.asked = taken, list[Any]()

    def filter(self, **where: Any) -> Any:
        def update(**what: Any) -> int:
            self.asked.append((where, what))
            return self.taken[where["state"]]

        return SimpleNamespace(update=update)


def test_many_take_a_step_from_wherever_it_leads_and_count_their_version() -> None:
    dig = tuple(Step("dig", before, "hole", "Dig", "garden.see") for before in ("seed", "tree"))
    life: Workflow[Any] = Workflow(SimpleNamespace, "state", (GROW, *dig, FELL))  # type: ignore[arg-type,type-var]
    rows: Any = Rows({"seed": 2, "tree": 3})
    assert life.take_all(who("guest"), rows, "dig") == 5
    then = {"state": "hole", "version": F("version") + 1}
    assert rows.asked == [({"state": "seed"}, then), ({"state": "tree"}, then)]
    rows = Rows({})
    assert life.take_all(who("guest"), rows, "sow") == 0
    with pytest.raises(Refused) as refused:
        life.take_all(who("guest"), rows, "fell")
    assert refused.value.permission == "garden.fell" and rows.asked == []


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``take(life, actor, row, name, …)`` without a database: the row itself is what is held."""
    monkeypatch.setattr(workflow, "locked", lambda model, row, version: row)
    inner: Any = Workflow.take
    return inner.__wrapped__


def tree(state: str = "tree") -> SimpleNamespace:
    return SimpleNamespace(state=state, version=4, save=lambda: None)


def test_who_may_take_no_step_of_that_name_is_refused_before_the_row_is_read(
    take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "locked", lambda *asked: pytest.fail("the row was read"))
    with pytest.raises(Refused) as refused:
        take(flow(), who("guest"), tree(), "fell", version=4)
    assert refused.value.permission == "garden.fell"


def test_a_step_that_does_not_lead_from_there_is_refused_in_the_rooms_own_words(take: Any) -> None:
    row, asked = tree("stump"), list[Any]()

    def impossible(found: Any, name: str) -> Refusal:
        asked.append((found, name))
        return Refusal("It is felled.")

    with pytest.raises(Refusal) as refusal:
        take(flow(impossible=impossible), who("gardener"), row, "fell", version=4)
    assert (refusal.value.message, asked) == ("It is felled.", [(row, "fell")])
    with pytest.raises(Refusal) as refusal:
        take(flow(), who("gardener"), row, "fell", version=4)
    assert isinstance(refusal.value.message, str) and refusal.value.message


def test_a_step_is_filled_in_written_and_told_with_all_that_belongs_to_it(take: Any) -> None:
    row, seen = tree(), list[Any]()
    gardener = who("gardener")

    def fill(found: Any, step: Step) -> None:
        seen.append(("fill", found, step))
        found.on = "today"

    life = flow(write=lambda change: seen.append(("write", change)), tell=lambda change: seen.append(("tell", change)))
    assert take(life, gardener, row, "fell", version=4, fill=fill, why=" It leans. ") is row
    change = Change(gardener, row, FELL, {"why": "It leans."})
    assert seen == [("fill", row, FELL), ("write", change), ("tell", change)]
    assert (row.state, row.version) == ("stump", 5)
