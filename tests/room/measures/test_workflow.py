"""A measure's life: every allowed step for those who may take it, every other refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samverkan.domain.measures.api import Measure, Plan, Status, StatusChange, describe_problem, plan, step
from samverkan.domain.measures.services import change, change_problem
from samverkan.domain.measures.workflow import MEASURE, OPEN
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.people.models import Membership, Organisation
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.workflow import Step

Cast = dict[str, Actor]
OWNER, LEAD, OTHER = "bostadsbolag", "samordnare", "skola"


def _plan(cast: Cast, **values: object) -> Plan:
    owner = Membership.objects.get(pk=cast[OWNER].membership_id)
    given_: dict[str, object] = {
        "title": "Klipp häcken vid torget",
        "why": "Det blir lättare att se vad som händer.",
        "owner": owner,
        "due_on": clock.today() + timedelta(days=7),
    }
    return Plan(**{**given_, **values})  # type: ignore[arg-type]


def _in(cast: Cast, state: str) -> Measure:
    """A measure in a state, straight in the table, with what the states demand."""
    row = plan(cast[LEAD], plan=_plan(cast, starts_on=clock.today()))
    Measure.objects.filter(pk=row.pk).update(status=state, effect="Färre anmälningar.")
    row.refresh_from_db()
    return row


def _ids(step_: Step) -> str:
    return f"{step_.before}-{step_.after}"


@pytest.mark.parametrize("transition", MEASURE.steps, ids=_ids)
def test_an_allowed_step_is_taken_and_kept(cast: Cast, transition: Step) -> None:
    row = _in(cast, transition.before)
    done = step(cast[LEAD], measure=row, version=row.version, after=transition.after, note="Därför.")
    assert (done.status, done.version) == (transition.after, row.version + 1)
    last = StatusChange.objects.filter(measure=row).latest("pk")
    assert (last.before, last.after, last.by_id) == (transition.before, transition.after, cast[LEAD].membership_id)


@pytest.mark.parametrize("transition", MEASURE.steps, ids=_ids)
def test_the_one_responsible_takes_the_steps_that_follow_and_no_other(cast: Cast, transition: Step) -> None:
    row = _in(cast, transition.before)
    if transition.needs == "measures.follow":
        done = step(cast[OWNER], measure=row, version=row.version, after=transition.after, note="Därför.")
        assert done.status == transition.after
    else:
        with pytest.raises(Refused):
            step(cast[OWNER], measure=row, version=row.version, after=transition.after, note="Därför.")


@pytest.mark.parametrize(
    "code", ["skola", "granskare", "revisor", "fortroendevald", "administrator", "bostadsbolag.ersattare"]
)
@pytest.mark.parametrize("transition", MEASURE.steps, ids=_ids)
def test_nobody_else_takes_any_step(cast: Cast, code: str, transition: Step) -> None:
    row = _in(cast, transition.before)
    with pytest.raises(Refused):
        step(cast[code], measure=row, version=row.version, after=transition.after, note="Därför.")
    row.refresh_from_db()
    assert row.status == transition.before


@pytest.mark.parametrize(
    ("before", "after"),
    [pair for pair in product(Status.values, [*Status.values, "nonsense"]) if MEASURE.between(*pair) is None],
)
def test_every_other_step_is_refused_in_words(cast: Cast, before: str, after: str) -> None:
    row = _in(cast, before)
    with pytest.raises(Refusal) as refusal:
        step(cast[LEAD], measure=row, version=row.version, after=after, note="Därför.")
    assert refusal.value.message and not isinstance(refusal.value, Conflict)
    row.refresh_from_db()
    assert (row.status, row.version) == (before, 1)
    assert StatusChange.objects.filter(measure=row).count() == 1


@pytest.mark.parametrize("transition", [t for t in MEASURE.steps if "note" in t.demands], ids=_ids)
def test_stopping_demands_a_reason(cast: Cast, transition: Step) -> None:
    row = _in(cast, transition.before)
    with pytest.raises(Refusal) as refusal:
        step(cast[LEAD], measure=row, version=row.version, after=transition.after, note="  ")
    assert refusal.value.field == "note"


def test_an_assessed_effect_must_be_written(cast: Cast) -> None:
    row = _in(cast, Status.DONE)
    with pytest.raises(Refusal) as refusal:
        step(cast[LEAD], measure=row, version=row.version, after=Status.CHECKED, effect=" ")
    assert refusal.value.field == "effect"
    done = step(cast[LEAD], measure=row, version=row.version, after=Status.CHECKED, effect="Lugnare på kvällarna.")
    assert done.effect == "Lugnare på kvällarna."


def test_every_step_can_be_taken_back() -> None:
    """Undo is the inverse step; what was stopped is planned anew, with a reason."""
    for transition in MEASURE.steps:
        forward = transition.after in (Status.ONGOING, Status.DONE, Status.CHECKED)
        if forward and (transition.before, transition.after) != (Status.PLANNED, Status.DONE):
            assert MEASURE.between(transition.after, transition.before), _ids(transition)
    reachable = {Status.PLANNED.value}
    for _n in Status.values:
        reachable |= {t.after for t in MEASURE.steps if t.before in reachable}
    assert reachable == set(Status.values)
    assert all(MEASURE.between(state, Status.STOPPED) for state in OPEN)


def test_undo_in_the_page_is_the_inverse_and_keeps_the_history(
    cast: Cast, client_for: Callable[[Actor], Client]
) -> None:
    client, row = client_for(cast[LEAD]), _in(cast, Status.PLANNED)
    address = f"/atgarder/{row.public_id}/"
    answer = client.post(address, {"version": row.version, "after": "ongoing"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.status == Status.ONGOING
    assert client.post(f"{address}angra/").status_code == 302
    row.refresh_from_db()
    assert (row.status, row.version) == (Status.PLANNED, 3)
    steps = [(c.before, c.after) for c in row.changes.order_by("pk")]
    assert steps == [("", "planned"), ("planned", "ongoing"), ("ongoing", "planned")]


def test_two_at_once_lose_nothing(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    row = _in(cast, Status.ONGOING)
    step(cast[OWNER], measure=row, version=row.version, after=Status.DONE)
    with pytest.raises(Conflict):
        step(cast[LEAD], measure=row, version=row.version, after=Status.STOPPED, note="Behövs inte.")
    with pytest.raises(Conflict):
        change(cast[LEAD], measure=row, version=row.version, plan=_plan(cast, title="Annat"))
    row.refresh_from_db()
    assert (row.status, row.title) == (Status.DONE, "Klipp häcken vid torget")
    page = client_for(cast[LEAD]).post(
        f"/atgarder/{row.public_id}/", {"version": 1, "after": "checked", "effect": "Det här skrev jag."}
    )
    assert page.status_code == 422 and "Det här skrev jag." in page.content.decode(), "what was typed is kept"


def test_a_problem_changed_by_two_conflicts_and_causes_keep_their_identity(cast: Cast) -> None:
    problem = describe_problem(
        cast[LEAD], title="Buskörning", causes=[("situation", "Ingen fartdämpning"), ("offender", "Tråkigt")]
    )
    kept = problem.causes.get(text="Ingen fartdämpning")
    plan(cast[LEAD], plan=_plan(cast, problem=problem, causes=(kept,)))
    values = {"title": "Buskörning", "description": "", "causes": [("situation", "Ingen fartdämpning")]}
    rest: dict[str, Any] = {"category_codes": [], "place": None, "area": None}
    changed = change_problem(cast[LEAD], problem=problem, version=problem.version, **values, **rest)  # type: ignore[arg-type]
    assert [c.pk for c in changed.causes.all()] == [kept.pk]
    with pytest.raises(Conflict):
        change_problem(cast[LEAD], problem=problem, version=problem.version, **values, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"title": " "}, "title"),
        ({"why": ""}, "why"),
        ({"starts_on": clock.today(), "ends_on": clock.today() - timedelta(days=1)}, "ends_on"),
        ({"starts_on": clock.today(), "follow_up_on": clock.today()}, "follow_up_on"),
    ],
)
def test_a_plan_says_what_why_and_in_order(cast: Cast, values: dict[str, object], wrong: str) -> None:
    with pytest.raises(Refusal) as refusal:
        plan(cast[LEAD], plan=_plan(cast, **values))
    assert refusal.value.field == wrong


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    walk=st.lists(
        st.tuples(st.sampled_from([LEAD, OWNER, OTHER]), st.sampled_from(Status.values), st.booleans()), max_size=12
    )
)
def test_any_walk_keeps_the_promises(cast: Cast, walk: list[tuple[str, str, bool]]) -> None:
    """Whatever is tried in whatever order: only declared steps are taken, each is in the history, versions count."""
    mark = transaction.savepoint()
    row = plan(cast[LEAD], plan=_plan(cast))
    taken = []
    for code, after, with_note in walk:
        before, version = row.status, row.version
        try:
            row = step(
                cast[code],
                measure=row,
                version=version,
                after=after,
                note="Därför." if with_note else "",
                effect="Syns.",
            )
        except (Refusal, Refused):
            row.refresh_from_db()
            assert (row.status, row.version) == (before, version)
            continue
        declared = MEASURE.between(before, after)
        assert declared is not None and code != OTHER
        assert with_note or "note" not in declared.demands
        taken.append((before, after))
    assert row.version == 1 + len(taken)
    assert [(c.before, c.after) for c in row.changes.order_by("pk")] == [("", "planned"), *taken]
    if row.status in (Status.DONE, Status.CHECKED):
        assert row.starts_on and row.ends_on and row.starts_on <= row.ends_on
    transaction.savepoint_rollback(mark)


def test_a_partner_sees_its_own_and_those_it_takes_part_in(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    own = plan(cast[LEAD], plan=_plan(cast, title="Bolagets egen"))
    landlord = Organisation.objects.get(pk=cast["hyresvard"].organisation_id)
    shared = plan(cast[LEAD], plan=_plan(cast, title="Tillsammans", actors=((landlord, "Belysning"),)))
    pages = {code: client_for(cast[code]).get("/atgarder/").content.decode() for code in (OWNER, "hyresvard", OTHER)}
    assert own.title in pages[OWNER] and shared.title in pages[OWNER]
    assert own.title not in pages["hyresvard"] and shared.title in pages["hyresvard"]
    assert own.title not in pages[OTHER] and shared.title not in pages[OTHER]
    file = client_for(cast[OTHER]).get("/atgarder/lista.csv").getvalue().decode()
    assert own.title not in file and shared.title not in file
    assert client_for(cast[OTHER]).get(f"/atgarder/{own.public_id}/").status_code == 404
