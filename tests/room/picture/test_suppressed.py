"""What a partner is answered: hidden alike everywhere, and never less hidden by asking again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import translation

from samverkan.domain.incidents.api import Category
from samverkan.domain.picture.asking import ask
from samverkan.domain.picture.filters import parse
from samverkan.domain.picture.released import Released
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from tests.harness.people import client_for

from .conftest import LAST, Town

PERIOD = {"from": "2026-W44", "to": "2026-W47"}  # a fixed period


def test_small_counts_are_hidden_and_zero_is_not(town: Town, partner: Actor) -> None:
    first = Week.parse("2026-W44")
    for n in range(4):
        town.add(first.plus(n), 12, area=town.areas[0])
        town.add(first.plus(n), 7, area=town.areas[1])
        town.add(first.plus(n), 2, area=town.areas[2])
    assert first.index % 4 == 0
    whole = ask(partner, parse(PERIOD)).summary().as_json()
    assert whole["total"] == 84
    assert whole["by"]["area"] == {"Centrum": 48, "Norr": 28, "Öster": 8, "Söder": 0, "Väster": 0}
    one = ask(partner, parse({"from": "2026-W45", "to": "2026-W45"})).summary().as_json()
    assert one["total"] == 21
    assert one["by"]["area"] == {"Centrum": 12, "Norr": None, "Öster": None, "Söder": 0, "Väster": 0}
    part = ask(partner, parse({"from": "2026-W44", "to": "2026-W46"})).summary().as_json()
    assert part["by"]["area"]["Öster"] is None, "else the fourth week would be known"


def test_every_language_hides_the_same_and_so_does_a_new_name(town: Town, partner: Actor) -> None:
    """Of equal counts one is hidden with the small one. Were it another in English, both would be known together."""
    for n, english in enumerate(("Damage", "Order", "Traffic")):
        Category.objects.filter(pk=town.mains[n].pk).update(name_en=english)
    for n in range(4):
        for sub, count in ((0, 6), (2, 6), (4, 3)):
            town.add(LAST.plus(-n), count, category=town.subs[sub])

    def told() -> dict[tuple[str, str], tuple[int | None, int]]:
        asked = [parse({"from": str(LAST), "to": str(LAST)}), parse({}), parse({"category": "m0"})]
        found = [ask(partner, filter_).summary() for filter_ in asked]
        return {
            (str(number), row.key): (row.value, row.at_least)
            for number, one in enumerate(found)
            for row in one.by["category"] or ()
        }

    swedish = told()
    assert sorted(value is None for (number, _key), (value, _least) in swedish.items() if number == "0") == [0, 1, 1]
    with translation.override("en"):
        assert told() == swedish
    Category.objects.filter(pk=town.mains[1].pk).update(name_sv="Övrig ordning")
    assert told() == swedish


def test_two_categories_are_answered_whatever_order_their_names_have(town: Town, partner: Actor) -> None:
    for n in range(2):
        town.add(LAST, 9, category=town.subs[2 * n])
    names = ("Alfa", "Beta")
    for first, second in (names, names[::-1]):
        Category.objects.filter(pk=town.mains[0].pk).update(name_sv=first)
        Category.objects.filter(pk=town.mains[1].pk).update(name_sv=second)
        asked = parse({"from": str(LAST), "to": str(LAST), "category": ["m0", "m1"]})
        assert ask(partner, asked).summary().total == 18


def test_who_sees_all_is_answered_exactly(town: Town, coordinator: Actor) -> None:
    town.add(LAST, 3, area=town.areas[0])
    assert ask(coordinator, parse({})).summary().as_json() == ask(SYSTEM, parse({})).summary().as_json()
    assert ask(coordinator, parse({})).summary().as_json()["by"]["area"]["Centrum"] == 3


def test_asked_for_more_and_more_weeks_no_difference_is_small(town: Town, partner: Actor) -> None:
    town.fill(3000, weeks=40)
    answers = {}
    weeks = [LAST.plus(-n) for n in range(11, -1, -1)]
    for i, first in enumerate(weeks):
        for last in weeks[i:]:
            answers[first.index, last.index] = ask(partner, parse({"from": str(first), "to": str(last)})).summary(
                ("area", "category", "source", "kind")
            )
    shown = 0
    for (a, b), short in answers.items():
        for (c, d), long_ in answers.items():
            if c <= a and b <= d and (a == c or b == d):
                for name in short.by:
                    before = {r.key: r.value for r in short.by[name] or ()}
                    for row in long_.by[name] or ():
                        value = before.get(row.key, 0)
                        if row.value is not None and value is not None:
                            assert not 0 < row.value - value < 5
                            shown += 1
    assert shown > 1000


def test_a_filter_shows_only_what_the_whole_shows(town: Town, partner: Actor) -> None:
    town.fill(2500, weeks=30)
    whole = {r.key: r.value for r in ask(partner, parse(PERIOD)).summary().by["category"] or ()}
    for key, value in whole.items():
        found = ask(partner, parse({**PERIOD, "category": key})).summary()
        assert found.total == value
        assert found.by["area"] is None and found.hexagons is None and found.hours is None
    both = ask(partner, parse({**PERIOD, "category": "m0", "area": "centrum"})).summary()
    assert both.total is None
    assert set(whole) == {"m0", "m1", "m2"}, "main categories only"


def test_hours_are_coarser_and_places_are_shown_by_area_only(town: Town, partner: Actor) -> None:
    town.fill(4000, weeks=12)
    found = ask(partner, parse(PERIOD)).summary()
    assert found.by["area"] and found.by["municipality"] is None and found.hexagons is None
    assert [len(row) for row in found.hours] == [7, 7, 7]
    assert all(v is None or v == 0 or v >= 5 for row in found.hours for v in row)


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "torget"},
        {"from": "2026-11-03", "to": "2026-11-08"},
        {"category": "s1"},
        {"seriousness": "3"},
        {"from": "2026-W46", "to": "2026-W48"},
        {"precision": "point"},
        {"municipality": "Eskilstuna"},
    ],
)
def test_finer_questions_are_refused_and_the_nearest_named(town: Town, partner: Actor, asked: dict[str, str]) -> None:
    town.add(LAST, 9)
    with pytest.raises(Refusal):
        ask(partner, parse(asked)).summary()
    coarse = ask(partner, asked, nearest=True)
    assert coarse.notes and coarse.problem is None
    assert ask(partner, coarse.filter).summary() == coarse.summary()
    again = ask(partner, coarse.filter, nearest=True)
    assert (again.filter, again.notes) == (coarse.filter, [])


def test_what_cannot_be_read_is_told_beside_what_is_asked_by_default(town: Town, partner: Actor) -> None:
    town.add(LAST, 9)
    for asked in ({"area": "finns-inte"}, {"from": "igår"}, {"from": "2026-W47", "to": "2026-W40"}):
        found = ask(partner, asked, nearest=True)
        assert found.problem is not None and found.problem.field in {"area", "from", "to"}
        assert found.filter == ask(partner, {}, nearest=True).filter
        with pytest.raises(Refusal):
            ask(partner, asked)


def test_the_present_week_is_not_shown(town: Town, partner: Actor) -> None:
    town.add(LAST, 9)
    town.add(LAST.plus(1), 50)
    assert ask(partner, parse({})).summary().total == 9
    assert ask(SYSTEM, parse({})).summary().total == 59


def test_an_unfinished_period_shows_no_sum(town: Town, partner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-16")  # in W47, the last week of a fixed period
    for n in (-3, -2, -1):
        town.add(LAST.plus(n), 20, area=town.areas[0])
        town.add(LAST.plus(n), 3, area=town.areas[1])
    asked = parse({"from": "2026-W44", "to": "2026-W46"})
    found = ask(partner, asked).summary(("area",)).as_json()
    assert (found["total"], found["by"]["area"]["Norr"]) == (69, None)
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-23")
    assert ask(partner, parse(PERIOD)).summary(("area",)).as_json()["by"]["area"]["Norr"] == 9


def test_of_an_unfinished_period_no_sum_is_published(town: Town, partner: Actor) -> None:
    """Whoever sums the tables up later must not find one: a week that comes would be the difference."""
    for n in range(8):
        town.add(LAST.plus(-n), 20, area=town.areas[0])
    last = LAST.plus(-1)  # the third week of a period
    picture = ask(partner, parse({"from": str(LAST.plus(-7)), "to": str(last)}))
    picture.released = Released(last=last.index)
    table = picture.protected("area", last.index - 6, last.index)
    assert table.period_open[:, 0].all() and table.period_total_open[0]
    assert not table.period_open[:, 1].any() and not table.period_total_open[1]


def test_private_bodies_never_see_small_counts_and_outsiders_nothing(
    town: Town, make_actor: Callable[..., Actor]
) -> None:
    town.add(LAST, 3)
    assert ask(make_actor("coordinator", "guard_company"), parse({})).summary().total is None
    with pytest.raises(Refused):
        ask(make_actor("desk"), parse({})).summary()


def test_of_a_year_is_said_how_many_there_are_at_least(town: Town, partner: Actor, coordinator: Actor) -> None:
    for n in range(52):
        for area, count in enumerate((12, 7, 2 if n % 9 else 1)):
            town.add(LAST.plus(-n), count, area=town.areas[area])
    town.add(LAST.plus(-60), 3)
    asked = {"from": str(LAST.plus(-60)), "to": str(LAST)}
    found, true = ask(partner, parse(asked)).summary().as_json(), ask(coordinator, parse(asked)).summary().as_json()
    assert found["total"] is None and found["at_least"]["total"] == true["total"] - 3
    for name, least in found["at_least"]["by"].items():
        for key, n in least.items():
            assert found["by"][name][key] is None and n >= 5
            assert name == "category" or n <= true["by"][name][key]
    assert found["at_least"]["by"]["area"]["Centrum"] == 12 * 52
    assert true["at_least"] == {"total": None, "by": {}}
    client, query = client_for(partner), f"from={asked['from']}&to={asked['to']}"
    page = client.get(f"/lagesbild/?{query}").content.decode().replace("\xa0", " ")
    assert f"Minst {true['total'] - 3:,} rapporter".replace(",", " ") in page and ">minst 624<" in page
    file = client.get(f"/lagesbild/ladda-ner/csv/?{query}").content.decode("utf-8-sig").splitlines()
    assert file[0].startswith("Tabell;Namn;Antal;Visas;Minst;")
    assert any(line.startswith("Område;Centrum;;visas inte;624;") for line in file)
    assert client.get(f"/api/v1/picture/summary?{query}").json()["at_least"] == found["at_least"]
