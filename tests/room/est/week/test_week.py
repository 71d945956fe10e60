"""The week: put together, judged, decided, locked for ever, and seen by each as it may be."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from samverkan.domain.est.models import AlarmRun, Edition, EstWeek, WeekState
from samverkan.domain.est.week import alarms, selectors, services
from samverkan.domain.incidents.api import Draft, Lookup, ensure_source, record
from samverkan.domain.measures.api import Measure
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Refused
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week
from tests.harness.weeks import seen_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(cast: Any) -> EstWeek:
    """Last week, with seven graffiti and two fights."""
    last = Week.current().plus(-1)
    lookup, source = Lookup(), ensure_source(SYSTEM, code="prov", name="Prov")
    drafts = []
    for number in range(9):
        at = datetime.combine(last.monday + timedelta(days=number % 7), time(20), clock.STOCKHOLM)
        drafts.append(
            Draft(
                external_id=str(number),
                category=lookup.find("klotter" if number < 7 else "brak"),
                started_at=at,
                title=f"Titel {number}",
                x=585000.0 + number,
                y=6582000.0,
            )
        )
    record(SYSTEM, source=source, drafts=drafts)
    return services.open_week(SYSTEM, week=last)


def test_the_week_is_put_together_and_locked_as_it_was(cast: Any, week: EstWeek) -> None:
    lead = cast["coordinator"]
    row = services.judge(lead, week=week, version=week.version, text="Mest klotter.")
    services.decide(lead, week=row, text="Saneringslaget går förbi")
    row.refresh_from_db()
    edition = services.freeze(lead, week=row, version=row.version)
    told = {r["name"]: r["count"] for r in edition.content["figures"]["categories"]}
    assert told == {"Klotter": 7, "Bråk": 2} and edition.content["figures"]["total"] == 9
    assert edition.content["judgement"] == "Mest klotter."
    assert fingerprint(edition.content) == edition.sha256
    # What happens afterwards does not reach it.
    record(
        SYSTEM,
        source=ensure_source(SYSTEM, code="prov", name="Prov"),
        drafts=[
            Draft(external_id="sen", category=Lookup().find("klotter"), started_at=Week.from_index(row.first).span[0])
        ],
    )
    assert selectors.edition(lead, Week.from_index(row.first)).content["figures"]["total"] == 9


def test_a_locked_week_refuses_every_change(cast: Any, week: EstWeek) -> None:
    lead = cast["coordinator"]
    edition = services.freeze(lead, week=week, version=week.version)
    week.refresh_from_db()
    assert week.state == WeekState.FROZEN
    for change in (
        lambda: services.judge(lead, week=week, version=week.version, text="nytt"),
        lambda: services.decide(lead, week=week, text="nytt"),
        lambda: services.freeze(lead, week=week, version=week.version),
        lambda: services.meet(lead, week=week),
    ):
        with pytest.raises(Refusal):
            change()
    for sql in ("UPDATE est_edition SET sha256 = 'x'", "DELETE FROM est_edition"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Edition.objects.get().sha256 == edition.sha256
    second = services.freeze(lead, week=week, version=week.version, corrects="En rapport räknades två gånger.")
    assert second.number == 2 and Edition.objects.count() == 2


def test_small_counts_are_nowhere_in_what_a_partner_gets(cast: Any, week: EstWeek) -> None:
    edition = services.freeze(cast["coordinator"], week=week, version=week.version)
    seen = seen_by(cast["est_reporter"], edition.content)
    assert seen["figures"]["suppressed"] and seen["figures"]["below"] == 5
    rows = seen["figures"]["categories"] or []
    assert all(r["count"] is None or r["count"] == 0 or r["count"] >= 5 for r in rows)
    assert "Titel" not in json.dumps(seen) and "partners" not in seen
    assert not seen["effort"]["silent_list"] and not any("count" in p for p in seen["alarms"]["patterns"])
    # Main categories only: the fights cannot be told from the rest.
    assert not any(r["name"] == "Bråk" for r in rows)


def test_two_coordinators_lose_nothing(cast: Any, week: EstWeek) -> None:
    lead = cast["coordinator"]
    services.judge(lead, week=week, version=week.version, text="Den första")
    with pytest.raises(Conflict):
        services.judge(lead, week=week, version=week.version, text="Den andra")
    assert EstWeek.objects.get(pk=week.pk).judgement == "Den första"


def test_the_page_keeps_what_the_second_one_wrote(cast: Any, week: EstWeek, client_for: Any) -> None:
    client = client_for(cast["coordinator"])
    address = f"/veckan/{Week.from_index(week.first)}/"
    old = week.version
    assert client.post(address, {"judgement": "Den första", "version": old}).status_code == 302
    answer = client.post(address, {"judgement": "Den andra", "version": old})
    assert answer.status_code == 422 and "Den andra" in answer.content.decode()


def test_a_decision_to_act_is_a_measure_with_owner_date_and_reason(cast: Any, week: EstWeek) -> None:
    owner = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    act = services.Act(owner=owner, due_on=clock.today() + timedelta(days=7), why="Mörkt vid entrén")
    decision = services.decide(cast["coordinator"], week=week, text="Laga belysningen", act=act)
    measure = Measure.objects.get()
    assert decision.measure == measure and measure.why == "Mörkt vid entrén" and measure.decided_in_week == week.first
    services.freeze(
        cast["coordinator"], week=EstWeek.objects.get(pk=week.pk), version=EstWeek.objects.get(pk=week.pk).version
    )
    after = selectors.look(cast["coordinator"], week.first_week.plus(1))
    assert [d.text for d in selectors.decided(cast["coordinator"], after).left] == ["Laga belysningen"]


@pytest.mark.parametrize("role", ["est_reporter", "reviewer", "municipal_police", "manager", "auditor"])
def test_only_the_coordinator_leads(role: str, cast: Any, week: EstWeek) -> None:
    with pytest.raises(Refused):
        services.freeze(cast[role], week=week, version=week.version)
    with pytest.raises(Refused):
        services.judge(cast[role], week=week, version=week.version, text="x")


def test_the_demonstrations_cluster_is_found_in_its_first_or_second_week(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samverkan.domain.incidents import demo as incidents
    from samverkan.domain.places import demo as places

    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-23")

    class Context:
        seed, today = 20_261_123, clock.today()

    places.load(Context())
    incidents.load(Context())
    began = clock.today() - timedelta(days=incidents.PLANTED.cluster_days)
    first, second = Week.of(began), Week.of(began).plus(1)
    found = {}
    for one in (first, second):
        alarms.search(SYSTEM, last=one)
        found[one] = [p.where for p in alarms.shown(one).patterns]
    assert incidents.PLANTED.cluster_place in found[first] + found[second]
    assert all(len(patterns) <= 5 for patterns in found.values())
    # Asked again it gives the same answer, so looking more often brings no more alarms.
    assert alarms.search(SYSTEM, last=second).pk == alarms.search(SYSTEM, last=second).pk


def test_map_and_hours_have_their_legend_on_the_page_and_in_the_edition(
    cast: Any, client_for: Any, week: EstWeek
) -> None:
    lead = cast["coordinator"]
    first = Week.from_index(week.first)
    page = client_for(lead).get(f"/veckan/{first}/").content.decode()
    assert page.count('<ul class="legend">') == 2 and "Rapporter per sexhörning" in page
    edition = services.freeze(lead, week=week, version=week.version)
    assert edition.content["figures"]["hours"]["legend"]["entries"][0] == ["density-0", "0"]
    hidden = edition.content["partners"]["hours"]["legend"]["entries"][-1]
    assert hidden[0] == "hatched" and "färre än 5" in hidden[1]
    seen = client_for(cast["est_reporter"]).get(f"/veckan/{first}/utgava/").content.decode()
    assert hidden[1] in seen


def test_the_rail_leads_to_this_weeks_meeting(cast: Any, client_for: Any) -> None:
    desk = client_for(cast["coordinator"])
    assert 'href="/veckan/mote/"' in desk.get("/mandag/").content.decode()
    last = Week.current().plus(-1)
    page = desk.get("/veckan/mote/?steg=pagar").content.decode()
    assert f"Veckomöte, vecka {last.number}" in page and "Ingen process följs just nu" in page
    noted = desk.post("/veckan/mote/", {"text": "Laga lampan", "steg": "pagar"})
    assert noted.status_code == 302 and noted["Location"] == f"/veckan/{last}/mote/?steg=pagar"
    assert client_for(cast["est_reporter"]).get("/veckan/mote/").status_code == 403


def test_locking_searches_a_cycle_that_is_over_whoever_locks_it(cast: Any) -> None:
    lead, last = cast["coordinator"], Week.current().plus(-1)
    row = services.open_week(lead, week=last)
    edition = services.freeze(lead, week=row, version=row.version)
    assert edition.content["alarms"]["searched"] is True
    run = AlarmRun.objects.get(week=last.index)
    services.freeze(lead, week=row, version=row.version + 1, corrects="Ett namn")
    assert AlarmRun.objects.get(week=last.index).computed_at == run.computed_at
    # A week that goes on is not searched: what comes after would never be.
    present = services.open_week(lead, week=Week.current())
    assert services.freeze(lead, week=present, version=present.version).content["alarms"]["searched"] is False


def test_the_latest_finished_cycle_is_searched_by_the_clock(cast: Any) -> None:
    alarms.search_finished(timestamp=0)
    assert [run.week for run in AlarmRun.objects.all()] == [Week.current().plus(-1).index]


def test_too_little_to_tell_from_is_said_as_the_search_says_it(db: None) -> None:
    from samverkan.analysis import emerging

    assert emerging.FEWEST_EVENTS == alarms.FEWEST
    question: dict[str, Any] = {
        "place": [1, 1, 2], "x": [0.0, 0.0, 900.0], "y": [0.0, 0.0, 0.0], "day": [20_000, 20_001, 20_002], "source": [1, 1, 1],
        "as_of": 20_003, "every_days": 7, "limits_weeks": [4, 12, 52], "seed": 1, "fewest_events": alarms.FEWEST,
    }  # fmt: skip
    assert alarms._too_few(question) == alarms.isolated.ask("samverkan.domain.est.week.searching", question)


def test_a_locked_week_says_when_today_counts_another_number(cast: Any, week: EstWeek, client_for: Any) -> None:
    lead = cast["coordinator"]
    services.freeze(lead, week=week, version=week.version)
    first = Week.from_index(week.first)
    client = client_for(lead)
    assert "räknas" not in client.get(f"/veckan/{first}/utgava/").content.decode()
    late = Draft(external_id="sen", category=Lookup().find("klotter"), title="Sen", started_at=first.span[0])
    record(SYSTEM, source=ensure_source(SYSTEM, code="prov", name="Prov"), drafts=[late])
    page = client.get(f"/veckan/{first}/utgava/").content.decode()
    assert "I dag räknas 10 rapporter för veckan. Den låsta veckan har 9, som det var känt då." in page
