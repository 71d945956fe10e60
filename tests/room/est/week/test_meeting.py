"""An unusual pattern on Monday, in the meeting and in the picture, and a locked week read in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import translation

from samverkan.domain.est.models import AlarmRun, EstWeek
from samverkan.domain.est.week import around, building, services
from samverkan.domain.incidents.api import Draft, Lookup, ensure_source, record
from samverkan.domain.places import demo as ground
from samverkan.foundation import clock, geo
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.editions import fingerprint, write
from samverkan.foundation.people import demo
from samverkan.foundation.people.models import Person
from samverkan.foundation.people.services import home
from samverkan.foundation.weeks import Week
from tests.harness.seen import flat
from tests.harness.weeks import seen_by

pytestmark = pytest.mark.django_db

SINCE = 9  # days before the week's Sunday


def _cluster(where: str, x: float, y: float, count: int, last: Week) -> dict[str, Any]:
    end = (last.sunday - date(1970, 1, 1)).days
    return {
        "centre": [x, y],
        "radius_m": 0.0,
        "start": end - SINCE,
        "end": end,
        "observed": count,
        "expected": 1.25,
        "p_value": 0.001,
        "recurrence_weeks": 60.0,
        "step": 3,
        "where": where,
        "category_ids": [],
        "new_count": count,
        "is_new": True,
    }


@pytest.fixture
def row(cast: Any) -> EstWeek:
    """Last week with six events at one spot and two at another, one event a month before, and what the search found."""
    ground.load(demo.Context(today=clock.today()))
    last = Week.current().plus(-1)
    lookup, source = Lookup(), ensure_source(SYSTEM, code="prov", name="Prov", is_invented=True)
    (xs, ys) = geo.centres(geo.hexagon_of([585000.0, 586500.0], [6582000.0, 6583000.0]))
    spots = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    drafts = [
        Draft(
            external_id=f"{spot}-{n}",
            category=lookup.find("klotter"),
            title=f"Titel {n}",
            x=x,
            y=y,
            started_at=datetime.combine(last.monday + timedelta(days=n % 7), time(20), clock.STOCKHOLM),
        )
        for spot, (x, y) in enumerate(spots)
        for n in range(6 - 4 * spot)
    ]
    before = datetime.combine(last.monday - timedelta(days=28), time(20), clock.STOCKHOLM)
    drafts.append(
        Draft(
            external_id="forr",
            category=lookup.find("klotter"),
            title="Förr",
            started_at=before,
            x=spots[0][0],
            y=spots[0][1],
        )
    )
    record(SYSTEM, source=source, drafts=drafts)
    found = [_cluster("Första torget", *spots[0], 6, last), _cluster("Andra torget", *spots[1], 2, last)]
    method = {
        "replicates": 999,
        "seed": 1,
        "events": 9,
        "places": 2,
        "first_day": "2026-01-01",
        "last_day": str(last.sunday),
    }
    AlarmRun.objects.create(
        controller=home(), week=last.index, enough=True, result={"clusters": found, "notes": [], **method}
    )
    return services.open_week(SYSTEM, week=last)


def test_each_pattern_has_its_weeks_and_what_is_usual_there(cast: Any, row: EstWeek) -> None:
    put = write(building.build(cast["coordinator"], row))
    first, second = put["alarms"]["patterns"]
    assert len(first["weeks"]) == around.SPARK_WEEKS
    assert (first["weeks"][-1], first["weeks"][-5], sum(first["weeks"])) == (6, 1, 7) and second["weeks"][-1] == 2
    assert first["usual"] == {"low": 0, "middle": 0.0, "high": 0}
    # Counts by week around a place are nothing for those who see small counts hidden.
    seen = seen_by(cast["est_reporter"], put)["alarms"]["patterns"]
    assert [set(p) & {"weeks", "usual", "count"} for p in seen] == [set(), set()]


def test_monday_draws_each_pattern_and_leads_to_its_ring_in_the_picture(
    cast: Any, client_for: Callable[[Any], Any], row: EstWeek
) -> None:
    desk = client_for(cast["coordinator"])
    page = flat(desk.get("/mandag/").content.decode())
    assert (
        'id="spark-pattern-1-t"' in page
        and 'id="spark-pattern-2-t"' in page
        and page.count(">senaste 12 veckorna<") == 2
    )
    assert page.count('href="#sa-raknar-vi"') == 2 and 'id="sa-raknar-vi"' in page
    address = re.search(r'href="(/lagesbild/\?[^"]*)">Visa på kartan', page)
    assert address and f"to={Week.from_index(row.first)}" in address[1]
    shown = desk.get(address[1].replace("&amp;", "&")).content.decode()
    assert 'class="map-attention"' in shown and "6 rapporter på 10 dagar" in shown
    # Not where small counts are hidden, nor where a filter has left some of them out, nor of another time.
    assert "map-attention" not in desk.get("/lagesbild/?som=partner").content.decode()
    assert "map-attention" not in desk.get("/lagesbild/?category=brak").content.decode()
    assert "map-attention" not in desk.get("/lagesbild/?from=2025-W01&to=2025-W04").content.decode()


def _stops(client: Any, address: str) -> list[tuple[str, str]]:
    """Address and heading of every screen, by the link to the next."""
    seen, at = [], ""
    while True:
        page = flat(client.get(address + at).content.decode())
        heading = re.search(r'<h1 id="now">(.*?)</h1>', page)
        assert heading and page.count("<h1") == 1
        seen.append((at, heading[1].replace("\u00a0", " ")))
        following = re.search(r'rel="next" href="(.*?)">(.*?)</a>', page)
        if not following:
            assert 'form="summary"' in page and "gå vidare till att låsa" in page
            return seen
        assert following[2].startswith("Nästa: ")
        at = following[1].replace("&amp;", "&")


def test_the_meeting_takes_one_pattern_at_a_time(cast: Any, client_for: Callable[[Any], Any], row: EstWeek) -> None:
    desk, address = client_for(cast["coordinator"]), f"/veckan/{Week.from_index(row.first)}/mote/"
    seen = _stops(desk, address)
    assert [at for at, _h in seen] == [
        "",
        "?steg=avviker",
        "?steg=avviker&del=2",
        "?steg=avviker&del=kategorier",
        "?steg=pagar",
        "?steg=forra",
        "?steg=beslut",
        "?steg=bedomning",
    ]
    assert [h for _at, h in seen][1:3] == ["Fler än väntat vid Första torget", "Fler än väntat vid Andra torget"]
    page = desk.get(f"{address}?steg=avviker").content.decode()
    assert "1 av 2" in page and "Nästa: Andra torget" in page and page.count('class="map-attention"') == 2
    assert "6 rapporter på 10 dagar." in page and 'id="around-370-t"' in page and "Rapporter per sexhörning" in page
    assert 'aria-current="step"' in page and page.count('class="is-done"') == 1
    # The large map is a link, and so is the way back.
    assert 'data-key="k" href="?steg=avviker&amp;karta=stor"' in page
    large = desk.get(f"{address}?steg=avviker&karta=stor").content.decode()
    assert 'id="cut-out-720-t"' in large and 'data-key="k" href="?steg=avviker"' in large and "around-370" not in large
    # A number that there is not is the nearest there is.
    assert "Första torget" in desk.get(f"{address}?steg=avviker&del=7").content.decode()


def test_without_patterns_the_meeting_says_so_and_shows_the_categories(
    cast: Any, client_for: Callable[[Any], Any], row: EstWeek
) -> None:
    AlarmRun.objects.update(result={**AlarmRun.objects.get().result, "clusters": []})
    answer = client_for(cast["coordinator"]).get(f"/veckan/{Week.from_index(row.first)}/mote/?steg=avviker")
    page = flat(answer.content.decode())
    assert '<h1 id="now">Inget ovanligt hittades</h1>' in page and "Det betyder inte att inget har hänt." in page
    assert (
        re.search(r'<th scope="row"><a href="/lagesbild/lista/[^"]*klotter[^"]*">Klotter</a></th>', page)
        and 'data-key="k"' not in page
    )


def test_a_decision_stays_at_its_screen_and_no_person_is_named(
    cast: Any, client_for: Callable[[Any], Any], row: EstWeek
) -> None:
    desk, address = client_for(cast["coordinator"]), f"/veckan/{Week.from_index(row.first)}/mote/"
    Person.objects.filter(pk=cast["coordinator"].person_id).update(name="Påhittad Namnsson")
    answer = desk.post(address, {"text": "Laga lampan", "steg": "avviker", "del": "2"})
    assert answer.status_code == 302 and answer["Location"] == f"{address}?steg=avviker&del=2"
    page = desk.get(answer["Location"]).content.decode()
    assert "Laga lampan" in page and "Beslutet är sparat." in page
    wrong = desk.post(address, {"text": "", "steg": "avviker", "del": "2"})
    assert wrong.status_code == 422 and "Andra torget</h1>" in wrong.content.decode()
    assert "Namnsson" not in page


def test_a_locked_week_in_english_marks_what_is_kept_in_swedish(
    cast: Any, client_for: Callable[[Any], Any], row: EstWeek
) -> None:
    lead = cast["coordinator"]
    reader = client_for(lead)
    row = services.judge(lead, week=row, version=row.version, text="Mest klotter.")
    with translation.override("en"):  # whoever locks in English keeps the same
        edition = services.freeze(lead, week=row, version=row.version)
    assert edition.content["language"] == "sv" and edition.content["figures"]["categories"][0]["name"] == "Klotter"
    assert fingerprint(edition.content) == edition.sha256
    address = f"/veckan/{Week.from_index(row.first)}/utgava/"
    english = flat(reader.get(address, headers={"accept-language": "en"}).content.decode())
    assert '<html lang="en"' in english and "Joint assessment" in english
    assert '<p lang="sv">Mest klotter.</p>' in english and '<th scope="row" lang="sv">Klotter</th>' in english
    assert english.count('<figure class="figure" lang="sv">') == 3 and 'lang="en">Show as a table' in english
    swedish = client_for(cast["est_reporter"]).get(address).content.decode()
    assert ' lang="sv"' not in swedish.split("<body", 1)[1].split("<main", 1)[1].split("</main>")[0]
