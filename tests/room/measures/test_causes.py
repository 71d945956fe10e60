"""The causes of a problem are chosen on the measure's form, kept, and shown where the measure is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from samverkan.domain.est.week import building, services
from samverkan.domain.incidents.api import ensure_standard
from samverkan.domain.measures.api import Cause, Measure, Problem, describe_problem
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.editions import write
from samverkan.foundation.people.models import Membership
from samverkan.foundation.weeks import Week
from tests.harness.seen import flat
from tests.harness.weeks import printed

pytestmark = pytest.mark.django_db
Cast = dict[str, Actor]
LEAD = "samordnare"


@pytest.fixture
def client(cast: Cast, client_for: Callable[[Actor], Client]) -> Client:
    ensure_standard()
    return client_for(cast[LEAD])


@pytest.fixture
def problems(client: Client, cast: Cast) -> tuple[Problem, Problem]:
    tunnel = describe_problem(
        cast[LEAD],
        title="Otrygg tunnel",
        causes=[("situation", "Trasig belysning"), ("offender", "Samlingar vid kiosken")],
    )
    school = describe_problem(cast[LEAD], title="Bråk vid skolan", causes=[("situation", "Inga vuxna på rasterna")])
    return tunnel, school


def _boxes(page: str) -> list[tuple[str, str, bool]]:
    """Of each offered cause: its value, its words, and whether it is ticked."""
    labels = re.findall(r'<label class="choice" for="id_causes_\d+">(<input[^>]*>)<span>([^<]*)</span>', page)
    return [(tag.split('value="')[1].split('"')[0], words, " checked" in tag) for tag, words in labels]


def _said(cast: Cast, **more: Any) -> dict[str, Any]:
    owner = Membership.objects.get(pk=cast["bostadsbolag"].membership_id)
    return {
        "title": "Laga lampan",
        "why": "Det ska synas.",
        "type": "situational",
        "owner": str(owner.public_id),
        "due_on": (clock.today() + timedelta(days=7)).isoformat(),
        **more,
    }


def test_causes_are_offered_with_their_problem_those_at_hand_first(
    client: Client, problems: tuple[Problem, Problem]
) -> None:
    tunnel, school = problems
    words = [words for _value, words, _ticked in _boxes(client.get("/atgarder/ny/").content.decode())]
    assert words == [
        "Bråk vid skolan: Inga vuxna på rasterna",
        "Otrygg tunnel: Trasig belysning",
        "Otrygg tunnel: Samlingar vid kiosken",
    ]
    page = client.get(f"/atgarder/ny/?problem={tunnel.public_id}").content.decode()
    assert _boxes(page)[0][1] == "Otrygg tunnel: Trasig belysning"
    assert f'data-of="{school.public_id}"' in page and 'data-by="problem"' in page
    Problem.objects.filter(pk=school.pk).update(closed_on=clock.today())
    assert len(_boxes(client.get("/atgarder/ny/").content.decode())) == 2, "a closed problem is not acted on"


def test_without_causes_nothing_is_asked(client: Client, cast: Cast) -> None:
    assert "causes" not in client.get("/atgarder/ny/").content.decode()
    assert client.post("/atgarder/ny/", _said(cast)).status_code == 302


def test_what_is_chosen_is_kept_shown_and_changed(
    client: Client, cast: Cast, problems: tuple[Problem, Problem]
) -> None:
    tunnel, _school = problems
    lamp, kiosk = tunnel.causes.all()
    answer = client.post("/atgarder/ny/", _said(cast, problem=str(tunnel.public_id), causes=[lamp.pk]))
    assert answer.status_code == 302
    measure = Measure.objects.get()
    assert list(measure.causes.all()) == [lamp]
    assert "<dt>Verkar på</dt><dd>Trasig belysning</dd>" in flat(client.get(answer["Location"]).content.decode())
    change = f"/atgarder/{measure.public_id}/andra/"
    assert [(v, t) for v, _w, t in _boxes(client.get(change).content.decode()) if t] == [(str(lamp.pk), True)]
    said = _said(cast, problem=str(tunnel.public_id), causes=[lamp.pk, kiosk.pk], version=measure.version)
    assert client.post(change, said).status_code == 302
    assert set(measure.causes.all()) == {lamp, kiosk}
    measure.refresh_from_db()
    assert client.post(change, _said(cast, problem=str(tunnel.public_id), version=measure.version)).status_code == 302
    assert not measure.causes.exists(), "what is no longer ticked is taken away"


def test_choosing_a_cause_chooses_its_problem(client: Client, cast: Cast, problems: tuple[Problem, Problem]) -> None:
    tunnel, _school = problems
    assert client.post("/atgarder/ny/", _said(cast, causes=[tunnel.causes.first().pk])).status_code == 302  # type: ignore[union-attr]
    assert Measure.objects.get().problem == tunnel


def test_causes_of_another_problem_are_refused_at_their_field(
    client: Client, cast: Cast, problems: tuple[Problem, Problem]
) -> None:
    tunnel, school = problems
    cause = school.causes.get()
    answer = client.post("/atgarder/ny/", _said(cast, problem=str(tunnel.public_id), causes=[cause.pk]))
    assert (
        answer.status_code == 422
        and "”Inga vuxna på rasterna” är en orsak till en annan problembild" in answer.content.decode()
    )
    both = client.post("/atgarder/ny/", _said(cast, causes=[cause.pk, tunnel.causes.first().pk]))  # type: ignore[union-attr]
    assert both.status_code == 422 and "Välj den problembild som orsakerna hör till" in both.content.decode()
    for odd in ("x", "999999999", "-1"):
        answer = client.post("/atgarder/ny/", _said(cast, causes=[odd]))
        assert answer.status_code == 422, odd
    assert not Measure.objects.exists()


def test_the_week_and_its_document_say_what_a_measure_acts_on(
    client: Client, cast: Cast, problems: tuple[Problem, Problem]
) -> None:
    tunnel, _school = problems
    client.post(
        "/atgarder/ny/",
        _said(cast, problem=str(tunnel.public_id), causes=[c.pk for c in Cause.objects.filter(problem=tunnel)]),
    )
    week = Week.current().plus(-1)
    row = services.open_week(SYSTEM, week=week)
    told = write(building.build(cast[LEAD], row))
    assert told["measures"][0]["causes"] == ["Trasig belysning", "Samlingar vid kiosken"]
    said = "Verkar på: Trasig belysning; Samlingar vid kiosken."
    assert said in strip_tags(client.get(f"/veckan/{week}/").content.decode())
    assert f"Laga lampan. {said}" in printed(told, "html").decode()
    old = {**told, "measures": [{k: v for k, v in m.items() if k != "causes"} for m in told["measures"]]}
    assert "Laga lampan<" in printed(old, "html").decode(), "a week locked before causes were kept"
