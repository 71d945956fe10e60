"""Names as Swedish people sort and look for them; places changed by two at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samverkan.domain.places import selectors, services
from samverkan.domain.places.models import Municipality, Place
from samverkan.foundation import clock
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.people.models import Organisation
from samverkan.foundation.text import sv_key
from samverkan.foundation.web.errors import Conflict, Refusal

Cast = Mapping[str, Actor]
IN_ORDER = [
    "Aspen",
    "Café Åsikt",
    "Gata 2",
    "Gata 10",
    "Zinkgränd",
    "Ågatan",
    "Årby",
    "Ängen",
    "Österport",
    "Östra 9",
    "Östra 11",
]


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast["samordnare"]


def _add(actor: Actor, name: str, also_called: str = "") -> Place:
    return services.add(actor, name=name, also_called=also_called, kind="square", x=585_000, y=6_580_000, radius_m=50)


def test_letters_after_z_come_last_and_numbers_by_value(lead: Actor) -> None:
    for name in sorted(IN_ORDER, key=lambda name: name[::-1]):
        _add(lead, name)
    assert [p.name for p in selectors.places(lead)] == IN_ORDER
    assert sorted(IN_ORDER, key=sv_key) == IN_ORDER


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ö", ["Österport", "Östra 9", "Östra 11"]),
        ("ÖST", ["Österport", "Östra 9", "Östra 11"]),
        ("o\u0308st", ["Österport", "Östra 9", "Östra 11"]),
        ("ost", ["Österport", "Östra 9", "Östra 11"]),
        ("årby", ["Årby"]),
        ("gåta", []),
        ("å", ["Ågatan", "Årby", "Café Åsikt"]),
        ("  östra   1", ["Östra 11"]),
        ("%", []),
        ("_", []),
        ("gata", ["Gata 2", "Gata 10", "Ågatan"]),
    ],
)
def test_å_ä_ö_are_found_without_their_marks_and_never_instead_of_others(
    lead: Actor, text: str, found: list[str]
) -> None:
    for name in IN_ORDER:
        _add(lead, name)
    assert [p.name for p in selectors.places(lead, text=text)] == found


def test_what_a_place_is_also_called_is_found(lead: Actor) -> None:
    _add(lead, "Påhittade torget", also_called="Röda rummet, Hörnan")
    assert [f.name for f in selectors.search(lead, "hörn")] == ["Påhittade torget"]
    assert selectors.search(lead, "h") == [], "one letter is no search"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text("abåäöÅÄÖéü0123456789 -", min_size=1, max_size=8), min_size=2, max_size=6))
def test_the_page_and_the_database_sort_alike(db: None, names: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sv_sort(n) FROM unnest(%s::text[]) WITH ORDINALITY u(n, i) ORDER BY i", [names])
        assert [key for (key,) in cursor.fetchall()] == [sv_key(name) for name in names]


def test_two_who_change_a_place_lose_nothing(lead: Actor, cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    place = _add(lead, "Påhittade torget")
    values = {"also_called": "", "kind": "park", "x": place.x, "y": place.y, "radius_m": 60}
    services.change(cast["administrator"], place=place, version=place.version, name="Först", **values)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.change(lead, place=place, version=place.version, name="Sedan", **values)  # type: ignore[arg-type]
    place.refresh_from_db()
    assert (place.name, place.version) == ("Först", 2)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [({"name": " "}, "name"), ({"kind": "moon"}, "kind"), ({"x": 0.0}, "x"), ({"radius_m": 0}, "radius_m")],
)
def test_a_place_says_what_is_wrong_with_it(lead: Actor, values: dict[str, object], wrong: str) -> None:
    good: dict[str, object] = {
        "name": "Torget",
        "also_called": "",
        "kind": "square",
        "x": 585_000.0,
        "y": 6_580_000.0,
        "radius_m": 50,
    }
    with pytest.raises(Refusal) as refusal:
        services.add(lead, **{**good, **values})  # type: ignore[arg-type]
    assert refusal.value.field == wrong


def test_an_ended_place_is_no_longer_offered(lead: Actor) -> None:
    place = _add(lead, "Påhittade torget")
    values = {"also_called": "", "kind": "square", "x": place.x, "y": place.y, "radius_m": 50}
    with pytest.raises(Refusal):
        services.change(
            lead,
            place=place,
            version=1,
            name=place.name,
            valid_to=clock.today() + timedelta(days=1),
            **values,  # type: ignore[arg-type]
        )
    services.change(lead, place=place, version=1, name=place.name, valid_to=clock.today(), **values)  # type: ignore[arg-type]
    assert not selectors.places(lead).exists() and Place.objects.filter(pk=place.pk).exists()


def test_who_only_sees_changes_nothing(cast: Cast, lead: Actor) -> None:
    for code in ("granskare", "skola", "hyresvard", "revisor"):
        with pytest.raises(Refused):
            _add(cast[code], "Annat")
    assert selectors.places(cast["skola"]).count() == 0


@pytest.mark.parametrize(
    ("written", "plain", "known"),
    [
        ("Eskilstuna kommun", "Eskilstuna", ()),
        ("Lunds kommun", "Lund", ()),
        ("Göteborgs Stad", "Göteborg", ("Göteborg",)),
        ("Borås Stad", "Borås", ()),
        ("Hällefors kommun", "Hällefors", ("Hällefors",)),
        ("Exempels kommun", "Exempels", ("Exempels",)),
        ("New York", "New York", ()),
        ("", "", ()),
    ],
)
def test_the_home_municipality_without_its_genitive(db: None, written: str, plain: str, known: tuple[str, ...]) -> None:
    Organisation.objects.update_or_create(is_home=True, defaults={"name": written, "kind": "municipality"})
    for name in known:
        Municipality.objects.get_or_create(name=name)
    assert selectors.home_municipality() == plain
