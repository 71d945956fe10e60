"""The demonstration's places and people, without its years of incidents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting import services
from samverkan.domain.incidents.api import Category, ensure_standard
from samverkan.domain.places import demo as ground
from samverkan.domain.places.api import Place
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo as people

TODAY = date(2026, 11, 25)  # a Wednesday, week 48


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SAMVERKAN_TODAY", TODAY.isoformat())
    yield


@pytest.fixture
def world(cast: Any) -> Any:
    """The cast in a town with places and categories."""
    ensure_standard()
    ground.load(people.Context(today=TODAY, cast=dict(cast)))
    return cast


@pytest.fixture
def seen(world: Any) -> Callable[..., services.Seen]:
    """What somebody saw at a square, an hour ago."""

    def make(category: str = "klotter", place: str | None = "Lindtorget", **fields: Any) -> services.Seen:
        values: dict[str, Any] = {
            "category": Category.objects.get(code=category),
            "started_at": clock.now() - timedelta(hours=1),
            "text": "Nytt klotter på fasaden.",
            "place": Place.objects.select_related("area").get(name=place) if place else None,
        }
        return services.Seen(**{**values, **fields})

    return make


@pytest.fixture
def sent(world: Any, seen: Callable[..., services.Seen]) -> Callable[..., Report]:
    """A report sent by one of the cast."""

    def make(actor: Actor | str = "skola", **fields: Any) -> Report:
        who = world[actor] if isinstance(actor, str) else actor
        return services.submit(who, seen=seen(**fields))

    return make
