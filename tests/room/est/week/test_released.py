"""What a locked week tells those who see no single incident."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from samverkan.domain.est.models import AlarmRun, EstWeek, WeekState
from samverkan.domain.est.policy import PERMISSIONS as WEEK
from samverkan.domain.est.week import building, cycles, selectors, services
from samverkan.domain.incidents.api import Category, Draft, Lookup, ensure_source, record
from samverkan.domain.picture import released
from samverkan.domain.picture.api import Filter, ask
from samverkan.domain.picture.policy import PERMISSIONS as PICTURE
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.editions import write
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from tests.harness.weeks import printed, seen_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(cast: Any) -> dict[str, Any]:
    """A locked week with developments told by somebody, one of them in a home, and a search that counted."""
    week = Week.current().plus(-1)
    lookup, source = Lookup(), ensure_source(SYSTEM, code="prov", name="Prov")
    indoors = Category.objects.filter(is_home_bound=True, main__isnull=False)[0]
    at = clock.now() - timedelta(days=20)
    for number, (category, trend) in enumerate(
        [(lookup.find("klotter"), "better"), (lookup.find("klotter"), "worse"), (indoors, "new")]
    ):
        draft = Draft(
            external_id=str(number),
            kind="development",
            category=category,
            started_at=at,
            title=f"Hemligord{number}",
            trend=trend,
        )
        record(SYSTEM, source=source, drafts=[draft])
    AlarmRun.objects.create(
        controller=home(),
        week=week.index,
        enough=False,
        result={
            "clusters": [
                {
                    "centre": [585000.0, 6582000.0],
                    "start": 20000,
                    "end": 20004,
                    "radius_m": 100.0,
                    "where": "Torget",
                    "observed": 3,
                    "expected": 0.4,
                    "category_ids": [],
                    "recurrence_weeks": 123.456,
                    "step": 1,
                    "is_new": True,
                    "new_count": 3,
                }
            ],
            "notes": [{"code": "too_few", "values": {"events": 4321, "needed": 50}}],
            "replicates": 999,
            "seed": 1,
            "events": 4321,
            "places": 2,
            "first_day": 0,
            "last_day": 1,
        },
    )
    row = services.open_week(SYSTEM, week=week)
    return services.freeze(cast["coordinator"], week=row, version=row.version).content


def test_developments_are_told_without_words_place_or_number(cast: Any, locked: dict[str, Any]) -> None:
    shown = seen_by(cast["est_reporter"], locked)
    main = Lookup().find("klotter").main
    assert main is not None
    assert [(d["title"], d["trend"], d["where"], d["since"]) for d in shown["developments"]] == [
        (main.name, "worse", "", "")
    ]
    assert seen_by(cast["coordinator"], locked)["developments"] == locked["developments"]
    assert len(locked["developments"]) == 3
    for form in ("json", "html"):
        told = printed(shown, form).decode()
        assert "Hemligord" not in told
        assert main.name in told
    assert "Hemligord1" in printed(locked, "html").decode()


def test_a_development_of_an_edition_without_main_categories_is_not_told(cast: Any, locked: dict[str, Any]) -> None:
    for d in locked["developments"]:
        d.pop("main")
    assert seen_by(cast["est_reporter"], locked)["developments"] == []


def test_the_search_tells_no_number_of_reports(cast: Any, locked: dict[str, Any]) -> None:
    alarms = seen_by(cast["est_reporter"], locked)["alarms"]
    told = json.dumps(alarms)
    assert "4321" not in told.replace(" ", "").replace("\\u00a0", "")
    assert "method" not in alarms
    assert "recurrence_weeks" not in alarms["patterns"][0]
    assert "4321" in json.dumps(locked["alarms"])


def test_whoever_looks_at_a_week_by_command_makes_no_row(cast: Any) -> None:
    week = Week.current().plus(-7)
    built = write(building.build(SYSTEM, selectors.look(SYSTEM, week)))
    assert (built["priorities"], built["decisions"]) == ([], [])
    assert printed(built, "html")
    assert not EstWeek.objects.exists()
    assert selectors.look(SYSTEM, week).first == services.open_week(SYSTEM, week=week).first
    assert selectors.look(SYSTEM, week).pk is not None


def test_the_week_being_gone_through_reaches_partners_when_it_is_locked(cast: Any) -> None:
    partner, lead = cast["est_reporter"], cast["coordinator"]
    present = cycles.reported_week()
    source, category = ensure_source(SYSTEM, code="prov", name="Prov"), Lookup().find("klotter")
    for week, number in ((present.plus(-1), 7), (present, 20)):
        at = week.span[0] + timedelta(hours=20)
        record(
            SYSTEM,
            source=source,
            drafts=[Draft(external_id=f"{week}{n}", category=category, started_at=at) for n in range(number)],
        )
    asked = Filter(first=present.monday, last=present.sunday)
    assert ask(partner, Filter()).summary().total == 27, "where nobody locks weeks all finished ones are shown"
    before = services.open_week(SYSTEM, week=present.plus(-1))
    services.freeze(lead, week=before, version=before.version)
    assert ask(partner, Filter()).summary().total == 7
    assert ask(lead, asked).summary().total == 20
    with pytest.raises(Refusal) as refused:
        ask(partner, asked).summary()
    assert refused.value.code == "suppressed"
    row = services.open_week(SYSTEM, week=present)
    edition = services.freeze(lead, week=row, version=row.version)
    assert edition.content["partners"]["total"] == 20, "the edition releases it"
    assert (ask(partner, asked).summary().total, ask(partner, Filter()).summary().total) == (20, 27)


def test_a_week_that_nobody_locked_holds_itself_and_later_ones_back(
    cast: Any, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, present = cast["coordinator"], cycles.reported_week()

    def lock(week: Week) -> None:
        row = services.open_week(SYSTEM, week=week)
        services.freeze(lead, week=row, version=row.version)

    lock(present.plus(-3))
    assert released.last_week() == present.index - 3, "the two after it are finished, and in no edition"
    lock(present.plus(-1))
    assert released.last_week() == present.index - 3
    told = client_for(lead).get("/veckan/").content.decode()
    assert f"/veckan/{present.plus(-2)}/" in told and "har låst" in told
    assert "har låst" not in client_for(cast["est_reporter"]).get("/veckan/").content.decode()
    lock(present.plus(-2))
    assert released.last_week() == present.index - 1
    assert "har låst" not in client_for(lead).get("/veckan/").content.decode(), (
        "the week to go through waits in its turn"
    )
    monkeypatch.setenv("SAMVERKAN_TODAY", present.plus(9).monday.isoformat())
    assert released.last_week() == present.index - 1, "time alone releases nothing"


def test_a_locked_week_does_not_tell_partners_of_the_one_that_was_passed_over(cast: Any) -> None:
    lead, present = cast["coordinator"], cycles.reported_week()
    source, category = ensure_source(SYSTEM, code="prov", name="Prov"), Lookup().find("klotter")
    for week, number in ((present.plus(-3), 11), (present.plus(-2), 43), (present.plus(-1), 21)):
        at = week.span[0] + timedelta(hours=20)
        record(
            SYSTEM,
            source=source,
            drafts=[Draft(external_id=f"{week}{n}", category=category, started_at=at) for n in range(number)],
        )
    for week in (present.plus(-3), present.plus(-1)):
        row = services.open_week(SYSTEM, week=week)
        edition = services.freeze(lead, week=row, version=row.version)
    partners, everyone = edition.content["partners"], edition.content["figures"]
    assert [line["weeks"][-3:] for line in partners["categories"] if line["count"]] == [[11, None, 21]]
    assert [row[1] for row in partners["over_time"]["table"]["rows"]][-3:] == [11, {"hidden": True}, 21]
    assert [row[1] for row in everyone["over_time"]["table"]["rows"]][-3:] == [11, 43, 21]
    assert partners["total"] == 21


def test_an_old_week_locked_by_itself_takes_nothing_from_partners(cast: Any) -> None:
    present = cycles.reported_week()

    def lock(*back: int) -> int | None:
        EstWeek.objects.all().delete()
        for weeks in back:
            EstWeek.objects.create(controller=home(), first=present.plus(-weeks).index, weeks=1, state=WeekState.FROZEN)
        return selectors.last_released()

    assert lock() is None
    assert lock(120) is None
    assert lock(selectors.PAUSE_WEEKS + 1) is None
    assert lock(selectors.PAUSE_WEEKS) == present.index - selectors.PAUSE_WEEKS
    # The pause before last week is no gap to wait for; that of a summer is.
    assert lock(120, 1) == present.index - 1
    assert lock(10, 9, 1) == present.index - 9


def test_a_locked_cycle_of_two_weeks_releases_both(cast: Any) -> None:
    week = cycles.reported_week().plus(-6)
    EstWeek.objects.create(controller=home(), first=week.index, weeks=2, state=WeekState.FROZEN)
    assert released.last_week() == week.index + 1


@pytest.mark.parametrize("role", sorted((WEEK["est.released"] | PICTURE["picture.view"]) - PICTURE["picture.exact"]))
def test_no_role_that_sees_small_counts_hidden_sees_a_week_that_nobody_locked(
    cast: Any, client_for: Any, role: str
) -> None:
    lead, present = cast["coordinator"], cycles.reported_week()
    source, category = ensure_source(SYSTEM, code="prov", name="Prov"), Lookup().find("klotter")
    for week, number in ((present.plus(-4), 11), (present.plus(-3), 43)):
        at = week.span[0] + timedelta(hours=20)
        record(
            SYSTEM,
            source=source,
            drafts=[Draft(external_id=f"{week}{n}", category=category, started_at=at) for n in range(number)],
        )
    row = services.open_week(SYSTEM, week=present.plus(-4))
    services.freeze(lead, week=row, version=row.version)
    passed = present.plus(-3)
    services.open_week(SYSTEM, week=passed)
    seat = Membership.objects.filter(role=role).first() or _seat(role)
    actor = Actor(seat.person_id, seat.pk, seat.organisation_id, seat.organisation.kind, role, seat.organisation_id)
    client, asked = client_for(actor), f"from={passed}&to={passed}"
    if actor.may("picture.view"):
        assert ask(actor, Filter()).summary().total == 11
        with pytest.raises(Refusal):
            ask(actor, Filter(first=passed.monday, last=passed.sunday)).summary()
        shown = client.get(f"/lagesbild/?{asked}").context
        assert (shown["summary"].total, shown["summary"].last) == (11, present.plus(-4)), (
            "the nearest that may be asked"
        )
    for address in (
        f"/lagesbild/karta.geojson?{asked}",
        f"/lagesbild/ladda-ner/csv/?{asked}",
        f"/api/v1/picture/summary?{asked}",
    ):
        assert client.get(address).status_code in (400, 403, 404, 409), address
    for address in (
        f"/veckan/{passed}/",
        f"/veckan/{passed}/utgava/",
        f"/veckan/{passed}/utgava/1/fil.json",
        "/mandag/",
    ):
        assert client.get(address).status_code in (403, 404), address


def _seat(role: str) -> Membership:
    """A seat of a role that nobody of the cast holds."""
    person = Person.objects.create_user(f"{role}@exempel.test", name="Påhittad person", is_invented=True)
    home = Organisation.objects.get(is_home=True)
    return Membership.objects.create(person=person, organisation=home, role=role, function=role)


def test_weeks_locked_while_hexagons_were_counted_are_shown_without_that_map(cast: Any, locked: dict[str, Any]) -> None:
    old = {**locked, "format": 1, "partners": {**locked["partners"], "map": {"svg": "hexagons"}}}
    assert "map" not in seen_by(cast["est_reporter"], old)["figures"]
    assert seen_by(cast["coordinator"], old)["figures"] == locked["figures"]
    new = {**old, "format": locked["format"]}
    assert seen_by(cast["est_reporter"], new)["figures"]["map"] == {"svg": "hexagons"}
