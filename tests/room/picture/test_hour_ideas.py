"""The thoughts stand beside the hours, in the picture and among the patterns, and never where small counts are hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from samverkan.domain.picture.insight import finding
from samverkan.foundation.access import Actor

from .conftest import LAST, Town

pytestmark = pytest.mark.django_db
WORDS = "Åtgärder att fundera på för de timmar som sticker ut"


def test_they_stand_beside_the_hours(
    town: Town, coordinator: Actor, partner: Actor, client_for: Callable[[Actor], Client]
) -> None:
    town.add(LAST, 45, weekday=4, hour=23, area=town.areas[0])
    asked = {"from": str(LAST), "to": str(LAST)}
    page = client_for(coordinator).get("/lagesbild/", asked).content.decode().replace("\xa0", " ")
    assert WORDS in page and "nattvandrare" in page and "vad som görs bestämmer människor" in page
    assert "Fredags- och lördagsnätter kl. 22–04: 45 av 45" in page
    for answer in (
        client_for(partner).get("/lagesbild/"),
        client_for(coordinator).get("/lagesbild/", {**asked, "som": "partner"}),
    ):
        assert answer.status_code == 200 and WORDS not in answer.content.decode()


def test_nothing_is_said_when_nothing_stands_out(
    town: Town, coordinator: Actor, client_for: Callable[[Actor], Client]
) -> None:
    for day in range(7):
        for hour in range(0, 24, 3):
            town.add(LAST, 1, weekday=day, hour=hour)
    page = client_for(coordinator).get("/lagesbild/", {"from": str(LAST), "to": str(LAST)}).content.decode()
    assert "picture-hours" in page and WORDS not in page


def test_they_stand_among_the_patterns(town: Town, coordinator: Actor, client_for: Callable[[Actor], Client]) -> None:
    town.add(LAST.plus(-3), 45, weekday=5, hour=1, area=town.areas[0])
    client = client_for(coordinator)
    assert WORDS not in client.get("/lagesbild/monster/").content.decode()
    finding.find()
    page = client.get("/lagesbild/monster/").content.decode()
    assert "picture-hours" in page and WORDS in page
