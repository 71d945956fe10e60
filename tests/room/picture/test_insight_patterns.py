"""Patterns of the year: places that stand out, concentration and repetition nearby, found and told."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.domain.picture.insight import finding
from samverkan.domain.picture.models import Insight
from samverkan.domain.places.api import Place
from samverkan.foundation.access import Actor
from samverkan.foundation.people.services import home
from tests.harness.people import client_for

from .conftest import LAST, Town

MOST_QUERIES = 25
ADDRESS = "/lagesbild/monster/"


def _scatter(town: Town, count: int, seed: int = 3) -> None:
    dice = random.Random(seed)
    for _n in range(count):
        town.add(
            LAST.plus(-dice.randrange(50)),
            weekday=dice.randrange(7),
            x=585000 + dice.random() * 6000,
            y=6578000 + dice.random() * 6000,
            category=town.subs[1],
        )


@pytest.fixture
def gathered(town: Town) -> Town:
    """Reports everywhere, many at one square, and pairs of another kind near each other within the week."""
    dice = random.Random(5)
    _scatter(town, 120)
    square = Place.objects.create(
        controller=home(), name="Påhittade torget", kind="square", x=588000, y=6581000, is_invented=True
    )
    for _n in range(120):
        town.add(
            LAST.plus(-dice.randrange(50)),
            weekday=dice.randrange(7),
            x=square.x + dice.gauss(0, 200),
            y=square.y + dice.gauss(0, 200),
            category=town.subs[1],
        )
    for _n in range(45):
        week, day = LAST.plus(-dice.randrange(50)), dice.randrange(4)
        x, y = 585000 + dice.random() * 6000, 6578000 + dice.random() * 6000
        town.add(week, weekday=day, x=x, y=y, category=town.subs[2])
        town.add(week, weekday=day + dice.randrange(3), x=x + 30, y=y, category=town.subs[2])
    return town


def test_patterns_are_found_stored_and_told(gathered: Town, coordinator: Actor) -> None:
    finding.find()
    found = {row.kind: row.result for row in Insight.objects.filter(week=LAST.index)}
    assert set(found) == {"hotspots", "concentration", "near_repeat"}
    assert found["hotspots"]["spots"][0]["where"] == "Påhittade torget"
    half = found["concentration"]["shares"][1]
    assert half["share"] < half["chance_low"]
    tables = {t["code"]: t for t in found["near_repeat"]["tables"]}
    assert set(tables) == {"s1", "s2"}
    assert tables["s2"]["p_value_max"][0][0] == pytest.approx(0.001)
    assert tables["s2"]["observed"][0][0] >= 45

    client = client_for(coordinator)
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(ADDRESS).content.decode()
    assert len(queries) <= MOST_QUERIES
    assert "Påhittade torget" in page and "procent av platserna har hälften" in page
    assert "Bråk" in page and "Efter en rapport är det vanligare" in page and "inom 100 meter och 7 dagar" in page
    assert "organisationer har rapporterat" in page and "style=" not in page
    assert "brott" not in page.replace("anmälda brott", "").lower()
    for method in ("Mantel", "Jacquez", "PAI", "PEI", "RRI"):
        assert method not in page

    before = {row.kind: row.result for row in Insight.objects.all()}
    finding.find()
    assert {row.kind: row.result for row in Insight.objects.all()} == before and Insight.objects.count() == 3


def test_too_few_says_so(town: Town, coordinator: Actor) -> None:
    _scatter(town, 20)
    finding.find()
    page = client_for(coordinator).get(ADDRESS).content.decode()
    assert "För få händelser för att säga var de samlas" in page
    assert "För få händelser med känd plats" in page
    assert "Allmän forskning" in page


def test_without_a_search_nothing_is_claimed(town: Town, coordinator: Actor) -> None:
    page = client_for(coordinator).get(ADDRESS).content.decode()
    assert "Mönstren har inte sökts än" in page and "Det betyder inte att inget har hänt." in page
    finding.find(LAST.plus(-1))
    page = client_for(coordinator).get(ADDRESS).content.decode()
    assert "För få händelser" in page
    assert Insight.objects.get(kind="hotspots").week == LAST.plus(-1).index


def test_by_chance_alone_nothing_stands_out(town: Town, coordinator: Actor) -> None:
    _scatter(town, 200, seed=11)
    finding.find()
    found = Insight.objects.get(kind="near_repeat").result["tables"]
    assert [t["code"] for t in found] == ["s1"]
    page = client_for(coordinator).get(ADDRESS).content.decode()
    assert "Ingen upprepning i närheten som är starkare" in page and "Allmän forskning" in page
