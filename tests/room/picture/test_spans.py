"""Hours of what is known only as a span of time: spread in the picture, said on the page, never for whom counts are hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client

from samverkan.analysis import rhythm
from samverkan.domain.incidents.api import Incident
from samverkan.domain.picture import exports, facts
from samverkan.domain.picture.asking import ask
from samverkan.domain.picture.filters import parse
from samverkan.domain.picture.presentation import Page
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Actor
from tests.harness.seen import flat

from .conftest import LAST, Town

pytestmark = pytest.mark.django_db
ASKED = {"from": str(LAST), "to": str(LAST)}


def _span(town: Town, hours: float, *, weekday: int = 4, hour: int = 22, **fields: Any) -> None:
    start = datetime.combine(LAST.monday + timedelta(days=weekday), datetime.min.time(), clock.STOCKHOLM) + timedelta(
        hours=hour
    )
    town.add(
        LAST, 1, weekday=weekday, hour=hour, time_precision="span", ended_at=start + timedelta(hours=hours), **fields
    )


def test_whole_numbers_when_all_are_exact(town: Town) -> None:
    town.add(LAST, 3, hour=14)
    town.add(LAST, 2, time_precision="day", hour=0)
    found = ask(SYSTEM, parse(ASKED)).summary()
    assert found.spread == 0 and found.hours is not None
    assert all(isinstance(n, int) for row in found.hours for n in row)
    assert "Beräknad" not in Page(ask(SYSTEM, parse(ASKED))).hours.description  # type: ignore[union-attr]


def test_a_span_is_spread_over_its_hours_as_the_library_does(town: Town) -> None:
    town.add(LAST, 3, hour=14)
    town.add(LAST, 2, time_precision="day", hour=0)
    _span(town, 8.5)
    _span(town, 0.75, hour=9)
    _span(town, 169)
    town.add(LAST, 1, time_precision="span", ended_at=None)
    found = ask(SYSTEM, parse(ASKED)).summary()
    table = np.array(found.hours)
    rows = Incident.objects.filter(time_precision="span", ended_at__isnull=False).order_by("pk")[:2]
    instants = [
        np.array([np.datetime64(int(getattr(i, name).timestamp()), "s") for i in rows])
        for name in ("started_at", "ended_at")
    ]
    wanted = rhythm.aoristic(*instants, zone="Europe/Stockholm").weights
    wanted[0, 14] += 3
    assert np.allclose(table[:, :24], wanted, atol=1e-5)
    assert found.spread == 2
    assert table[:, 24].sum() == 4, "day only, a week or longer, and a span without an end have no known hour"
    assert table.sum() == pytest.approx(found.total)


def test_filters_choose_among_the_spans_too(town: Town) -> None:
    _span(town, 4, category=town.subs[0])
    _span(town, 4, category=town.subs[4])
    _span(town, 4, weekday=1)
    assert ask(SYSTEM, parse({**ASKED, "category": "s4"})).summary().spread == 1
    part = ask(
        SYSTEM, parse({"from": LAST.monday.isoformat(), "to": (LAST.monday + timedelta(days=2)).isoformat()})
    ).summary()
    assert (part.total, part.spread) == (1, 1) and np.array(part.hours).sum() == pytest.approx(1)


def test_a_week_that_changes_is_read_with_its_spans(town: Town) -> None:
    _span(town, 4)
    town.add(LAST.plus(-1), 5)
    assert ask(SYSTEM, parse({})).summary().spread == 1
    town.add(LAST.plus(-1), 1)
    town.add(LAST.plus(-2), 2)
    again = ask(SYSTEM, parse({})).summary()
    assert (again.total, again.spread) == (9, 1)
    assert facts.current().spans[:, 0].tolist() == [8], "the last row of all: the weeks before it grew"
    facts.forget()
    assert np.allclose(np.array(ask(SYSTEM, parse({})).summary().hours), np.array(again.hours))


def test_the_page_its_table_and_the_file_say_the_same(
    town: Town, coordinator: Actor, client_for: Callable[[Actor], Client]
) -> None:
    town.add(LAST, 6, weekday=4, hour=23)
    _span(town, 4)
    answer = client_for(coordinator).get("/lagesbild/", ASKED)
    page = flat(answer.content.decode()).replace("\xa0", " ")
    assert "Beräknad tid: 1 rapport är känd bara som ett tidsspann." in page
    assert "en trolig rytm, inte exakta klockslag" in page
    assert '<td class="num">6,3</td>' in page or ">6,3<" in page
    content = exports.content_of(ask(coordinator, parse(ASKED)), incidents=False)
    cells = {str(row[1]): row[2] for row in content.rows if row[0] == "Timme i veckan"}
    assert 6.25 in cells.values() and 0.25 in cells.values()
    assert any("Beräknad tid" in value for value in content.about.values())


def test_who_sees_small_counts_hidden_keeps_whole_numbers(town: Town, partner: Actor) -> None:
    town.add(LAST, 40, hour=14)
    for _n in range(9):
        _span(town, 10)
    period = {"from": str(LAST.plus(-20)), "to": str(LAST)}
    with_spans = ask(partner, parse({})).summary()
    assert with_spans.spread == 0 and with_spans.hours is not None
    assert all(v is None or isinstance(v, int) for row in with_spans.hours for v in row), period
