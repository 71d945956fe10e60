"""A background map is off until it is set; then images, and nothing else, may come from its host."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from samverkan.foundation.access import Actor

from .conftest import LAST, Town

pytestmark = pytest.mark.django_db
_HOST = re.compile(r"https?://[^\s;\"'<>]+")


def _policy(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def _page(town: Town, coordinator: Actor, client_for: Callable[[Actor], Client]) -> Any:
    town.add(LAST, 3, area=town.areas[0], x=585500.0, y=6580500.0)
    return client_for(coordinator).get("/lagesbild/", {"from": str(LAST), "to": str(LAST)})


def test_no_other_host_is_named_when_none_is_set(
    town: Town, coordinator: Actor, client_for: Callable[[Actor], Client]
) -> None:
    answer = _page(town, coordinator, client_for)
    assert "data-map" in answer.content.decode() and "data-tiles" not in answer.content.decode()
    assert _HOST.findall(answer["Content-Security-Policy"]) == []
    sources = {source for sources in _policy(answer).values() for source in sources}
    assert sources == {"'self'", "'none'", "data:", "blob:"}


def test_the_map_gets_its_tiles_and_the_policy_just_their_host(
    town: Town, coordinator: Actor, client_for: Callable[[Actor], Client], settings: Any
) -> None:
    settings.MAP_TILES = "https://kartor.example.se/{z}/{x}/{y}.png"
    settings.MAP_TILES_ATTRIBUTION = "© Exempelby <kommun>"
    settings.MAP_TILES_HOST = "https://kartor.example.se"
    answer = _page(town, coordinator, client_for)
    page = answer.content.decode()
    assert 'data-tiles="https://kartor.example.se/{z}/{x}/{y}.png"' in page
    assert 'data-attribution="© Exempelby &lt;kommun&gt;"' in page
    policy = _policy(answer)
    assert policy["img-src"] == ["'self'", "data:", "blob:", "https://kartor.example.se"]
    assert [name for name, sources in policy.items() if "https://kartor.example.se" in sources] == ["img-src"]
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert drawings and not any("kartor.example.se" in drawing for drawing in drawings), (
        "the server draws without tiles"
    )
