"""The prepared figures are those of the incidents, whatever changes and whoever asks."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.domain.incidents.api import Incident
from samverkan.domain.picture import dimensions, facts
from samverkan.domain.picture.api import Page, Verdict, ask
from samverkan.domain.picture.filters import parse
from samverkan.domain.picture.models import FactSegment
from samverkan.domain.picture.selectors import incidents
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.geo import coarser
from samverkan.foundation.weeks import Week

from .conftest import LAST, Town

QUESTIONS: list[dict[str, Any]] = [
    {},
    {"from": "2026-W30", "to": "2026-W47"},
    {"from": "2026-09-02", "to": "2026-11-12"},
    {"from": "2026-11-10", "to": "2026-11-12"},
    {"category": ["m0"]},
    {"category": ["Bråk"], "area": ["centrum", "norr"]},
    {"area": ["unknown"]},
    {"source": ["faults"], "kind": ["event"], "municipality": ["eskilstuna"]},
    {"precision": ["point"], "from": "2025-W01"},
    {"text": "torget"},
    {"seriousness": ["2", "3"], "area": ["söder"], "from": "2025-W01", "to": "2026-W20"},
]


def _by_hand(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same counts, one incident at a time."""
    found = list(incidents(SYSTEM, parse(parameters), dimensions.load()))
    assert not any(i.is_digest for i in found)
    hours: Counter[tuple[int, int]] = Counter()
    for i in found:
        at = clock.local(i.started_at)
        hours[at.weekday(), at.hour if i.time_precision == "minute" else 24] += 1
    return {
        "total": len(found),
        "category": Counter(i.category.name_sv for i in found),
        "area": Counter(i.area.name if i.area else "unknown" for i in found),
        "source": Counter(i.source.name for i in found),
        "week": Counter(str(Week.containing(i.started_at)) for i in found),
        "hour": hours,
        "hexagon": Counter(i.hexagon for i in found if i.hexagon is not None),
        "hexagon600": Counter(int(coarser([i.hexagon])[0]) for i in found if i.hexagon is not None),
        "municipality_only": sum(i.precision == "municipality" for i in found),
    }


def _nonzero(counts: dict[str, int | None]) -> dict[str, int | None]:
    return {key: value for key, value in counts.items() if value}


@pytest.mark.parametrize("parameters", QUESTIONS, ids=lambda p: "&".join(p) or "all")
def test_counts_are_those_of_the_incidents(town: Town, parameters: dict[str, Any]) -> None:
    town.fill(1500)
    hand = _by_hand(parameters)
    found = ask(SYSTEM, parse(parameters)).summary()
    answer = found.as_json()
    assert hand["total"] > 0
    assert answer["total"] == hand["total"]
    for name in ("category", "area", "source", "week"):
        assert _nonzero(answer["by"][name]) == hand[name]
    assert {(d, h): n for d, row in enumerate(found.hours) for h, n in enumerate(row) if n} == hand["hour"]
    assert found.hexagons == hand["hexagon"]
    assert ask(SYSTEM, parse(parameters)).summary(("hexagon",), across=600).hexagons == hand["hexagon600"]
    assert found.municipality_only == hand["municipality_only"]
    assert sum(answer["by"]["kind"].values()) == hand["total"]


def test_the_list_by_hand_is_itself_right(town: Town) -> None:
    town.add(LAST, 2, area=town.areas[0], weekday=2)
    town.add(LAST, 3, area=town.areas[1], weekday=5, category=town.subs[3])
    town.add(LAST.plus(-1), 1, is_digest=True)
    assert incidents(SYSTEM, parse({"from": "2026-11-18", "to": "2026-11-18"}), dimensions.load()).count() == 2
    assert incidents(SYSTEM, parse({"category": "m1"}), dimensions.load()).count() == 3
    assert incidents(SYSTEM, parse({}), dimensions.load()).count() == 5


def test_only_weeks_that_changed_are_made_anew(town: Town) -> None:
    town.fill(300, weeks=20)
    assert ask(SYSTEM, parse({})).summary().total == Incident.objects.filter(is_digest=False).count()
    made = dict(FactSegment.objects.values_list("week", "change"))
    town.add(LAST, 4)
    with CaptureQueriesContext(connection) as queries:
        total = ask(SYSTEM, parse({})).summary().total
    assert total == Incident.objects.filter(is_digest=False).count()
    changed = {w for w, c in FactSegment.objects.values_list("week", "change") if made.get(w) != c}
    assert changed == {LAST.index}
    read = [q["sql"] for q in queries if 'FROM "picture_factsegment"' in q["sql"]]
    assert len(read) == 1 and str(LAST.index) in read[0]


def test_a_second_question_reads_no_figures(town: Town) -> None:
    town.fill(200, weeks=10)
    facts.current()
    with CaptureQueriesContext(connection) as queries:
        facts.current()
    assert len(queries) == 1


def test_an_emptied_week_counts_nothing(town: Town) -> None:
    town.add(LAST, 4)
    assert ask(SYSTEM, parse({})).summary().total == 4
    Incident.objects.all().delete()
    town.touch(LAST)
    assert ask(SYSTEM, parse({})).summary().total == 0


def test_a_change_that_comes_late_with_a_lower_number_is_seen(town: Town) -> None:
    """Numbers are taken before transactions end, so a lower one may be committed after a higher one."""
    town.add(LAST, 1)
    town.add(LAST.plus(-1), 1)
    assert ask(SYSTEM, parse({})).summary().total == 2
    town.add(LAST.plus(-1), 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_weekchange SET change = 0 WHERE week = %s", [LAST.plus(-1).index])
    assert ask(SYSTEM, parse({})).summary().total == 3


def test_segments_hold_after_the_process_forgets(town: Town) -> None:
    town.fill(300, weeks=20)
    before = ask(SYSTEM, parse({})).summary()
    facts.forget()
    assert facts.refresh() == 0
    assert ask(SYSTEM, parse({})).summary() == before


def test_the_hour_is_stockholms_and_a_span_is_spread_over_its_hours(town: Town) -> None:
    from datetime import UTC, datetime, timedelta

    # 00.30 on Monday 16 November in Stockholm is Sunday evening in UTC.
    town.add(LAST, 1, started_at=datetime(2026, 11, 15, 23, 30, tzinfo=UTC))
    start = datetime(2026, 11, 18, 7, tzinfo=UTC)
    town.add(LAST, 1, started_at=start, ended_at=start + timedelta(hours=9), time_precision="span")
    town.add(LAST, 1, started_at=start, ended_at=start + timedelta(minutes=30), time_precision="span")
    hours = ask(SYSTEM, parse({})).summary(("hour",)).hours
    assert hours is not None
    assert (hours[0][0], hours[2][24]) == (1, 0)
    # Half an hour within the ninth, and a ninth of the nine hours from there on.
    assert hours[2][8:17] == [pytest.approx(1 + 1 / 9, abs=1e-5), *[pytest.approx(1 / 9, abs=1e-5)] * 8]


def test_only_chosen_areas_are_listed(town: Town) -> None:
    town.add(LAST, 2, area=town.areas[0])
    town.add(LAST, 3, area=town.areas[1])
    found = ask(SYSTEM, parse({"area": ["norr"], "category": ["m0"]})).summary().as_json()["by"]
    assert found["area"] == {"Norr": 3}
    assert found["category"] == {"Klotter": 3}


def test_comparison_with_the_same_weeks(town: Town) -> None:
    for year, count in ((2023, 10), (2024, 12), (2025, 14)):
        for n in range(40, 52):
            town.add(Week(year, n), count, area=town.areas[0])
    town.add(Week(2023, 1), 1)
    town.add(LAST, 30, area=town.areas[0])
    picture = ask(SYSTEM, parse({"from": "2026-W47", "to": "2026-W47"}))
    usual = picture.usual_total()
    assert usual is not None and (usual.low, usual.middle, usual.high) == (10, 12, 14)
    assert picture.usual_by("area")["centrum"] == usual
    assert picture.last_year() == 14
    week, count, ordinary = picture.series(LAST, LAST)[0]
    assert (week, count, ordinary) == (LAST, 30, usual)
    chosen = ask(SYSTEM, parse({"from": "2026-W47", "to": "2026-W47", "base": "2025"}))
    assert chosen.usual_total() is not None and chosen.usual_total().middle == 14


@pytest.mark.parametrize(("count", "said"), [(3, Verdict.UNKNOWN), (12, Verdict.UNKNOWN), (40, Verdict.MORE)])
def test_of_a_week_that_goes_on_only_more_is_said(town: Town, count: int, said: Verdict) -> None:
    for year in (2023, 2024, 2025):
        for n in range(40, 52):
            town.add(Week(year, n), 12, area=town.areas[0])
    now = LAST.plus(1)
    assert now == Week.current()
    for week in (LAST, now):
        town.add(week, count, area=town.areas[0])
    going_on = Page(ask(SYSTEM, parse({"from": str(now), "to": str(now)})))
    assert going_on.usual is not None and going_on.verdict is said
    assert [row.verdict for row in going_on.area_rows() or () if row.key == "centrum"] == [said]
    over = Page(ask(SYSTEM, parse({"from": str(LAST), "to": str(LAST)})))
    assert over.verdict is {3: Verdict.FEWER, 12: Verdict.AS_USUAL, 40: Verdict.MORE}[count]


def test_who_has_begun_to_report_is_no_increase(town: Town) -> None:
    for year in (2023, 2024, 2025):
        for n in range(40, 52):
            town.add(Week(year, n), 12, area=town.areas[0])
    town.add(LAST, 12, area=town.areas[0])
    town.add(LAST, 28, area=town.areas[0], source=town.sources[1])
    found = Page(ask(SYSTEM, parse({"from": str(LAST), "to": str(LAST)})))
    assert found.summary.total == 40 and found.verdict is Verdict.NEW_SOURCE
    assert [row.verdict for row in found.area_rows() or () if row.key == "centrum"] == [Verdict.NEW_SOURCE]
    name = town.sources[1].name
    assert found.new_sources.startswith(name) and name in found.lead
    # More from those who reported before is more, whoever else has begun.
    town.add(LAST, 30, area=town.areas[0])
    assert Page(ask(SYSTEM, parse({"from": str(LAST), "to": str(LAST)}))).verdict is Verdict.MORE
