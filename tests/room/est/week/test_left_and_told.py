"""What earlier weeks left open, what stands beside a change, and whom the lock tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from samverkan.domain.est.models import AlarmRun, Decision, DecisionTick, EstWeek, Report, Reporter
from samverkan.domain.est.reporting.services import review
from samverkan.domain.est.week import alarms, cycles, selectors, services
from samverkan.domain.est.week.content import Effort
from samverkan.domain.est.week.documents import words
from samverkan.domain.incidents.api import Draft, Lookup, ensure_source, record
from samverkan.domain.measures.api import step
from samverkan.domain.places.api import Place
from samverkan.foundation import clock, jobs, municipality
from samverkan.foundation.access import SYSTEM, Refused
from samverkan.foundation.editions import read
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from tests.harness.seen import flat
from tests.harness.weeks import printed, seen_by

pytestmark = pytest.mark.django_db


def _week(back: int) -> EstWeek:
    return services.open_week(SYSTEM, week=cycles.reported_week().plus(-back))


def _lock(lead: Any, row: EstWeek, **how: Any) -> Any:
    row.refresh_from_db()
    return services.freeze(lead, week=row, version=row.version, **how)


@pytest.fixture
def left(cast: Any) -> dict[str, Decision]:
    """Three weeks ago: one to tick off and one with a measure; two weeks ago one more. All locked, and last week not."""
    lead = cast["coordinator"]
    owner = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    oldest, older = _week(3), _week(2)
    act = services.Act(owner=owner, due_on=clock.today() + timedelta(days=30), why="Mörkt vid entrén")
    found = {
        "simple": services.decide(lead, week=oldest, text="Bjud in fältgruppen"),
        "measure": services.decide(lead, week=oldest, text="Laga belysningen", act=act),
        "newer": services.decide(lead, week=older, text="Ring bostadsbolaget"),
    }
    for row in (oldest, older):
        _lock(lead, row)
    services.decide(lead, week=_week(1), text="Veckan som inte är låst")
    return found


def _texts(cast: Any) -> list[str]:
    return [
        d.text
        for d in selectors.decided(
            cast["coordinator"], selectors.look(cast["coordinator"], cycles.reported_week())
        ).left
    ]


def test_all_earlier_locked_weeks_are_open_until_done_the_oldest_first(cast: Any, left: dict[str, Decision]) -> None:
    lead = cast["coordinator"]
    assert _texts(cast) == ["Bjud in fältgruppen", "Laga belysningen", "Ring bostadsbolaget"]
    before = selectors.edition(lead, Week.from_index(left["simple"].week.first))
    services.tick(lead, decision=left["simple"], done=True)
    services.tick(lead, decision=left["simple"], done=True)
    assert DecisionTick.objects.count() == 1
    measure = left["measure"].measure
    assert measure is not None
    step(lead, measure=measure, after="stopped", version=measure.version, note="Prov.")
    assert _texts(cast) == ["Ring bostadsbolaget"]
    services.tick(lead, decision=left["simple"], done=False)
    assert _texts(cast) == ["Bjud in fältgruppen", "Ring bostadsbolaget"]
    # The locked week is as it was, and so is its decision.
    after = selectors.edition(lead, Week.from_index(left["simple"].week.first))
    assert (after.sha256, after.content) == (before.sha256, before.content)
    assert Decision.objects.get(pk=left["simple"].pk).version == left["simple"].version


def test_ticks_are_only_ever_added(cast: Any, left: dict[str, Decision]) -> None:
    services.tick(cast["coordinator"], decision=left["simple"], done=True)
    for sql in ("UPDATE est_decisiontick SET done = false", "DELETE FROM est_decisiontick"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_what_cannot_be_ticked_off(cast: Any, left: dict[str, Decision]) -> None:
    lead = cast["coordinator"]
    with pytest.raises(Refusal):
        services.tick(lead, decision=left["measure"], done=True)
    with pytest.raises(Refusal):
        services.tick(lead, decision=_week(1).decisions.get(), done=True)
    for role in ("reviewer", "municipal_police", "est_reporter"):
        with pytest.raises(Refused):
            services.tick(cast[role], decision=left["simple"], done=True)
    assert not DecisionTick.objects.exists()


def test_monday_week_and_meeting_show_the_same_and_the_tick_can_be_undone(
    cast: Any, left: dict[str, Decision], client_for: Callable[[Any], Any]
) -> None:
    client, week = client_for(cast["coordinator"]), cycles.reported_week()
    services.open_week(SYSTEM, week=week)
    pages = ("/mandag/", f"/veckan/{week}/", f"/veckan/{week}/mote/?steg=forra")
    address = f"/veckan/beslut/{left['simple'].public_id}/klart/"
    for page in pages:
        text = client.get(page).content.decode()
        assert "Kvar från tidigare veckor" in text and text.index("Bjud in fältgruppen") < text.index(
            "Ring bostadsbolaget"
        )
        assert address in text and f'value="{page}"' in text
    done = client.post(address, {"next": pages[2]}, follow=True)
    text = done.content.decode()
    assert done.redirect_chain == [(pages[2], 302)] and "Beslutet är markerat som klart." in text
    assert "Bjud in fältgruppen" not in text and f"{address}angra/?next=" in text
    back = client.post(f"{address}angra/?next=%2Fmandag%2F", follow=True)
    assert back.redirect_chain == [("/mandag/", 302)] and "Bjud in fältgruppen" in back.content.decode()
    # Elsewhere is not where one came from.
    assert client.post(address, {"next": "https://annan.example/"})["Location"] == "/mandag/"
    # Those who take part see it without the button.
    police = client_for(cast["municipal_police"]).get("/mandag/").content.decode()
    assert "Ring bostadsbolaget" in police and "/klart/" not in police


def test_effort_stands_beside_the_cycle_before_in_words() -> None:
    effort = {"expected": 14, "reported": 12, "nothing": 1, "silent": 1, "groups": [], "silent_list": []}
    before = {"expected": 14, "reported": 9, "nothing": 3, "silent": 2}
    from django.utils import translation

    def told(**more: Any) -> Effort:
        return read(Effort, effort | more)

    with translation.override("sv"):
        assert words.answers(told(before=before)) == (
            "Den här veckan har 12 av 14 rapporterat, förra veckan 9. 1 hade inget att rapportera och 1 har inte svarat."
        )
        assert words.beside(told(before=before), "more").endswith(
            "Att fler rapporterar kan förklara en del av ökningen."
        )
        assert "förklara" not in words.beside(told(before=before), "fewer")
        fewer = told(before={**before, "reported": 13})
        assert words.beside(fewer, "fewer").endswith("Att färre rapporterar kan förklara en del av minskningen.")
        assert "förra veckan 9 av 10." in words.answers(told(before={**before, "expected": 10}))
        assert "förra omgången 9." in words.answers(told(weeks=2, before=before))
        # An edition from before this was kept reads as it did.
        assert words.answers(told()) == "12 av 14 har rapporterat, 1 hade inget att rapportera och 1 har inte svarat."
        assert words.answers(told(expected=0)) == words.late(told()) == ""


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"late": 3, "reports": 27, "usually": 2},
            "3 av 27 rapporter kom efter veckans slut. Sena rapporter kan ändra bilden.",
        ),
        ({"late": 1, "reports": 27, "usually": 2}, ""),
        ({"late": 0, "reports": 0, "usually": None}, ""),
        (
            {"late": 0, "reports": 27, "usually": 12},
            "Ungefär 12 procent av rapporterna brukar komma efter veckans slut. Sena rapporter kan ändra bilden.",
        ),
        (
            {"some": True, "usually": 12},
            "En del av rapporterna kom efter veckans slut. Sena rapporter kan ändra bilden.",
        ),
        ({"some": False, "usually": 3}, ""),
    ],
)
def test_late_reports_are_named_when_they_matter(told: dict[str, Any], said: str) -> None:
    from django.utils import translation

    with translation.override("sv"):
        assert words.late(read(Effort, {"late": told})) == said


def _nine(cast: Any) -> EstWeek:
    """Last week with nine incidents, a reporter who answered both weeks and one report that came on the Monday after."""
    row = _week(0)
    first = Week.from_index(row.first)
    lookup, source = Lookup(), ensure_source(SYSTEM, code="prov", name="Prov")
    drafts = [
        Draft(
            external_id=str(n),
            category=lookup.find("klotter"),
            started_at=datetime.combine(first.monday, time(20), clock.STOCKHOLM),
        )
        for n in range(9)
    ]
    record(SYSTEM, source=source, drafts=drafts)
    seat = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    Reporter.objects.create(membership=seat, group="Skolor", from_on=first.plus(-20).monday)
    for index, at in ((first.index - 1, first.plus(-1).span[0]), (first.index, first.plus(1).span[0])):
        Report.objects.create(
            controller=seat.organisation,
            organisation=seat.organisation,
            membership=seat,
            week=index,
            state="in_week",
            category=lookup.find("klotter"),
            started_at=Week.from_index(index).span[0],
            submitted_at=at,
        )
    return row


def test_effort_and_late_reports_stand_in_page_meeting_edition_and_documents(
    cast: Any, client_for: Callable[[Any], Any]
) -> None:
    row = _nine(cast)
    week = Week.from_index(row.first)
    client = client_for(cast["coordinator"])
    beside, late = "Den här veckan har 1 av 1 rapporterat, förra veckan 1.", "1 av 1 rapporter kom efter veckans slut."
    for page in ("/mandag/", f"/veckan/{week}/", f"/veckan/{week}/mote/?steg=avviker"):
        text = client.get(page).content.decode()
        assert beside in text and text.count(late) == 1, page
    edition = _lock(cast["coordinator"], row)
    text = client.get(f"/veckan/{week}/utgava/").content.decode()
    assert beside in text and late in text
    html = printed(
        {**edition.content, "sha256": edition.sha256, "frozen_at": edition.frozen_at.isoformat()}, "html"
    ).decode()
    assert beside in html and html.count(late) == 1
    # Who may not see small counts is told that it matters, never how many.
    seen = client_for(cast["elected"]).get(f"/veckan/{week}/utgava/").content.decode()
    assert beside in seen and late not in seen and "En del av rapporterna kom efter veckans slut." in seen
    assert set(seen_by(cast["elected"], edition.content)["effort"]["late"]) == {"some", "usually"}


def test_without_reporters_it_is_said_once(cast: Any, client_for: Callable[[Any], Any]) -> None:
    row = _nine(cast)
    Reporter.objects.all().delete()
    week = Week.from_index(row.first)
    client = client_for(cast["coordinator"])
    words_ = "Ingen väntas rapportera än."
    for page in ("/mandag/", f"/veckan/{week}/", f"/veckan/{week}/mote/"):
        assert client.get(page).content.decode().count(words_) == 1, page
    edition = _lock(cast["coordinator"], row)
    assert client.get(f"/veckan/{week}/utgava/").content.decode().count(words_) == 1
    assert (
        printed({**edition.content, "sha256": edition.sha256, "frozen_at": edition.frozen_at.isoformat()}, "html")
        .decode()
        .count(words_)
        == 1
    )


def test_how_unusual_in_steps_that_the_municipality_decides(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert alarms.limits() == [4, 12, 52]
    for weeks, stage, begins in (
        (5.2, 1, "Lite ovanligt: "),
        (20, 2, "Ovanligt: "),
        (60, 3, "Mycket ovanligt: av en slump"),
    ):
        assert alarms.often(weeks, stage).startswith(begins)
        assert f"en gång på {round(weeks)} veckor" in alarms.often(weeks, stage)
    assert alarms.often(None, 3) == alarms.often(1000, 3) == "Mycket ovanligt: mer sällan än en gång på 520 veckor."
    municipality.put(SYSTEM, key="est.told_weeks", value=8)
    municipality.put(SYSTEM, key="est.very_unusual_weeks", value=26)
    asked: list[dict[str, Any]] = []

    def answer(module: str, question: dict[str, Any], **_options: Any) -> dict[str, Any]:
        asked.append(question)
        return {"clusters": [], "notes": [], "enough": False}

    monkeypatch.setattr(alarms.isolated, "ask", answer)
    monkeypatch.setattr(alarms, "FEWEST", 0)
    alarms.search(SYSTEM, last=Week(2026, 40))
    assert asked[0]["limits_weeks"] == [8, 12, 26]
    assert AlarmRun.objects.count() == 1


def test_the_lock_tells_everybody_who_may_read_it_once(cast: Any, django_capture_on_commit_callbacks: Any) -> None:
    lead = cast["coordinator"]
    row = _week(0)
    services.decide(lead, week=row, text="Hemligt beslut om Lindtorget")
    # Somebody with two seats is one person.
    seat = Membership.objects.get(pk=cast["manager"].membership_id)
    Membership.objects.create(person=seat.person, organisation=seat.organisation, role="member", function="Ledamot")
    edition = _lock(lead, row)
    notices = Notice.objects.filter(template="est.released", ref_id=edition.public_id).select_related("membership")
    people = [n.membership.person_id for n in notices]
    assert len(people) == len(set(people)) and lead.person_id not in people
    told = {n.membership.role for n in notices}
    assert {"manager", "municipal_police", "elected", "est_reporter", "measure_owner"} <= told
    assert not told & {"administrator", "desk"}
    jobs.run_pending()
    sent = [m for m in mail.outbox if m.to]
    assert sent and len({m.to[0] for m in sent}) == len(sent)
    assert not any("Lindtorget" in m.body + m.subject or "klotter" in m.body.lower() for m in sent)
    _lock(lead, row, corrects="Fel datum.")
    assert Notice.objects.filter(template="est.corrected").count() == len(people)


def test_monday_says_when_accepted_reports_wait_for_a_correction(cast: Any, client_for: Callable[[Any], Any]) -> None:
    lead, row = cast["coordinator"], _week(1)
    _lock(lead, row)
    week = Week.from_index(row.first)
    client = client_for(lead)
    assert "godkändes efter" not in client.get("/mandag/").content.decode()
    seat = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    report = Report.objects.create(
        controller=seat.organisation,
        organisation=seat.organisation,
        membership=seat,
        week=row.first,
        state="submitted",
        category=Lookup().find("klotter"),
        started_at=week.span[0],
        submitted_at=clock.now(),
        text="Nytt klotter.",
    )
    cleaned = review.Cleaned(
        category=report.category,
        title="Klotter",
        text="Nytt klotter.",
        kind=report.kind,
        trend=report.trend,
        observation=report.observation,
        precision=review.MUNICIPALITY,
    )
    review.accept(lead, report=report, version=report.version, cleaned=cleaned)
    text = client.get("/mandag/").content.decode()
    assert (
        "1 rapport för vecka" in text
        and "godkändes efter att veckan låstes" in text
        and f'href="/veckan/{week}/las/"' in text
    )
    assert "godkändes efter" not in client_for(cast["municipal_police"]).get("/mandag/").content.decode()
    _lock(lead, row, corrects="En rapport kom sent.")
    assert "godkändes efter" not in client.get("/mandag/").content.decode()


def test_a_wrong_priority_keeps_what_was_typed_with_the_error_at_the_field(
    cast: Any, client_for: Callable[[Any], Any]
) -> None:
    row = _week(0)
    address = f"/veckan/{Week.from_index(row.first)}/"
    client = client_for(cast["coordinator"])
    answer = client.post(f"{address}prioritera/", {"why": "Det jag skrev om torget"})
    text = flat(answer.content.decode())
    assert answer.status_code == 422 and "Det jag skrev om torget" in text and "<title>Fel:" in text
    assert 'href="#id_place"' in text and not row.priorities.exists()
    place = Place.objects.create(controller=home(), name="Provtorget", x=585000.0, y=6582000.0)
    answer = client.post(f"{address}prioritera/", {"place": str(place.public_id), "why": ""})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'href="#id_why"' in text and f'value="{place.public_id}" selected' in text
    assert client.get(f"{address}prioritera/")["Location"] == f"{address}?prioritera=1#prioritera"
    assert client.post(f"{address}prioritera/", {"place": str(place.public_id), "why": "Torget"}).status_code == 302
    _lock(cast["coordinator"], row)
    assert client.post(f"{address}prioritera/", {"why": ""})["Location"].endswith("/utgava/")


def test_taking_back_a_decision_says_what_becomes_of_its_measure(cast: Any, client_for: Callable[[Any], Any]) -> None:
    lead, row = cast["coordinator"], _week(0)
    owner = Membership.objects.get(pk=cast["est_reporter"].membership_id)
    address = f"/veckan/{Week.from_index(row.first)}/mote/?steg=beslut"
    services.decide(lead, week=row, text="Bara ett beslut")
    client = client_for(lead)
    assert "finns kvar" not in client.get(address).content.decode()
    act = services.Act(owner=owner, due_on=clock.today(), why="Mörkt")
    decision = services.decide(lead, week=row, text="Laga lampan", act=act)
    text = client.get(address).content.decode()
    assert (
        text.count("Åtgärden som beslutet blev finns kvar.") == 1
        and f'aria-describedby="after-{decision.public_id}"' in text
    )
