"""What the search box finds: incidents, weeks, decisions, pages, whatever the letters' case and marks."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from samverkan.domain.est.models import Decision, EstWeek, Priority
from samverkan.domain.picture.finding import DAYS
from samverkan.domain.places.models import Place
from samverkan.foundation.access import Actor
from samverkan.foundation.postgres.functions import holding
from samverkan.foundation.search import search
from samverkan.foundation.text import MARKED, holds, plain
from samverkan.foundation.weeks import Week

from .conftest import LAST, TODAY, Town

Maker = Callable[..., Actor]


def found(actor: Actor, text: str) -> dict[str, list[str]]:
    return {part.kind: [hit.title for hit in part.hits] for part in search(actor, text)}


def make_place(town: Town, name: str) -> Place:
    return Place.objects.create(controller=town.home, name=name, x=585000.0, y=6582000.0)


def test_a_letter_without_its_mark_finds_it_with_and_a_marked_one_only_itself(town: Town, coordinator: Actor) -> None:
    for name in ("Åtorget", "Atorget", "ATORGET 2", "Torget"):
        make_place(town, name)
    assert set(found(coordinator, "atorget")["place"]) == {"Åtorget", "Atorget", "ATORGET 2"}
    assert found(coordinator, "åTORGET")["place"] == ["Åtorget"]


def test_the_database_and_python_fold_alike(town: Town) -> None:
    dice, place = random.Random(11), make_place(town, "x")
    letters = MARKED + MARKED.upper() + "abcEFGxyz12%_\\"
    agreed = {True: 0, False: 0}
    for _n in range(300):
        value = "".join(dice.choices(letters, k=dice.randint(1, 8)))
        start = dice.randrange(len(value))
        wanted = value[start : start + dice.randint(1, 4)]
        wanted = dice.choice([wanted, plain(wanted), wanted.upper(), wanted[::-1]])
        Place.objects.filter(pk=place.pk).update(name=value)
        answer = Place.objects.filter(holding(wanted, "name")).exists()
        assert answer == holds(wanted, value), (wanted, value)
        agreed[answer] += 1
    assert min(agreed.values()) > 20


def test_incidents_are_found_by_any_of_their_words_and_by_number_the_latest_first(
    town: Town, coordinator: Actor
) -> None:
    place = make_place(town, "Bryggtorget")
    town.add(LAST, title="Äldre brand i container", weekday=1)
    [named] = town.add(LAST, title="Brand", description="Rök över hela gården", place=place, weekday=3)
    town.add(LAST, title="Brand i bil", weekday=2)
    town.add(LAST, title="", external_id="AB-2026/117")
    assert found(coordinator, "BRAND")["incident"] == ["Brand", "Brand i bil", "Äldre brand i container"]
    assert found(coordinator, "brand bryggtorget")["incident"] == ["Brand"]
    assert found(coordinator, "rok garden")["incident"] == ["Brand"]
    assert found(coordinator, "ab-2026/117")["incident"] == ["Klotter"]
    [hit] = [h for part in search(coordinator, "gården") if part.kind == "incident" for h in part.hits]
    assert hit.url == f"/lagesbild/handelse/{named.public_id}/" and "Bryggtorget" in hit.detail
    assert "incident" not in found(coordinator, "brand galaxen")


def test_only_the_latest_incidents_are_looked_through(town: Town, coordinator: Actor) -> None:
    inside, outside = TODAY - timedelta(days=DAYS - 3), TODAY - timedelta(days=DAYS + 3)
    town.add(Week.of(inside), title="Skylt innanför", weekday=inside.weekday())
    town.add(Week.of(outside), title="Skylt utanför", weekday=outside.weekday())
    assert found(coordinator, "skylt")["incident"] == ["Skylt innanför"]


def test_a_partner_finds_its_own_organisations_incidents_only(town: Town, partner: Actor, make_actor: Maker) -> None:
    town.add(LAST, title="Brand hos grannen")
    town.add(LAST, title="Brand hos oss", organisation_id=partner.organisation_id)
    assert found(partner, "brand").get("incident") == ["Brand hos oss"]
    assert "incident" not in found(make_actor("administrator"), "brand")


def test_weeks_are_found_as_people_write_them(town: Town, coordinator: Actor, partner: Actor) -> None:
    for week in (Week.parse("2025-W46"), Week.parse("2026-W46"), LAST):
        EstWeek.objects.create(first=week.index, controller=town.home)
    for text in ("vecka 46", "v. 46", "v46", "46", "W46"):
        assert [hit.url for part in search(coordinator, text) if part.kind == "week" for hit in part.hits] == [
            "/veckan/2026-W46/",
            "/veckan/2025-W46/",
        ], text
    for text in ("vecka 46 2025", "2025-W46", "v 46, 2025"):
        assert len(found(coordinator, text)["week"]) == 1, text
    assert "week" not in found(coordinator, "vecka 45")
    assert "week" not in found(partner, "vecka 46"), "what is not locked is for who works with it"


def test_decisions_and_priorities_are_found_and_lead_to_their_week(
    town: Town, coordinator: Actor, partner: Actor
) -> None:
    week = EstWeek.objects.create(first=LAST.index, controller=town.home)
    words = {"text": "Samtal med fastighetsägaren om belysningen"}
    Decision.objects.create(controller=town.home, week=week, due_on=date(2026, 12, 1), **words)
    Priority.objects.create(controller=town.home, week=week, area=town.areas[0], why="Mörkt: belysningen är trasig")
    hits = [hit for part in search(coordinator, "belysning") if part.kind == "decision" for hit in part.hits]
    assert {hit.title for hit in hits} == {words["text"], "Mörkt: belysningen är trasig"}
    assert {hit.url for hit in hits} == {f"/veckan/{LAST}/"}
    assert "decision" not in found(partner, "belysning")


def test_pages_of_ones_own_rail_are_found_by_name(coordinator: Actor, partner: Actor, client_for: Any) -> None:
    assert "Kategorier" in found(coordinator, "kategor")["page"]
    assert "page" not in found(partner, "kategor")
    page = client_for(coordinator).get("/sok/", {"q": "lägesbild"}).content.decode()
    assert 'href="/lagesbild/"' in page.split("<main", 1)[1]
