"""What the week and its measures tell is looked through: when it is written, and all of it before the lock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.models import Decision, Edition, EstWeek, Priority
from samverkan.domain.est.week import services
from samverkan.domain.est.week.marked import unanswered_marks
from samverkan.domain.incidents.api import Draft, Incident, Kind, Lookup, ensure_source, record
from samverkan.domain.measures.api import Measure, Problem, describe_problem
from samverkan.domain.measures.models import StatusChange
from samverkan.domain.places.api import Place
from samverkan.foundation import clock, marks
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.marks.models import Standing
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db

NAMED = "Tala med Anna Svensson i kiosken."
PHONE = "Ring 070-123 45 67."


@pytest.fixture
def week() -> EstWeek:
    return services.open_week(SYSTEM, week=Week.current().plus(-1))


@pytest.fixture
def client(cast: Any, client_for: Callable[..., Client]) -> Client:
    return client_for(cast["coordinator"])


def page_of(row: EstWeek) -> str:
    return f"/veckan/{Week.from_index(row.first)}/"


def boxes(answer: Any) -> str:
    """What the box of the form that asks would send."""
    found = re.search(r'<input type="checkbox" name="marks_seen" value="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()[-3000:]
    assert "checked" not in found[0]
    return found[1]


def test_the_assessment_is_asked_about_and_answered_for_these_words_only(client: Client, week: EstWeek) -> None:
    address = page_of(week)
    asked = client.post(address, {"judgement": NAMED, "version": week.version})
    assert asked.status_code == 422 and "Anna Svensson" in asked.content.decode()
    assert not EstWeek.objects.get(pk=week.pk).judgement, "nothing is stored before the answer"
    seen = boxes(asked)
    again = client.post(address, {"judgement": NAMED + " " + PHONE, "version": week.version, "marks_seen": seen})
    assert again.status_code == 422 and "070-123" in again.content.decode(), "what was not shown is not answered"
    both = boxes(again)
    assert seen in both
    done = client.post(address, {"judgement": NAMED + " " + PHONE, "version": week.version, "marks_seen": both})
    assert done.status_code == 302 and not unanswered_marks(EstWeek.objects.get(pk=week.pk))
    # Written anew with the same words, it is answered.
    services.judge(SYSTEM, week=week, version=week.version + 1, text="Mer. " + NAMED)
    kept = " ".join(Standing.objects.values_list("words", flat=True))
    assert "svensson" not in kept.casefold() and "070" not in kept.partition("-")[0][:3]


def test_a_decision_that_becomes_a_measure_is_asked_once(client: Client, week: EstWeek, cast: Any) -> None:
    address = page_of(week) + "mote/"
    owner = Membership.objects.get(pk=cast["measure_owner"].membership_id)
    sent = {
        "text": NAMED, "owner": str(owner.public_id), "due_on": (clock.today() + timedelta(days=9)).isoformat(), "why": PHONE,
    }  # fmt: skip
    asked = client.post(address, sent)
    assert asked.status_code == 422 and not Measure.objects.exists() and not Decision.objects.exists()
    assert client.post(address, {**sent, "marks_seen": boxes(asked)}).status_code == 302
    assert Measure.objects.get().why == PHONE and Decision.objects.get().text == NAMED


@pytest.mark.parametrize("field", ["why"])
def test_a_priority(client: Client, week: EstWeek, field: str) -> None:
    place = Place.objects.create(name="Påhittade torget", x=585000, y=6582000, controller_id=week.controller_id)
    address = page_of(week) + "prioritera/"
    assert client.post(address, {"place": str(place.public_id), field: NAMED}).status_code == 422
    assert not Priority.objects.exists()


def test_problems_and_measures_and_their_notes(client: Client, cast: Any) -> None:
    refused = client.post("/problem/nytt/", {"title": "Bråk", "description": NAMED, "kinds": []})
    assert refused.status_code == 422 and not Problem.objects.exists()
    assert (
        client.post("/problem/nytt/", {"title": "Bråk", "description": NAMED, "marks_seen": boxes(refused)}).status_code
        == 302
    )
    with pytest.raises(marks.Marked):
        describe_problem(SYSTEM, title="Mörkt", causes=[("situation", PHONE)])
    owner = Membership.objects.get(pk=cast["measure_owner"].membership_id)
    measure = Measure.objects.create(
        title="Städa", why="Trivsel", owner=owner, due_on=clock.today(), controller_id=owner.organisation_id
    )
    stop = {"version": 1, "after": "stopped", "note": NAMED}
    refused = client.post(f"/atgarder/{measure.public_id}/", stop)
    assert (
        refused.status_code == 422 and Measure.objects.get().status == "planned" and not StatusChange.objects.exists()
    )
    assert client.post(f"/atgarder/{measure.public_id}/", {**stop, "marks_seen": boxes(refused)}).status_code == 302
    assert Measure.objects.get().status == "stopped"


def test_the_lock_stops_until_each_mark_is_answered(client: Client, week: EstWeek) -> None:
    # As stored before anything was looked through, or by a file.
    Decision.objects.create(week=week, text=NAMED, controller_id=week.controller_id)
    record(
        SYSTEM,
        source=ensure_source(SYSTEM, code="prov", name="Prov"),
        drafts=[
            Draft(
                external_id="1", category=Lookup().find("klotter"), started_at=clock.now() - timedelta(days=9),
                kind=Kind.DEVELOPMENT, title="Klotter av " + NAMED, description=PHONE,
            )
        ],
    )  # fmt: skip
    address = page_of(week) + "las/"
    found = unanswered_marks(week)
    assert sorted({(m.row._meta.label, m.field) for m in found}) == [
        ("est.Decision", "text"),
        ("incidents.Incident", "description"),
        ("incidents.Incident", "title"),
    ]
    shown = client.get(address).content.decode()
    assert "2 texter innehåller" in shown and "Låt det stå kvar" in shown
    stopped = client.post(address, {"version": week.version})
    assert stopped.status_code == 422 and f"{len(found)} ställen ser ut som personuppgifter" in stopped.content.decode()
    with pytest.raises(Refusal):
        services.freeze(SYSTEM, week=week, version=week.version)
    assert not Edition.objects.exists()
    decision, incident = Decision.objects.get(), Incident.objects.get()
    sent = {
        "model": "est.Decision",
        "row": decision.pk,
        "mark": [m.token for m in found],
        "do": "stand",
        "next": address,
    }
    assert client.post("/markerat/svara/", sent)["Location"] == address
    sent = {"model": "incidents.Incident", "row": incident.pk, "do": "out", "next": address}
    assert client.post("/markerat/svara/", sent).status_code == 302
    incident.refresh_from_db()
    assert "Svensson" not in incident.title and "070" not in incident.description and "Klotter" in incident.title
    assert unanswered_marks(week) == []
    assert client.post(address, {"version": week.version}).status_code == 302
    assert Edition.objects.get().content["decisions"][0]["text"] == NAMED


def test_a_correction_is_looked_through_too(client: Client, week: EstWeek) -> None:
    services.freeze(SYSTEM, week=week, version=week.version)
    week.refresh_from_db()
    sent = {"version": week.version, "corrects": PHONE, "judgement": "Lugnt."}
    asked = client.post(page_of(week) + "las/", sent)
    assert asked.status_code == 422 and Edition.objects.count() == 1
    assert client.post(page_of(week) + "las/", {**sent, "marks_seen": boxes(asked)}).status_code == 302


def test_only_who_may_answers(cast: Any, week: EstWeek, client_for: Callable[..., Client]) -> None:
    decision = Decision.objects.create(week=week, text=NAMED, controller_id=week.controller_id)
    tokens = [mark.token for mark in unanswered_marks(week)]
    sent = {"model": "est.Decision", "row": decision.pk, "mark": tokens}
    for role in ("est_reporter", "auditor", "measure_owner", "reviewer"):
        assert client_for(cast[role]).post("/markerat/svara/", sent).status_code in (403, 404)
    assert len(unanswered_marks(week)) == 1
    lead = client_for(cast["coordinator"])
    for wrong in ({"model": "people.Person"}, {"row": "x"}, {"row": decision.pk + 1}):
        assert lead.post("/markerat/svara/", {**sent, **wrong}).status_code == 404
    assert lead.post("/markerat/svara/", {**sent, "mark": ["0" * 64]}).status_code == 302
    assert len(unanswered_marks(week)) == 1, "only what was shown is answered"
