"""Two change the same measure or problem: the second sees both texts, loses nothing, and may save again knowingly."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.measures.api import Measure, Plan, Problem, Status, describe_problem, plan, step
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership, Organisation
from tests.attack.hostile import forms_of

Cast = dict[str, Actor]
ClientFor = Callable[[Actor], Client]
LEAD, POLICE = "samordnare", "kommunpolis"


def _measure(cast: Cast) -> Measure:
    owner = Membership.objects.get(pk=cast["bostadsbolag"].membership_id)
    actors = ((Organisation.objects.get(pk=cast["skola"].organisation_id), "Belysning"),)
    return plan(
        cast[LEAD],
        plan=Plan(
            title="Klipp häcken",
            why="Det syns bättre.",
            owner=owner,
            due_on=clock.today() + timedelta(days=7),
            actors=actors,
        ),
    )


def _form(client: Client, address: str, field: str) -> dict[str, Any]:
    """What the page's form with a field sends untouched."""
    page = client.get(address)
    form = next(form for form in forms_of(page.content.decode()) if field in form.values and form.method == "post")
    return {name: values for name, values in form.values.items() if values and name != "do"}


def _field(page: str, name: str) -> str:
    """All that the page shows of one field."""
    part = next(part for part in page.split('<div class="field')[1:] if f'name="{name}"' in part)
    return html.unescape(re.sub(r"\s+", " ", part))


def _summary(page: str) -> str:
    found = re.search(r'<div class="ds-error-summary".*?</div>', page, re.S)
    assert found
    return html.unescape(re.sub(r"\s+", " ", found[0]))


def test_both_texts_stand_at_each_field_that_differs_and_saving_again_wins(cast: Cast, client_for: ClientFor) -> None:
    row = _measure(cast)
    address = f"/atgarder/{row.public_id}/andra/"
    first, second = client_for(cast[POLICE]), client_for(cast[LEAD])
    one, other = _form(first, address, "why"), _form(second, address, "why")
    later = (clock.today() + timedelta(days=20)).isoformat()
    changed = {"why": "Den första skrev\r\npå två rader <b>.", "due_on": later, "actors": []}
    assert first.post(address, one | changed).status_code == 302
    typed = {"why": "Den andra skrev.", "title": "Klipp häcken helt"}
    answer = second.post(address, other | typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    why, due = _field(page, "why"), _field(page, "due_on")
    assert "Sparat nu:" in why and "Den första skrev<br>på två rader &lt;b&gt;. (Kommunpolis, i dag kl." in page
    assert "Den andra skrev.</textarea>" in why and "Du skrev något annat." in why
    assert f"Sparat nu:</strong> {later}" in due and f'value="{row.due_on}"' in due
    assert "Sparat nu:</strong> inget" in _field(page, "actors")
    assert "Sparat nu:" not in _field(page, "type"), "what does not differ says nothing"
    summary = _summary(page)
    assert "Någon annan ändrade samtidigt." in summary and "Senast ändrat av Kommunpolis, i dag kl." in summary
    assert summary.count("<li>") == 4 and 'href="#id_why"' in summary
    row.refresh_from_db()
    assert (row.why, row.version) == (changed["why"].strip(), 2), "nothing was written over"
    again = next(form for form in forms_of(page) if "why" in form.values)
    sent = {name: values for name, values in again.values.items() if values}
    assert sent["version"] == ["2"]
    assert second.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.why, row.title, row.version) == ("Den andra skrev.", "Klipp häcken helt", 3)
    assert [actor.organisation_id for actor in row.actors.all()] == [cast["skola"].organisation_id]


def test_the_same_words_twice_differ_in_nothing(cast: Cast, client_for: ClientFor) -> None:
    row = _measure(cast)
    address = f"/atgarder/{row.public_id}/andra/"
    first, second = client_for(cast[POLICE]), client_for(cast[LEAD])
    sent = [_form(client, address, "why") | {"why": "Samma sak.\r\nI två led. "} for client in (first, second)]
    assert first.post(address, sent[0]).status_code == 302
    page = second.post(address, sent[1]).content.decode()
    assert "Det du skrev är samma som det som är sparat nu." in page and "Sparat nu:" not in page


def test_a_step_meets_anothers_step_and_keeps_the_effect_that_was_written(cast: Cast, client_for: ClientFor) -> None:
    row = _measure(cast)
    row = step(cast[LEAD], measure=row, version=1, after=Status.ONGOING)
    row = step(cast[LEAD], measure=row, version=2, after=Status.DONE)
    address = f"/atgarder/{row.public_id}/"
    first, second = client_for(cast[POLICE]), client_for(cast[LEAD])
    stale = _form(second, address, "effect") | {
        "after": "checked",
        "effect": "Lugnare kvällar.",
        "note": "Sett på plats.",
    }
    assert first.post(address, {"version": 3, "after": "ongoing", "effect": "Ingen ännu."}).status_code == 302
    answer = second.post(address, stale)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Åtgärden är nu: Pågår." in _summary(page)
    effect = _field(page, "effect")
    assert "Lugnare kvällar." in effect and "Sparat nu:</strong> Ingen ännu. (Kommunpolis" in effect
    assert "Sett på plats." in page
    again = next(form for form in forms_of(page) if "effect" in form.values)
    sent = {name: values for name, values in again.values.items() if values} | {"after": "done"}
    assert second.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.effect) == (Status.DONE, "Lugnare kvällar.")


def test_a_problem_shows_both_and_a_closed_one_is_not_opened_by_saving(cast: Cast, client_for: ClientFor) -> None:
    row = describe_problem(
        cast[LEAD], title="Buskörning", causes=[("situation", "Ingen fartdämpning"), ("offender", "Tråkigt")]
    )
    address = f"/problem/{row.public_id}/"
    first, second = client_for(cast[POLICE]), client_for(cast[LEAD])
    one, other = (_form(client, address, "description") for client in (first, second))
    assert first.post(address, one | {"situation": "Ingen fartdämpning\r\nMörkt", "do": "close"}).status_code == 302
    answer = second.post(address, other | {"description": "Mopeder efter kl. 21."})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Problembilden är avslutad nu." in _summary(page)
    situation = _field(page, "situation")
    assert "Sparat nu:</strong> Ingen fartdämpning<br>Mörkt (Kommunpolis, i dag" in situation
    assert "Ingen fartdämpning</textarea>" in situation
    assert 'name="version" value="2"' in page
    again = next(form for form in forms_of(page) if "description" in form.values)
    sent = {name: values for name, values in again.values.items() if values and name != "do"}
    assert second.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.closed_on) == ("Mopeder efter kl. 21.", clock.today())
    assert [cause.text for cause in row.causes.all()] == ["Ingen fartdämpning", "Tråkigt"]
    assert second.post(address, _form(second, address, "description") | {"do": "open"}).status_code == 302
    row.refresh_from_db()
    assert row.closed_on is None


@pytest.mark.parametrize("form", ["measure", "problem"])
def test_a_version_that_makes_no_sense_is_a_conflict_and_no_error(cast: Cast, client_for: ClientFor, form: str) -> None:
    client = client_for(cast[LEAD])
    if form == "measure":
        address, field = f"/atgarder/{_measure(cast).public_id}/andra/", "why"
    else:
        address, field = f"/problem/{describe_problem(cast[LEAD], title='Buskörning').public_id}/", "description"
    answer = client.post(address, _form(client, address, field) | {"version": "", field: "Skrivet."})
    assert answer.status_code == 422 and "Skrivet." in answer.content.decode()
    assert (
        not Measure.objects.filter(why="Skrivet.").exists()
        and not Problem.objects.filter(description="Skrivet.").exists()
    )
