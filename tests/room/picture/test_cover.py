"""The week and the picture count every municipality, or by a dated setting only the home one; what is locked stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.week import services
from samverkan.domain.picture import dimensions, selectors
from samverkan.domain.picture.api import Filter, Page, ask, covering
from samverkan.domain.picture.filters import parse
from samverkan.domain.places.api import Municipality
from samverkan.foundation import municipality
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from tests.harness.weeks import printed, seen_by

from .conftest import LAST, Town

HOME, ELSEWHERE, AREA_ONLY, UNKNOWN = 12, 30, 7, 5
WEEK = Filter(first=LAST.monday, last=LAST.sunday)


@pytest.fixture
def country(town: Town) -> Town:
    """A town in a country: reports of its own, of another municipality, of an area, and of nobody knows where."""
    town.home.name = "Eskilstuna kommun"
    town.home.save()
    town.add(LAST, HOME)
    town.add(LAST, ELSEWHERE, municipality=Municipality.objects.get_or_create(name="Malmö")[0])
    town.add(LAST, AREA_ONLY, municipality=None, area=town.areas[0])
    town.add(LAST, UNKNOWN, municipality=None)
    return town


@pytest.fixture
def only_home(country: Town, coordinator: Actor) -> Town:
    municipality.put(coordinator, key="picture.cover", value="home", decision="Påhittat beslut")
    return country


def test_every_municipality_is_counted_unless_the_municipality_decides_otherwise(
    country: Town, coordinator: Actor
) -> None:
    assert covering(WEEK) == WEEK
    page = Page(ask(coordinator, covering(WEEK)))
    assert (page.summary.total, page.not_covered, page.cover_words) == (HOME + ELSEWHERE + AREA_ONLY + UNKNOWN, 0, "")


def test_only_the_home_municipality_and_what_lies_in_its_areas_is_counted(only_home: Town, coordinator: Actor) -> None:
    filter_ = covering(WEEK)
    assert filter_.cover == "home"
    page = Page(ask(coordinator, filter_))
    assert (page.summary.total, page.not_covered) == (HOME + AREA_ONLY, ELSEWHERE + UNKNOWN)
    assert "35 rapporter från andra kommuner är inte medräknade." in page.cover_words
    assert page.elsewhere == 0 and {c.name for c in page.summary.by["municipality"] or ()} == {
        "Eskilstuna",
        dimensions.load().municipality.groups[0].name,
    }
    assert ask(coordinator, parse_query(page.every_query)).summary().total == HOME + ELSEWHERE + AREA_ONLY + UNKNOWN
    assert selectors.incidents(coordinator, filter_, dimensions.load()).count() == HOME + AREA_ONLY, (
        "the list is of what is counted"
    )


def parse_query(query: str) -> Filter:
    from urllib.parse import parse_qs

    return parse(parse_qs(query))


def test_asking_by_name_is_an_answer_of_its_own(only_home: Town, coordinator: Actor) -> None:
    asked = replace(WEEK, municipalities=("Malmö",))
    assert covering(asked) == asked
    assert ask(coordinator, covering(asked)).summary().total == ELSEWHERE


def test_programs_and_commands_count_all_unless_asked(only_home: Town, coordinator: Actor) -> None:
    assert ask(SYSTEM, WEEK).summary().total == HOME + ELSEWHERE + AREA_ONLY + UNKNOWN
    assert ask(coordinator, WEEK).summary().total == HOME + ELSEWHERE + AREA_ONLY + UNKNOWN
    assert ask(SYSTEM, replace(WEEK, municipalities=("Eskilstuna",))).summary().total == HOME
    with pytest.raises(Refusal):
        parse({"cover": "everything"})


def test_who_sees_small_counts_hidden_has_one_ground_only(only_home: Town, coordinator: Actor, partner: Actor) -> None:
    last = replace(WEEK)
    for asked in (last, replace(last, cover="home")):
        found = ask(partner, asked)
        assert found.home is not None and found.filter.cover == "home"
        assert found.not_covered() is None, "how many are left out is a count of elsewhere"
        assert "35" not in Page(found).cover_words
    with pytest.raises(Refusal) as refused:
        ask(partner, replace(last, cover="all"))
    assert refused.value.code == "suppressed"
    nearest = ask(partner, replace(last, cover="all"), nearest=True)
    assert nearest.filter.cover == "home" and any(
        "går inte att välja" in str(n) or "cannot be chosen" in str(n) for n in nearest.notes
    )


def test_where_all_are_counted_a_partner_cannot_ask_for_the_home_municipality_alone(
    country: Town, partner: Actor
) -> None:
    with pytest.raises(Refusal):
        ask(partner, replace(WEEK, cover="home"))
    assert ask(partner, replace(WEEK, cover="all")).home is None


def test_the_page_says_how_many_are_left_out_and_leads_to_them(
    only_home: Town, coordinator: Actor, partner: Actor, client_for: Callable[..., Client]
) -> None:
    asked = f"from={LAST}&to={LAST}"
    client = client_for(coordinator)
    page = client.get(f"/lagesbild/?{asked}").content.decode().replace("\xa0", " ")
    assert "Bara rapporter från Eskilstuna är medräknade. 35 rapporter från andra kommuner är inte medräknade." in page
    assert "cover=all" in page and "19 rapporter" in page
    every = client.get(f"/lagesbild/?{asked}&cover=all").content.decode().replace("\xa0", " ")
    assert "54 rapporter" in every and "är inte medräknade" not in every
    assert client.get(f"/lagesbild/lista/?{asked}").context["page"].paginator.count == 19
    theirs = client_for(partner).get(f"/lagesbild/?{asked}").content.decode()
    monday = client_for(coordinator).get("/mandag/").content.decode().replace("\xa0", " ")
    assert "35 rapporter från andra kommuner är inte medräknade." in monday
    assert "Bara rapporter från Eskilstuna är medräknade." in theirs and "är inte medräknade" not in theirs


def test_a_week_counts_what_the_setting_says_the_day_it_is_locked(country: Town, coordinator: Actor) -> None:
    row = services.open_week(SYSTEM, week=LAST)
    before = services.freeze(coordinator, week=row, version=row.version)
    everything = HOME + ELSEWHERE + AREA_ONLY + UNKNOWN
    assert before.content["figures"]["total"] == everything and before.content["figures"]["cover"] == ""
    municipality.put(coordinator, key="picture.cover", value="home", decision="Påhittat beslut")
    before.refresh_from_db()
    assert before.content["figures"]["total"] == everything
    row.refresh_from_db()
    again = services.freeze(coordinator, week=row, version=row.version, corrects="Bara den egna kommunen.")
    figures: dict[str, Any] = again.content["figures"]
    assert (
        figures["total"] == HOME + AREA_ONLY and "35 rapporter" in figures["cover"] and "cover=all" in figures["every"]
    )
    assert (
        again.content["partners"]["total"] in (HOME + AREA_ONLY, None)
        and "35" not in again.content["partners"]["cover"]
    )
    shown = {**again.content, "sha256": again.sha256, "frozen_at": again.frozen_at.isoformat()}
    assert "35 rapporter från andra kommuner är inte medräknade." in printed(shown, "html").decode().replace(
        "\xa0", " "
    )
    assert seen_by(coordinator, again.content)["figures"]["total"] == HOME + AREA_ONLY
    assert Week.parse(again.content["week"]) == LAST


def test_the_filter_is_written_in_the_address_and_read_back() -> None:
    for cover in ("", "home", "all"):
        asked = replace(WEEK, cover=cover)
        assert parse_query(asked.query()) == asked
