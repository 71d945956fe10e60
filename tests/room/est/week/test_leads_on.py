"""Everything shown on Monday leads on; the lock is a checklist; assessment and priorities are a step of the meeting."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from samverkan.domain.est.models import EstWeek, Priority, Reminder, Reporter
from samverkan.domain.est.reporting.services import duty
from samverkan.domain.est.week import checklist, patterns, services
from samverkan.domain.incidents.api import Draft, Kind, Lookup, ensure_source, record
from samverkan.domain.measures.api import Measure, describe_problem
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.models import Membership
from samverkan.foundation.weeks import Week

from .test_meeting import row  # noqa: F401 (a week with two patterns)

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(row: EstWeek) -> Week:  # noqa: F811
    return Week.from_index(row.first)


def _main(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().split("<main")[1].split("</main>")[0].replace("\xa0", " ").replace("&amp;", "&")


def _link(page: str, words: str) -> str:
    """The address of the first link with these words."""
    found = next(
        (m[1] for m in re.finditer(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.S) if words in m[2]), None
    )
    assert found, words
    return found


def test_every_part_of_monday_leads_on(cast: Any, week: Week, client_for: Any) -> None:
    first = week.span[0]
    going_on = Draft(
        external_id="pagar",
        category=Lookup().find("storningar"),
        title="Samlingar vid torget",
        kind=Kind.DEVELOPMENT,
        started_at=first,
    )
    record(SYSTEM, source=ensure_source(SYSTEM, code="prov", name="Prov"), drafts=[going_on])
    client = client_for(cast["coordinator"])
    page = _main(client, "/mandag/")
    listed = _main(client, _link(page, "Klotter"))
    assert "Titel" in listed and "/lagesbild/handelse/" in listed
    assert "Samlingar vid torget" in _main(client, _link(page, "Samlingar vid torget"))
    reports = _main(client, _link(page, "Fler än väntat vid Första torget"))
    assert reports.count("/lagesbild/handelse/") == 6 and "Förr" not in reports
    assert _main(client, _link(page, "Fler än väntat vid Andra torget")).count("/lagesbild/handelse/") == 2
    assert client.get(f"/veckan/{week}/monster/3/").status_code == 404


def test_a_pattern_leads_to_its_problem_and_to_a_measure_filled_in(cast: Any, row: EstWeek, client_for: Any) -> None:  # noqa: F811
    from samverkan.domain.places.api import Place

    lead = cast["coordinator"]
    week, client = Week.from_index(row.first), client_for(lead)
    one = patterns.pattern(lead, row, 1)
    assert one is not None
    answer = client.get(f"/veckan/{week}/monster/1/atgard/")
    told = parse_qs(urlsplit(answer["Location"]).query)
    assert "6 rapporter på 10 dagar" in told["varfor"][0] and ("plats" in told or "omrade" in told)
    form = _main(client, answer["Location"])
    assert "6 rapporter på 10 dagar" in form and "selected" in form
    # With a problem known at the place the measure begins with it.
    place = Place.objects.exclude(kind="address").first()
    assert place is not None
    Place.objects.filter(pk=place.pk).update(x=one.circle[0] + 20, y=one.circle[1])
    problem = describe_problem(lead, title="Klottrad vägg", category_codes=["klotter"], place=place)
    page = _main(client, "/mandag/")
    assert "Känt problem:" in page and _link(page, "Klottrad vägg") == f"/problem/{problem.public_id}/"
    told = parse_qs(urlsplit(client.get(f"/veckan/{week}/monster/1/atgard/")["Location"]).query)
    assert told["problem"] == [str(problem.public_id)]
    # Who may not plan is not led to it.
    police = client_for(cast["reviewer"])
    assert "/atgard/" not in _main(police, "/mandag/")
    assert police.get(f"/veckan/{week}/monster/1/atgard/").status_code == 403


def test_a_reminder_is_sent_in_place(cast: Any, week: Week, client_for: Any) -> None:
    seat = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    duty.expect(cast["coordinator"], seat=seat, group="Bolag", from_on=clock.today() - timedelta(days=60))
    client = client_for(cast["coordinator"])
    assert "Påminn" in _main(client, "/mandag/")
    who = str(Reporter.objects.get(membership=seat).public_id)
    sent = {"week": str(week), "next": "/mandag/#vem-har-svarat", "reporter": who}
    answer = client.post("/rapportorer/paminn/", sent)
    assert answer["Location"] == "/mandag/#vem-har-svarat" and Reminder.objects.count() == 1
    page = _main(client, "/mandag/")
    assert "Påmind i dag" in page and ">Påminn<" not in page
    assert client.post("/rapportorer/paminn/", {**sent, "next": "https://annan.example/"})["Location"].startswith(
        "/rapp"
    )


def test_an_earlier_week_that_nobody_locked_is_said_first(cast: Any, row: EstWeek, client_for: Any) -> None:  # noqa: F811
    lead, week = cast["coordinator"], Week.from_index(row.first)
    old = services.open_week(lead, week=week.plus(-2))
    services.freeze(lead, week=old, version=old.version)
    page = _main(client_for(lead), "/mandag/")
    before = week.plus(-1)
    assert f"Vecka {before.number} är inte låst än." in page and page.index("är inte låst") < page.index(
        "Det som avviker"
    )
    assert _link(page, f"lås vecka {before.number}") == f"/veckan/{before}/"


def test_the_lock_is_a_checklist(cast: Any, row: EstWeek, client_for: Any) -> None:  # noqa: F811
    lead, week = cast["coordinator"], Week.from_index(row.first)
    seat = Membership.objects.select_related("organisation").get(pk=cast["est_reporter"].membership_id)
    duty.expect(lead, seat=seat, group="Bolag", from_on=clock.today() - timedelta(days=60))
    text = "Ring Anna Andersson på 070-174 06 05"
    services.decide(lead, week=row, text="Ring")
    row.decisions.update(text=text)
    client, address = client_for(lead), f"/veckan/{week}/las/"
    page = _main(client, address)
    said = (
        "Inga rapporter väntar på granskning.",
        f"1 av 1 har inte svarat: {seat.organisation.name}.",
        "1 text innehåller något som ser ut som personuppgifter.",
        "Den gemensamma bedömningen saknas.",
        "Ingen plats är prioriterad.",
        "1 beslut saknar ansvarig: Ring Anna Andersson",
        "Vem får vad",
        "5 saker är kvar",
    )
    for words in said:
        assert words in page, words
    told = checklist.told(lead, row)
    assert f"{told.everybody} personer får ett meddelande" in page and 0 < told.exact < told.everybody
    for link in re.findall(r'href="(/[^"#]*)', page):
        assert client.get(link).status_code in (200, 302), link
    # What is mended is done, and the lock tells as many as it said.
    services.drop_decision(lead, decision=row.decisions.get())
    row.refresh_from_db()
    services.judge(lead, week=row, version=row.version, text="En vanlig vecka.")
    duty.nothing(lead, seat=seat, week=week)
    done = {check.key: check.done for check in checklist.checklist(lead, EstWeek.objects.get(pk=row.pk), 0)}
    assert done == dict.fromkeys(("waiting", "silent", "marks", "judgement", "decisions"), True) | {"priorities": False}
    from samverkan.foundation.notify.models import Notice

    row.refresh_from_db()
    services.freeze(lead, week=row, version=row.version)
    assert Notice.objects.filter(template="est.released").count() == told.everybody


def test_the_meeting_ends_with_assessment_and_priorities(cast: Any, row: EstWeek, client_for: Any) -> None:  # noqa: F811
    lead, week = cast["coordinator"], Week.from_index(row.first)
    client, address = client_for(lead), f"/veckan/{week}/mote/"
    page = _main(client, f"{address}?steg=bedomning")
    assert "Vad betyder veckan" in page and "Första torget" in page and "6 rapporter på 10 dagar" in page
    sent = {"judgement": "Oroligt vid torget.", "version": row.version, "first_m1": "on", "why_m1": ""}
    wrong = client.post(address, sent)
    assert wrong.status_code == 422 and "Skriv varför" in wrong.content.decode()
    assert not Priority.objects.exists() and not EstWeek.objects.get(pk=row.pk).judgement, "all or nothing"
    done = client.post(address, {**sent, "why_m1": "Det ökar."})
    assert done["Location"] == f"/veckan/{week}/las/"
    assert EstWeek.objects.get(pk=row.pk).judgement == "Oroligt vid torget."
    assert [p.why for p in Priority.objects.all()] == ["Det ökar."]
    # The second one to save sees what is saved now and loses nothing.
    again = client.post(address, {"judgement": "Annat.", "version": row.version})
    text = again.content.decode()
    assert again.status_code == 422 and "Annat." in text and "Oroligt vid torget." in text


def test_a_decision_at_a_pattern_begins_with_what_the_pattern_tells(cast: Any, row: EstWeek, client_for: Any) -> None:  # noqa: F811
    lead, week = cast["coordinator"], Week.from_index(row.first)
    client, address = client_for(lead), f"/veckan/{week}/mote/"
    page = _main(client, f"{address}?steg=avviker")
    due = (clock.today() + timedelta(days=14)).isoformat()
    assert "6 rapporter på 10 dagar" in page.split("meeting-decision")[1] and f'value="{due}"' in page
    proposed = {"steg": "avviker", "text": "Följ utvecklingen", "due_on": due, "why": "Fler.", "proposed": "True"}
    # Without somebody responsible it is a decision and no measure, though a day was proposed.
    assert client.post(address, proposed).status_code == 302 and not Measure.objects.exists()
    owner = Membership.objects.select_related("organisation").get(pk=cast["est_reporter"].membership_id)
    client.post(address, {**proposed, "text": "Måla", "owner": f"{owner.function}, {owner.organisation.name}"})
    measure = Measure.objects.get()
    assert (measure.title, measure.owner, measure.why) == ("Måla", owner, "Fler.")
    # A day that somebody wrote, and nobody responsible, is asked about as before.
    assert client.post(address, {**proposed, "proposed": ""}).status_code == 422
