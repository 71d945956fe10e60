"""The kinds of events that a problem and a measure are about: chosen, kept, shown, and what the effect is judged on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from samverkan.domain.est.models import EstWeek
from samverkan.domain.est.week import services as week_services
from samverkan.domain.incidents.api import Category, ensure_standard
from samverkan.domain.measures.api import Measure, Plan, Problem, describe_problem, event_kinds, plan
from samverkan.domain.measures.services import change_problem
from samverkan.domain.picture.insight import sites
from samverkan.domain.places import demo as ground
from samverkan.domain.places.api import Place
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo as people
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.foundation.weeks import Week
from tests.attack.hostile import forms_of
from tests.harness.seen import flat

Cast = dict[str, Actor]
LEAD, POLICE = "samordnare", "kommunpolis"
ORDER, HARM = "ordning", "skadegorelse-och-brand"


@pytest.fixture
def world(cast: Cast) -> Cast:
    ensure_standard()
    ground.load(people.Context(today=clock.today(), cast=dict(cast)))
    return cast


@pytest.fixture
def client(world: Cast, client_for: Callable[[Actor], Client]) -> Client:
    return client_for(world[LEAD])


def _form(client: Client, address: str, field: str) -> dict[str, Any]:
    """What the page's form with a field sends untouched."""
    return _sends(client.get(address).content.decode(), field)


def _sends(page: str, field: str) -> dict[str, Any]:
    form = next(form for form in forms_of(page) if field in form.values and form.method == "post")
    boxes = re.findall(r'<input[^>]*name="kinds"[^>]*>', page)
    ticked = [box.split('value="')[1].split('"')[0] for box in boxes if " checked" in box]
    values = {name: values for name, values in form.values.items() if values and name not in {"do", "kinds"}}
    return values | {"kinds": ticked}


def _offered(page: str) -> list[str]:
    return re.findall(r'name="kinds" value="([^"]*)"', page)


def _field(page: str) -> str:
    return next(part for part in page.split('<div class="field')[1:] if 'name="kinds"' in part)


def _plan(world: Cast, **values: Any) -> Plan:
    owner = Membership.objects.get(pk=world["bostadsbolag"].membership_id)
    told = {
        "title": "Klipp häcken",
        "why": "Det syns bättre.",
        "owner": owner,
        "due_on": clock.today() + timedelta(days=7),
    }
    return Plan(**{**told, **values})


def test_the_main_categories_in_use_are_offered_in_the_readers_language_and_order(world: Cast) -> None:
    Category.objects.filter(code="vapen").update(retired_on=clock.today())
    Category.objects.filter(code="trafik").update(name_sv="Ängslan", name_en="")
    with translation.override("sv"):
        weapons = Category.objects.get(code="vapen").name
        choices = event_kinds.choices()
    assert {code for code, _name in choices} == set(
        Category.objects.of_incidents().filter(main=None, retired_on=None).values_list("code", flat=True)
    )
    names = [name for _code, name in choices]
    assert names[-1] == "Övrigt" and names[-2] == "Ängslan" and weapons not in names, "å, ä and ö come last"
    with translation.override("en"):
        english = dict(event_kinds.choices())
        assert english["trafik"] == "Ängslan", "without an English name the Swedish one is told"
        assert english[HARM] == Category.objects.get(code=HARM).name_en
        assert event_kinds.names(["okand", "klotter", "vapen"]) == [
            "Graffiti",
            Category.objects.get(code="vapen").name_en,
            "okand",
        ]
    assert event_kinds.names([]) == []


def test_what_the_page_says_is_stored_shown_and_what_the_effect_is_judged_on(world: Cast, client: Client) -> None:
    place = Place.objects.get(name="Lindtorget")
    told = {"title": "Klotter på torget", "kinds": [HARM, ORDER], "place": str(place.public_id)}
    answer = client.post("/problem/nytt/", _form(client, "/problem/nytt/", "description") | told)
    assert answer.status_code == 302
    problem = Problem.objects.get()
    assert (
        sorted(problem.category_codes) == sorted([HARM, ORDER])
        and problem.place == place
        and problem.area == place.area
    )
    harm, order = (Category.objects.get(code=code) for code in (HARM, ORDER))
    assert ", ".join(sorted([harm.name_sv, order.name_sv])) in client.get(answer["Location"]).content.decode()

    address = f"/atgarder/ny/?problem={problem.public_id}"
    begun = _form(client, address, "why")
    assert sorted(begun["kinds"]) == sorted([HARM, ORDER]) and begun["place"] == [str(place.public_id)]
    owner = Membership.objects.get(pk=world["bostadsbolag"].membership_id)
    said = {
        "title": "Tvätta",
        "why": "Rent.",
        "owner": str(owner.public_id),
        "due_on": clock.today().isoformat(),
        "kinds": [HARM],
    }
    answer = client.post(address, begun | said)
    assert answer.status_code == 302
    measure = Measure.objects.get()
    assert measure.category_codes == [HARM] == sites.codes_of(measure)
    assert {c.code for c in sites.categories(sites.codes_of(measure))} == {
        HARM,
        *harm.parts.values_list("code", flat=True),
    }
    page = flat(client.get(answer["Location"]).content.decode())
    assert f"<dd>{harm.name_sv}</dd>" in page and order.name_sv not in page

    change = f"/atgarder/{measure.public_id}/andra/"
    assert (
        client.post(change, {k: v for k, v in _form(client, change, "why").items() if k != "kinds"}).status_code == 302
    )
    measure.refresh_from_db()
    assert measure.category_codes == [] and sorted(sites.codes_of(measure)) == sorted([HARM, ORDER]), (
        "its problem's hold"
    )
    assert "(problembildens)" in client.get(answer["Location"]).content.decode()


def test_a_measure_begins_with_its_problems_kinds_also_from_the_list_and_from_the_meeting(
    world: Cast, client: Client
) -> None:
    problem = describe_problem(world[LEAD], title="Buskörning", category_codes=["trafik"])
    owner = Membership.objects.get(pk=world["bostadsbolag"].membership_id)
    said = {
        "title": "Farthinder",
        "why": "Lugnare.",
        "owner": str(owner.public_id),
        "due_on": clock.today().isoformat(),
        "problem": str(problem.public_id),
    }
    assert client.post("/atgarder/ny/", _form(client, "/atgarder/ny/", "why") | said).status_code == 302
    assert Measure.objects.get().category_codes == ["trafik"]
    week, _made = EstWeek.objects.get_or_create(first=Week.of(clock.today()).index, defaults={"controller": home})
    act = week_services.Act(owner=owner, due_on=clock.today(), why="Lugnare.", problem=problem)
    decision = week_services.decide(world[LEAD], week=week, text="Sätt ut farthinder", act=act)
    assert decision.measure is not None and decision.measure.category_codes == ["trafik"]


def test_what_is_no_longer_offered_is_kept_and_shown(world: Cast, client: Client) -> None:
    problem = describe_problem(world[LEAD], title="Klotter", category_codes=["klotter", "vapen", "fran-forr"])
    Category.objects.filter(code="vapen").update(retired_on=clock.today())
    address = f"/problem/{problem.public_id}/"
    page = flat(client.get(address).content.decode())
    assert {"klotter", "vapen", "fran-forr", ORDER} <= set(_offered(page))
    assert f"<dd>Klotter, {Category.objects.get(code='vapen').name_sv}, fran-forr</dd>" in page
    assert client.post(address, _form(client, address, "description") | {"description": "Mer."}).status_code == 302
    problem.refresh_from_db()
    assert problem.description == "Mer." and set(problem.category_codes) == {"klotter", "vapen", "fran-forr"}
    measure = plan(world[LEAD], plan=_plan(world, problem=problem, category_codes=("vapen",)))
    change = f"/atgarder/{measure.public_id}/andra/"
    assert client.post(change, _form(client, change, "why") | {"why": "Annat."}).status_code == 302
    measure.refresh_from_db()
    assert (measure.why, measure.category_codes) == ("Annat.", ["vapen"])


@pytest.mark.parametrize("code", ["finns-inte", "a\x00b", "\u202e", "x" * 500, ""])
def test_an_unknown_kind_is_refused_at_its_field(world: Cast, client: Client, code: str) -> None:
    for address, field in (("/problem/nytt/", "description"), ("/atgarder/ny/", "why")):
        answer = client.post(address, _form(client, address, field) | {"title": "Klotter", "kinds": [ORDER, code]})
        assert answer.status_code == 422
        assert "Välj bland de slag som visas här." in _field(answer.content.decode())
    assert not Problem.objects.exists() and not Measure.objects.exists()


@pytest.mark.parametrize("about", ["problem", "measure"])
def test_two_who_choose_other_kinds_see_both(
    world: Cast, client: Client, client_for: Callable[[Actor], Client], about: str
) -> None:
    row: Problem | Measure
    if about == "problem":
        row, field = describe_problem(world[LEAD], title="Oro", category_codes=[ORDER, "klotter"]), "description"
        address = f"/problem/{row.public_id}/"
    else:
        row, field = plan(world[LEAD], plan=_plan(world, category_codes=(ORDER, "klotter"))), "why"
        address = f"/atgarder/{row.public_id}/andra/"
    first = client_for(world[POLICE])
    one, other = (_form(each, address, field) for each in (first, client))
    assert first.post(address, one | {"kinds": [HARM]}).status_code == 302
    answer = client.post(address, other)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"Sparat nu:</strong> {Category.objects.get(code=HARM).name_sv} (Kommunpolis, i dag kl." in _field(page)
    again = _sends(page, field)
    assert sorted(again["kinds"]) == ["klotter", ORDER], "what was ticked stays, also what the other took away"
    assert client.post(address, again).status_code == 302
    row.refresh_from_db()
    assert sorted(row.category_codes) == ["klotter", ORDER]


def test_the_place_of_a_problem_is_changed_and_the_area_goes_with_it(
    world: Cast, client: Client, client_for: Callable[[Actor], Client]
) -> None:
    here = Place.objects.get(name="Lindtorget")
    there = Place.objects.exclude(area=here.area).exclude(kind="address").filter(area__isnull=False).first()
    assert there is not None
    problem = describe_problem(world[LEAD], title="Oro", place=here)
    address = f"/problem/{problem.public_id}/"
    stale = _form(client, address, "description")
    assert stale["place"] == [str(here.public_id)] and stale["area"] == [str(here.area.public_id)]  # type: ignore[union-attr]
    assert client_for(world[POLICE]).post(address, stale | {"place": str(there.public_id)}).status_code == 302
    problem.refresh_from_db()
    assert (problem.place, problem.area) == (there, there.area)
    page = client.post(address, stale | {"description": "Mer."}).content.decode()
    assert f"Sparat nu:</strong> {there.name}" in page and f"Sparat nu:</strong> {there.area}" in page
    sent = {
        name: value for name, value in _form(client, address, "description").items() if name not in {"place", "area"}
    }
    assert client.post(address, sent).status_code == 302
    problem.refresh_from_db()
    assert problem.place is None and problem.area is None


def test_a_place_that_is_no_longer_to_be_chosen_stays_when_something_else_is_changed(
    world: Cast, client: Client
) -> None:
    place = Place.objects.get(name="Lindtorget")
    problem = describe_problem(world[LEAD], title="Oro", place=place)
    measure = plan(world[LEAD], plan=_plan(world, problem=problem, place=place))
    Place.objects.filter(pk=place.pk).update(kind="address")
    change_problem(
        world[LEAD],
        problem=problem,
        version=1,
        title="Oro",
        description="",
        causes=[],
        category_codes=[],
        place=place,
        area=place.area,
        closed_on=clock.today(),
    )
    for address, field in (
        (f"/problem/{problem.public_id}/", "description"),
        (f"/atgarder/{measure.public_id}/andra/", "why"),
    ):
        assert client.post(address, _form(client, address, field) | {field: "Mer."}).status_code == 302
    problem.refresh_from_db()
    measure.refresh_from_db()
    assert (problem.description, problem.place) == ("Mer.", place)
    assert (measure.why, measure.place, measure.problem) == ("Mer.", place, problem)
