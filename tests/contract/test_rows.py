"""Who sees which rows of every model, made from the list of models: the cast × own, others' and other controllers' rows.

The answers stand in ``rows.txt``, so that a change of who sees what is seen in the change that makes it.
``SAMVERKAN_WRITE_MATRIX=1`` writes it anew.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.utils import ProgrammingError
from django.test.utils import isolate_apps

from samverkan.domain.est.models import (
    AlarmRun,
    Decision,
    DecisionTick,
    Edition,
    EditionTakenOut,
    EstWeek,
    NothingToReport,
    Priority,
    Reminder,
    Report,
    Reporter,
)
from samverkan.domain.incidents.api import Category, ensure_standard
from samverkan.domain.incidents.models import (
    ImportedFile,
    ImportProfile,
    ImportRun,
    Incident,
    IncidentVersion,
    Source,
    Upload,
    UploadPart,
)
from samverkan.domain.measures.models import Cause, CooperatingActor, Measure, Problem, StatusChange
from samverkan.domain.picture.models import ComparisonChoice, MeasureEvaluation, SavedView
from samverkan.domain.places.models import Area, AreaEdition, AreaScheme, Place
from samverkan.foundation import clock
from samverkan.foundation.access import ANONYMOUS, SYSTEM, Actor, Refused, Rows, by, controller_of, with_content
from samverkan.foundation.access.acting import acting
from samverkan.foundation.access.rows import Exempt, rule_of
from samverkan.foundation.audit.models import AuditEntry
from samverkan.foundation.audit.selectors import answered_for, tables
from samverkan.foundation.audit.triggers import audited_models
from samverkan.foundation.people import demo as people
from samverkan.foundation.people.models import Organisation
from tests.harness.contract import contracts
from tests.harness.people import Cast

pytestmark = pytest.mark.django_db

ROWS = Path(__file__).parent / "rows.txt"
MODELS = [m for m in apps.get_models() if m.__module__.startswith("samverkan.domain.")]
RULED = [m for m in MODELS if not isinstance(vars(m).get("visible"), Exempt)]
Made = dict[str, models.Model]


def _made(seat: Actor, lead: Actor, n: int) -> Made:
    """One row of every model (and of the states that a rule tells apart), of one seat and its organisation."""
    today, now = clock.today(), clock.now()
    mine: dict[str, Any] = {"controller_id": seat.controller_id}
    by, body = seat.membership_id, seat.organisation_id
    edition = AreaEdition.objects.get(scheme__code="prov")
    source = Source.objects.create(code=f"prov{n}", name="Prov", kind="file", **mine)
    category = Category.objects.get(code="klotter")
    place = Place.objects.create(**mine, name=f"Plats {n}", x=0, y=0)
    incident = Incident.objects.create(
        source=source, external_id=str(n), category=category, started_at=now, observed_at=now, week=1,
        precision="municipality", content_hash=bytes(16), organisation_id=body, **mine,
    )  # fmt: skip
    problem = Problem.objects.create(title="Klotter", **mine)
    measure = Measure.objects.create(title="Städa", owner_id=by, due_on=today, **mine)
    apart = Cause.objects.create(problem=problem, text="Mörkt")
    cause = Cause.objects.create(problem=problem, text="Ingen ser")
    measure.causes.add(cause)
    choice = ComparisonChoice.objects.create(measure=measure, number=1)
    report: dict[str, Any] = {
        "organisation_id": body, "membership_id": by, "week": 1, "category": category,
        "started_at": now - timedelta(hours=1), **mine,
    }  # fmt: skip
    week = EstWeek.objects.create(first=2 * n, **mine)
    decision = Decision.objects.create(**mine, week=week, text="Vi går dit", responsible_id=by)
    run = ImportRun.objects.create(source=source, **mine)
    upload = Upload.objects.create(person_id=seat.person_id, names=["a.csv"], language="sv", **mine)  # type: ignore[misc]
    made: list[tuple[str, models.Model]] = [
        ("", Area.objects.create(**mine, edition=edition, code=str(n), name=f"Område {n}", valid_from=today)),
        ("", place),
        ("", incident),
        ("", IncidentVersion.objects.create(incident=incident, observed_at=now, content_hash=bytes(16), content={})),
        ("", ImportProfile.objects.create(name=f"p{n}", mapping={}, **mine)),
        ("", run),
        ("", upload),
        ("", UploadPart.objects.create(upload=upload, file=0, number=0, content=b"")),
        ("", ImportedFile.objects.create(source=source, sha256=str(n))),
        ("", problem),
        ("of a measure", cause),
        ("of no measure", apart),
        ("", measure),
        ("", CooperatingActor.objects.create(measure=measure, organisation_id=body)),
        ("", StatusChange.objects.create(measure=measure, after="planned")),
        ("", SavedView.objects.create(owner_id=by, name="Vy", **mine)),
        ("", choice),
        ("", MeasureEvaluation.objects.create(
            measure=measure, comparison=choice, as_of=today, verdict="x", parameters={}, result={}
        )),
        ("open", week),
        ("locked", EstWeek.objects.create(first=2 * n + 1, state="frozen", **mine)),
        ("", Priority.objects.create(**mine, week=week, place=place, why="Ofta")),
        ("", decision),
        ("", DecisionTick.objects.create(decision=decision, done=True)),
        ("", edition_ := Edition.objects.create(week=week, number=1, content={}, sha256="")),
        ("", EditionTakenOut.objects.create(edition=edition_, reason="Ett namn", by_id=by)),
        ("", AlarmRun.objects.create(week=n, enough=True, result={}, **mine)),
        ("", Reporter.objects.create(membership_id=by, group="Skolor")),
        ("", NothingToReport.objects.create(membership_id=by, week=1)),
        ("", Reminder.objects.create(membership_id=by, week=1)),
        ("draft", Report.objects.create(state="draft", **report)),
        ("sent", Report.objects.create(state="submitted", **report)),
        ("closed", Report.objects.create(state="closed", **report)),
    ]  # fmt: skip
    other = Measure.objects.create(title="Lampor", owner_id=lead.membership_id, due_on=today, **mine)
    CooperatingActor.objects.create(measure=other, organisation_id=body)
    made.append(("taken part in", other))
    written = {
        **report,
        "membership_id": lead.membership_id,
        "organisation_id": lead.organisation_id,
        "entered_by_id": by,
    }
    made += [(what, row) for room in contracts() for what, row in room.rows(seat, n).items()]
    made.append(("written for another", Report.objects.create(state="submitted", **written)))
    return {f"{row._meta.label} {what}".strip(): row for what, row in made}


@pytest.fixture
def world(cast: Cast) -> dict[str, tuple[Actor, Made]]:
    """Every person of the cast with rows of their seat and organisation."""
    ensure_standard()
    AreaEdition.objects.create(
        scheme=AreaScheme.objects.create(code="prov", name="Prov"), name="1", valid_from=clock.today()
    )
    actors = {player.code: cast[player.code] for player in people.cast.all()}
    assert len({a.controller_id for a in actors.values()}) > 2
    return {
        code: (actor, _made(actor, cast["samordnare"], n)) for n, (code, actor) in enumerate(sorted(actors.items()), 1)
    }


def _relation(actor: Actor, of: Actor) -> str:
    if actor.membership_id == of.membership_id:
        return "own"
    if actor.organisation_id == of.organisation_id:
        return "colleague"
    return "same controller" if actor.controller_id == of.controller_id else "other controller"


RELATIONS = ("own", "colleague", "same controller", "other controller")


def _seen(world: dict[str, tuple[Actor, Made]]) -> dict[str, dict[str, str]]:
    """Model and state → seat → a letter for each relation: a(ll), n(one), s(ome) or - where there is no such row."""
    kinds = next(iter(world.values()))[1]
    table: dict[str, dict[str, str]] = {}
    for kind, example in kinds.items():
        model = type(example)
        keys = {code: made[kind].pk for code, (_actor, made) in world.items()}
        for code, (actor, _made) in world.items():
            rows: Rows[Any] = model._default_manager.all()  # type: ignore[assignment]
            seen = set(rows.visible_to(actor).filter(pk__in=keys.values()).values_list("pk", flat=True))
            letters = ""
            for relation in RELATIONS:
                there = {keys[c] for c, (of, _m) in world.items() if _relation(actor, of) == relation}
                letters += "-" if not there else "a" if there <= seen else "s" if there & seen else "n"
            table.setdefault(kind, {})[code] = letters
    return table


def test_every_model_has_a_rule_or_says_why_not() -> None:
    for model in MODELS:
        rule = rule_of(model)
        assert callable(rule), model
        if isinstance(rule, Exempt):
            assert len(rule.reason) > 30, model
        else:
            assert isinstance(model._default_manager.all(), Rows), f"{model.__name__}.objects is not Rows"


def test_every_model_with_content_says_who_answers_for_its_rows() -> None:
    assert set(RULED) <= set(with_content())
    for model in with_content():
        assert controller_of(model), model


@isolate_apps("samverkan.domain.places")
def test_a_model_with_content_that_nobody_answers_for_is_found() -> None:
    class Bench(models.Model):
        visible = by("places.view")

        class Meta:
            app_label = "places"

    class Plank(models.Model):
        visible = by("places.view")
        controlled_through = "bench"
        bench = models.ForeignKey(Bench, models.CASCADE)

        class Meta:
            app_label = "places"

    for model in (Bench, Plank):
        with pytest.raises(LookupError, match=r"Bench has no controller"):
            controller_of(model)


def test_rows_of_every_model_are_answered_for_by_who_they_came_from(world: dict[str, tuple[Actor, Made]]) -> None:
    expected: Counter[tuple[str, int]] = Counter()
    for actor, made in world.values():
        for what, row in made.items():
            model = type(row)
            found = model._default_manager.annotate(who=controller_of(model)).get(pk=row.pk)
            assert found.who == actor.controller_id, what  # type: ignore[attr-defined]
    for model in with_content():
        for row in model._default_manager.annotate(who=controller_of(model)):
            expected[tables()[model._meta.db_table], row.who] += 1  # type: ignore[attr-defined]
    told = answered_for(world["dataskyddsombud"][0])
    assert {(what, organisation.pk): n for organisation, rows in told for what, n in rows} == expected
    assert len(told) == len({actor.controller_id for actor, _made in world.values()})
    assert told[0][0] == Organisation.objects.get(is_home=True)
    with pytest.raises(Refused):
        answered_for(world["samordnare"][0])


def test_every_model_with_a_rule_is_tried(world: dict[str, tuple[Actor, Made]]) -> None:
    tried = {type(row) for row in next(iter(world.values()))[1].values()}
    assert tried == set(RULED)


def test_who_sees_which_rows_is_as_written(world: dict[str, tuple[Actor, Made]]) -> None:
    table = _seen(world)
    lines = [
        "# model and state | seats | own, colleague's, same controller's, other controller's: a(ll) s(ome) n(one) - (no row)"
    ]
    for kind in sorted(table):
        groups: dict[str, list[str]] = {}
        for code, letters in table[kind].items():
            groups.setdefault(letters, []).append(code)
        lines += [f"{kind} | {letters} | {' '.join(sorted(groups[letters]))}" for letters in sorted(groups)]
    text = "\n".join(lines) + "\n"
    if os.environ.get("SAMVERKAN_WRITE_MATRIX"):
        ROWS.write_text(text, "utf-8")
    assert text == ROWS.read_text("utf-8"), "who sees which rows has changed; see this module's first lines"


def test_who_has_not_signed_in_sees_no_row_and_the_installation_all(world: dict[str, tuple[Actor, Made]]) -> None:
    for model in RULED:
        rows: Any = model._default_manager.all()
        assert not rows.visible_to(ANONYMOUS).exists(), model
        if model is not SavedView:
            assert rows.visible_to(SYSTEM).exists(), model


def test_whoever_takes_a_row_away_stands_in_the_change_log(world: dict[str, tuple[Actor, Made]]) -> None:
    """A row of every model, taken away by somebody: signed by the seat, or by the database refused."""
    actor = world["samordnare"][0]
    signed, kept = set(), set()
    for model in audited_models():
        row = model._base_manager.first()
        if row is None:
            continue
        before = AuditEntry.objects.latest("pk").pk
        try:
            with transaction.atomic(), acting(actor, "prov"):
                model._base_manager.filter(pk=row.pk)._raw_delete("default")
                entries = AuditEntry.objects.filter(pk__gt=before)
                told = [(e.table, e.operation, e.person_id, e.membership_id, e.request_id) for e in entries]
                transaction.set_rollback(True)
        except ProgrammingError as refused:
            assert "permission denied" in str(refused)
            kept.add(model)
            continue
        assert told == [(model._meta.db_table, "D", actor.person_id, actor.membership_id, "prov")]
        signed.add(model)
    assert set(RULED) <= signed | kept and len(signed) > 20
    assert {model for model in kept if not hasattr(model, "grants")} == set()
