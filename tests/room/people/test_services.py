"""Organisations, people, seats: what can be done and what is refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.people import selectors, services
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.foundation.web.errors import Conflict, Refusal

People = dict[str, Actor]


def _seat(code: str) -> Membership:
    return Membership.objects.get(person__email=f"{code}@exempel.test")


def _new(people: People, email: str = "ny@exempel.test") -> Person:
    return services.create_person(SYSTEM, email=email, name="Ny person")


def test_a_department_answers_through_what_it_belongs_to(people: People) -> None:
    home = Organisation.objects.get(is_home=True)
    row = services.create_organisation(people["samordnare"], name="  Ny   förvaltning ", kind="department", parent=home)
    assert (row.name, row.controller) == ("Ny förvaltning", home)


@pytest.mark.parametrize("name", ["", "  ", "Kfast", " Kfast "])
def test_names_are_given_and_given_once(people: People, name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        services.create_organisation(people["samordnare"], name=name, kind="school")
    assert refusal.value.field == "name"


def test_an_organisation_cannot_belong_to_itself(people: People) -> None:
    home = Organisation.objects.get(is_home=True)
    part = Organisation.objects.get(name="Kommunledningskontoret")
    with pytest.raises(Refusal) as refusal:
        services.change_organisation(
            people["samordnare"],
            public_id=home.public_id,
            version=home.version,
            name=home.name,
            kind=home.kind,
            parent=part,
        )
    assert refusal.value.field == "parent"


def test_two_who_change_the_same_organisation_lose_nothing(people: People) -> None:
    row = Organisation.objects.get(name="Kfast")
    change = {"public_id": row.public_id, "version": row.version, "kind": row.kind}
    services.change_organisation(people["samordnare"], name="Kfast AB", **change)
    with pytest.raises(Conflict):
        services.change_organisation(people["administrator"], name="Kfast Eskilstuna", **change)
    row.refresh_from_db()
    assert row.name == "Kfast AB"


@pytest.mark.parametrize("code", ["granskare", "bostadsbolag", "kommunpolis", "dataskyddsombud", "revisor"])
def test_who_may_not_manage_is_refused(people: People, code: str) -> None:
    seat = _seat("skola")
    with pytest.raises(Refused):
        services.create_organisation(people[code], name="X", kind="school")
    with pytest.raises(Refused):
        services.end_seat(people[code], public_id=seat.public_id, version=seat.version)
    with pytest.raises(Refused):
        services.deactivate(people[code], public_id=seat.person.public_id, version=1)


@pytest.mark.parametrize("role", ["administrator", "dpo", "auditor", "registrar"])
def test_guarded_seats_are_given_by_the_administrator_only(people: People, role: str) -> None:
    home = Organisation.objects.get(is_home=True)
    given = {"person": _new(people), "organisation": home, "role": role, "function": ""}
    with pytest.raises(Refused):
        services.give_seat(people["samordnare"], **given)
    assert services.give_seat(people["administrator"], **given).role == role


def test_nobody_gives_a_seat_to_themselves(people: People) -> None:
    administrator = Person.objects.get(pk=people["administrator"].person_id)
    with pytest.raises(Refused):
        services.give_seat(
            people["administrator"],
            person=administrator,
            organisation=Organisation.objects.get(is_home=True),
            role="coordinator",
            function="",
        )


def test_a_police_seat_is_held_in_the_police(people: People) -> None:
    with pytest.raises(Refusal) as refusal:
        services.give_seat(
            people["samordnare"],
            person=_new(people),
            organisation=Organisation.objects.get(name="Kfast"),
            role="municipal_police",
            function="",
        )
    assert refusal.value.field == "role"


def test_ending_a_seat_takes_the_access_and_undo_gives_it_back(people: People) -> None:
    seat = _seat("skola")
    ended = services.end_seat(people["samordnare"], public_id=seat.public_id, version=seat.version)
    assert selectors.seats_of(seat.person_id) == []
    services.reopen_seat(people["samordnare"], public_id=seat.public_id, version=ended.version)
    assert [row.pk for row in selectors.seats_of(seat.person_id)] == [seat.pk]


def test_a_seat_of_the_future_is_not_held_yet(people: People) -> None:
    person = _new(people)
    services.give_seat(
        people["samordnare"],
        person=person,
        organisation=Organisation.objects.get(name="Kfast"),
        role="est_reporter",
        function="Rapportör",
        from_on=clock.today() + timedelta(days=1),
    )
    assert selectors.seats_of(person.pk) == []


def test_a_substitute_sits_in_the_same_organisation(people: People) -> None:
    seat, other = _seat("skola"), _seat("centrum")
    with pytest.raises(Refusal):
        services.set_substitute(people["samordnare"], public_id=seat.public_id, version=seat.version, substitute=other)


def test_closing_a_sign_in_ends_the_seats(people: People) -> None:
    person = Person.objects.get(email="atgardsansvarig@exempel.test")
    services.deactivate(people["samordnare"], public_id=person.public_id, version=person.version)
    person.refresh_from_db()
    assert not person.is_active and selectors.seats_of(person.pk) == []


def test_one_does_not_close_ones_own_sign_in(people: People) -> None:
    person = Person.objects.get(pk=people["administrator"].person_id)
    with pytest.raises(Refusal):
        services.deactivate(people["administrator"], public_id=person.public_id, version=person.version)


def test_a_coordinator_does_not_close_the_administrator(people: People) -> None:
    person = Person.objects.get(pk=people["administrator"].person_id)
    with pytest.raises(Refused):
        services.deactivate(people["samordnare"], public_id=person.public_id, version=person.version)
    assert Person.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "samordnare@exempel.test", "SAMORDNARE@exempel.test"])
def test_addresses_are_addresses_and_used_once(people: People, email: str) -> None:
    with pytest.raises(Refusal) as refusal:
        services.create_person(SYSTEM, email=email, name="X")
    assert refusal.value.field == "email"


def test_people_are_found_by_every_word_and_sorted_as_swedish_sorts(people: People) -> None:
    for number, name in enumerate(("Ärla", "Ångström", "Zäta", "Östen")):
        services.create_person(SYSTEM, email=f"p{number}@exempel.test", name=name)
    names = [row.name for row in selectors.people(people["samordnare"])]
    assert [name for name in names if name in {"Ärla", "Ångström", "Zäta", "Östen"}] == [
        "Zäta",
        "Ångström",
        "Ärla",
        "Östen",
    ]
    assert [row.name for row in selectors.people(people["samordnare"], text="kfast ersättare")] == [
        "Ersättare på bostadsbolaget"
    ]
    assert not selectors.people(people["samordnare"], text="kfast skolan").exists()


def test_the_list_of_people_costs_two_queries(people: People, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(2):
        assert all(row.held is not None for row in selectors.people(people["samordnare"])[:50])


def test_the_search_box_shows_people_only_to_those_who_may(people: People) -> None:
    assert [hit.title for hit in selectors.search(people["administrator"], "kfast")][-1] == "Kfast"
    assert selectors.search(people["bostadsbolag"], "kfast") == []


def test_an_unknown_seat_is_not_found(people: People) -> None:
    with pytest.raises(Membership.DoesNotExist):
        services.end_seat(people["samordnare"], public_id=uuid4(), version=1)
