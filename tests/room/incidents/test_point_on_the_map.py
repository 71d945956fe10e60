"""Where something happened is corrected by pointing at the same small map as in a report, or by writing the coordinates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting import services
from samverkan.domain.est.reporting.services import review
from samverkan.domain.incidents.api import Category, Incident, ensure_standard
from samverkan.domain.incidents.services import Draft, ensure_source, record
from samverkan.domain.places import demo as ground
from samverkan.domain.places.api import Place
from samverkan.foundation import clock, geo
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.people import demo as people
from tests.harness.seen import flat

pytestmark = pytest.mark.django_db
Cast = dict[str, Actor]


@pytest.fixture
def world(cast: Cast) -> Cast:
    ensure_standard()
    ground.load(people.Context(today=clock.today(), cast=dict(cast)))
    return cast


@pytest.fixture
def client(world: Cast, client_for: Callable[[Actor], Client]) -> Client:
    return client_for(world["samordnare"])


def _picker(page: str) -> dict[str, str]:
    """What the page tells the script that fills in the coordinates."""
    found = re.search(r"<div data-picker ([^>]*)>", flat(page))
    assert found is not None, "no map to point at"
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', found[1]))


def _square() -> Place:
    return Place.objects.select_related("area").get(name="Lindtorget")


# --- an incident -----------------------------------------------------------------------------------


@pytest.fixture
def incident(world: Cast) -> Incident:
    place = _square()
    source = ensure_source(SYSTEM, code="prov", name="Prov", kind="partners", is_invented=True)
    draft = Draft(
        external_id="1",
        category=Category.objects.get(code="klotter"),
        started_at=clock.now() - timedelta(days=2),
        x=place.x,
        y=place.y,
        area=place.area,
        place=place,
        title="Klotter",
    )
    return record(world["samordnare"], source=source, drafts=[draft])[0]


def _values(row: Incident, **changes: Any) -> dict[str, Any]:
    from samverkan.domain.incidents.edit_forms import initial_of

    shown = {name: value for name, value in initial_of(row).items() if value not in (None, "")}
    shown |= {name: shown[name].strftime("%H:%M") for name in ("at", "until_at") if name in shown}
    return {**shown, **changes}


def test_an_incident_is_moved_to_the_point_that_was_marked(client: Client, incident: Incident) -> None:
    address = f"/lagesbild/handelse/{incident.public_id}/andra/"
    page = client.get(address).content.decode()
    assert _picker(page) == {
        "url": "/platser/karta/",
        "marked": "Platsen är markerad på kartan.",
        "chooses": "where:point",
    }
    assert "places/picker" in page and 'name="x"' in page and 'value="point"' in page
    there = Place.objects.exclude(area=incident.area).exclude(kind="address").filter(area__isnull=False).first()
    assert there is not None
    x, y = round(there.x), round(there.y)
    assert client.post(address, _values(incident, where="point", x=str(x), y=f"{y},0")).status_code == 302
    incident.refresh_from_db()
    assert (incident.x, incident.y, incident.place, incident.radius_m) == (x, y, None, None)
    assert incident.precision == "point" and incident.area == there.area
    assert incident.hexagon == int(geo.hexagon_of(x, y)[0])
    assert incident.versions.count() == 1, "where it was stays in the history"
    assert incident.versions.get().content["place_id"] == _square().pk


def test_what_is_not_marked_stays_where_it_is(client: Client, incident: Incident) -> None:
    address = f"/lagesbild/handelse/{incident.public_id}/andra/"
    assert client.post(address, _values(incident, title="Klotter på fasad")).status_code == 302
    incident.refresh_from_db()
    assert (incident.title, incident.place, incident.x) == ("Klotter på fasad", _square(), _square().x)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [("", "", "Markera punkten på kartan"), ("585000", "", "Markera punkten på kartan"), ("1", "2", "Punkten ligger utanför kartan"),
     ("700000", "6400000", "km från kommunen"), ("här", "6582000", "Skriv ett tal")],
)  # fmt: skip
def test_a_point_that_cannot_be_is_refused_at_its_field(
    client: Client, incident: Incident, x: str, y: str, words: str
) -> None:
    answer = client.post(f"/lagesbild/handelse/{incident.public_id}/andra/", _values(incident, where="point", x=x, y=y))
    assert answer.status_code == 422 and words in answer.content.decode().split('id="id_x-error"')[1][:300]
    incident.refresh_from_db()
    assert incident.place == _square()


def test_a_home_bound_incident_keeps_the_area_of_the_point_only(client: Client, incident: Incident) -> None:
    Category.objects.filter(code="klotter").update(is_home_bound=True)
    place = _square()
    said = _values(incident, where="point", x=round(place.x), y=round(place.y), give_up_place="on")
    assert client.post(f"/lagesbild/handelse/{incident.public_id}/andra/", said).status_code == 302
    incident.refresh_from_db()
    assert (incident.x, incident.place, incident.area, incident.precision) == (None, None, place.area, "area")


# --- a report under review -------------------------------------------------------------------------


@pytest.fixture
def report(world: Cast) -> Report:
    seen = services.Seen(
        category=Category.objects.get(code="klotter"),
        started_at=clock.now() - timedelta(hours=1),
        text="Klotter.",
        place=_square(),
    )
    return services.submit(world["skola"], seen=seen)


def _review(client: Client, row: Report, **said: Any) -> Any:
    from samverkan.domain.est.reporting.review_forms import initial_of

    shown = {name: value for name, value in initial_of(row).items() if value not in (None, "")}
    return client.post(f"/granska/{row.public_id}/", {**shown, "act": "accept", **said})


def test_a_reviewer_marks_another_point(client: Client, report: Report) -> None:
    told = _picker(client.get(f"/granska/{report.public_id}/").content.decode())
    assert (told["chooses"], told["instead"]) == ("precision:as_reported", "area municipality"), (
        "approximately stays so"
    )
    place = _square()
    x, y = round(place.x + 400, 1), round(place.y - 300, 1)
    assert _review(client, report, x=str(x), y=str(y)).status_code == 302
    report.refresh_from_db()
    assert report.incident is not None
    assert (
        (report.x, report.y, report.place)
        == (x, y, None)
        == (report.incident.x, report.incident.y, report.incident.place)
    )


def test_a_marked_point_is_still_shown_only_as_exactly_as_the_reviewer_says(client: Client, report: Report) -> None:
    place = _square()
    said = {"x": round(place.x + 7), "y": round(place.y), "precision": review.APPROXIMATE}
    assert _review(client, report, **said).status_code == 302
    report.refresh_from_db()
    assert report.radius_m == review.ABOUT and report.x is not None and report.x % review.ABOUT == 0


def test_a_reviewers_point_far_away_is_refused(client: Client, report: Report) -> None:
    answer = _review(client, report, x="700000", y="6400000")
    assert answer.status_code == 422 and "km från kommunen" in answer.content.decode().split('id="id_x-error"')[1][:300]
    report.refresh_from_db()
    assert report.state == "submitted"


# --- a named place, and the map itself -------------------------------------------------------------


def test_a_named_place_is_marked_on_the_map(client: Client) -> None:
    assert "chooses" not in _picker(client.get("/platser/ny/").content.decode())
    place = _square()
    assert _picker(client.get(f"/platser/{place.public_id}/").content.decode())["url"] == "/platser/karta/"


def test_who_may_not_change_a_place_gets_no_map_to_point_at(world: Cast, client_for: Callable[[Actor], Client]) -> None:
    page = client_for(world["skola"]).get(f"/platser/{_square().public_id}/").content.decode()
    assert "data-picker" not in page


def test_the_map_comes_closer_around_a_point_or_a_name(client: Client) -> None:
    place = _square()
    for query in (f"x={place.x}&y={place.y}&span=500", "where=Lindtorget&span=500"):
        page = client.get(f"/platser/karta/?{query}").content.decode()
        assert f'data-x="{place.x:.1f}"' in page and 'data-span="1200"' in page and "<svg" in page
    for odd in ("x=nan&y=1", "x=1e99&y=2", "where=%20", "span=abc", "x=a"):
        assert client.get(f"/platser/karta/?{odd}").status_code == 200, odd
    # No address holds a NUL (foundation.web): it leads nowhere.
    assert client.get("/platser/karta/?where=%00").status_code == 404
