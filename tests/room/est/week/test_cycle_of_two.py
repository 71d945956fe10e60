"""A cycle of two weeks: patterns are compared with the cycle before, and looked for as seldom as it is."""

from __future__ import annotations

from typing import Any

import pytest

from samverkan.domain.est.models import AlarmRun, EstWeek
from samverkan.domain.est.week import alarms
from samverkan.foundation import municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.services import home
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db

LAST = Week(2026, 40)


def _run(week: Week, x: float) -> AlarmRun:
    cluster = {
        "centre": [x, 6_580_000.0],
        "radius_m": 200.0,
        "start": 20_700,
        "end": 20_713,
        "observed": 9,
        "expected": 2.0,
        "recurrence_weeks": 60.0,
        "where": "Provtorget",
        "category_ids": [],
        "new_count": 4,
        "step": 3,
    }
    method = {"replicates": 999, "seed": 1, "events": 100, "places": 20, "first_day": 20_000, "last_day": 20_713}
    return AlarmRun.objects.create(
        controller=home(), week=week.index, enough=True, result={"clusters": [cluster], "notes": [], **method}
    )


@pytest.mark.parametrize(("x", "new"), [(585_100.0, False), (590_000.0, True)])
def test_what_was_there_in_the_cycle_before_is_not_new(x: float, new: bool) -> None:
    _run(LAST.plus(-2), 585_000.0)
    _run(LAST, x)
    assert [p.new for p in alarms.shown(LAST, 2).patterns] == [new]


def test_how_seldom_is_counted_by_how_often_one_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def answer(module: str, question: dict[str, Any], **_options: Any) -> dict[str, Any]:
        asked.append(question)
        return {"clusters": [], "notes": [], "enough": False}

    monkeypatch.setattr(alarms.isolated, "ask", answer)
    monkeypatch.setattr(alarms, "FEWEST", 0)
    EstWeek.objects.create(controller=home(), first=LAST.index - 1, weeks=2)
    alarms.search(SYSTEM, last=LAST)
    # A week that no row is there for has the length that is decided.
    alarms.search(SYSTEM, last=LAST.plus(1))
    municipality.put(SYSTEM, key="est.cycle_weeks", value=2)
    alarms.search(SYSTEM, last=LAST.plus(2))
    assert [q["every_days"] for q in asked] == [14, 7, 14]
