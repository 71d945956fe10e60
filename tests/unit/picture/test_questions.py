"""A question's edges: what is still read, what is refused and at which field, and in which order it is written."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.http import QueryDict

from samverkan.domain.picture.filters import Filter, latest, latest_fixed_period, parse, same_week, with_default_period
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

ORGANISATION = UUID("6e6f7065-0000-4000-8000-000000000001")
WHOLE = {
    "from": "2026-10-27",
    "to": "2026-11-22",
    "kind": "event",
    "category": ["b", "a", " a "],
    "area": "Norr",
    "municipality": "Eskilstuna",
    "source": "polisen",
    "precision": ["point", "area"],
    "seriousness": ["3", "1", "1"],
    "observation": "observed",
    "base": "2020-2022",
    "cover": "home",
    "organisation": str(ORGANISATION),
    "text": "  vid   torget ",
}


def test_every_word_of_an_address_has_its_meaning() -> None:
    assert parse(WHOLE) == Filter(
        first=date(2026, 10, 27),
        last=date(2026, 11, 22),
        kinds=("event",),
        categories=("a", "b"),
        areas=("Norr",),
        municipalities=("Eskilstuna",),
        sources=("polisen",),
        precisions=("area", "point"),
        seriousness=(1, 3),
        observations=("observed",),
        base=(2020, 2022),
        cover="home",
        organisation=ORGANISATION,
        text="vid torget",
    )
    assert parse({}) == parse({"other": "x", "from": None, "area": "", "text": " "}) == Filter()


def test_an_address_is_written_in_one_order() -> None:
    asked = parse(WHOLE)
    assert [name for name, _value in asked.parameters()] == [
        "from", "to", "kind", "category", "category", "area", "municipality", "source", "precision", "precision",
        "seriousness", "seriousness", "observation", "base", "cover", "organisation", "text",
    ]  # fmt: skip
    assert asked.query().startswith("from=2026-10-27&to=2026-11-22&kind=event&category=a&category=b&area=Norr&")
    assert asked.query().endswith(f"&base=2020-2022&cover=home&organisation={ORGANISATION}&text=vid+torget")
    assert parse({"weeks": "6", "kind": "event"}).query() == "weeks=6&kind=event"
    assert Filter(areas=("b", "a")).query() == "area=a&area=b"
    assert Filter(first=date(2026, 10, 26)).query() == "from=2026-W44"
    assert Filter(last=date(2026, 11, 22)).query() == "to=2026-W47"
    assert Filter(last=date(2026, 11, 21)).query() == "to=2026-11-21"


def test_the_last_of_several_counts_where_there_is_one() -> None:
    asked = QueryDict("from=2026-W01&from=2026-W02&area=a&area=b&text=ett&text=tv%C3%A5")
    assert parse(asked) == Filter(first=date(2026, 1, 5), areas=("a", "b"), text="två")
    for several in (["b", "a"], ("b", "a"), {"b", "a"}, frozenset({"b", "a"})):
        assert parse({"area": several}).areas == ("a", "b")


READ: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"from": "2026-w02"}, {"first": date(2026, 1, 5)}),
    ({"to": "2026-W02"}, {"last": date(2026, 1, 11)}),
    ({"from": "1970-01-01"}, {"first": date(1970, 1, 1)}),
    ({"to": "2200-12-31"}, {"last": date(2200, 12, 31)}),
    ({"from": "2026-01-05", "to": "2026-01-05"}, {"first": date(2026, 1, 5), "last": date(2026, 1, 5)}),
    ({"weeks": "1"}, {"weeks": 1}),
    ({"weeks": "520"}, {"weeks": 520}),
    ({"text": "x" * 100}, {"text": "x" * 100}),
    ({"area": "x" * 200}, {"areas": ("x" * 200,)}),
    ({"base": "2020"}, {"base": (2020, 2020)}),
    ({"base": "1970-1989"}, {"base": (1970, 1989)}),
    ({"base": "2181-2200"}, {"base": (2181, 2200)}),
    ({"seriousness": "2"}, {"seriousness": (2,)}),
    ({"cover": "all"}, {"cover": "all"}),
]


@pytest.mark.parametrize(("asked", "found"), READ)
def test_what_is_still_read(asked: dict[str, Any], found: dict[str, Any]) -> None:
    assert parse(asked) == Filter(**found)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"from": "1969-12-31"}, "from"),
    ({"to": "2201-01-01"}, "to"),
    ({"from": "2026-01-06", "to": "2026-01-05"}, "to"),
    ({"weeks": "0"}, "from"),
    ({"weeks": "521"}, "from"),
    ({"weeks": "1000"}, "from"),
    ({"weeks": "-1"}, "from"),
    ({"weeks": "fyra"}, "from"),
    ({"weeks": "4", "from": "2026-W02"}, "to"),
    ({"weeks": "4", "to": "2026-W02"}, "to"),
    ({"text": "x" * 101}, "text"),
    ({"text": "a\0b"}, "text"),
    ({"area": "x" * 201}, "area"),
    ({"category": ["a", "b\0"]}, "category"),
    ({"base": "1969"}, "base"),
    ({"base": "2201"}, "base"),
    ({"base": "2020-2201"}, "base"),
    ({"base": "2000-2020"}, "base"),
    ({"base": "2020-2019"}, "base"),
    ({"base": "förr"}, "base"),
    ({"seriousness": ["1", "4"]}, "seriousness"),
    ({"seriousness": "0"}, "seriousness"),
    ({"kind": "x"}, "kind"),
    ({"precision": "x"}, "precision"),
    ({"observation": "x"}, "observation"),
    ({"cover": "x"}, "cover"),
    ({"organisation": "x"}, "organisation"),
]


@pytest.mark.parametrize(("asked", "field"), REFUSED)
def test_what_is_refused_is_told_at_its_field_and_in_words(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse(asked)
    assert refusal.value.field == field and isinstance(refusal.value.message, str) and refusal.value.message


def test_a_code_that_is_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(Refusal) as refusal:
        parse({"cover": "bortom"})
    assert "bortom" in refusal.value.message and "home, all" in refusal.value.message
    with pytest.raises(Refusal) as refusal:
        parse({"text": "x" * 101})
    assert "100" in refusal.value.message
    with pytest.raises(Refusal) as refusal:
        parse({"weeks": "x"})
    assert "520" in refusal.value.message
    with pytest.raises(Refusal) as refusal:
        parse({"from": "i fjol"})
    assert "i fjol" in refusal.value.message


MONDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 22)


def test_whole_weeks_are_from_monday_to_sunday_or_open() -> None:
    whole = Filter(first=MONDAY, last=SUNDAY)
    assert whole.is_whole_weeks and (whole.first_week, whole.last_week, whole.span) == (
        Week(2026, 45),
        Week(2026, 47),
        3,
    )
    assert Filter().is_whole_weeks and Filter(first=MONDAY).is_whole_weeks and Filter(last=SUNDAY).is_whole_weeks
    for first, last in ((date(2026, 11, 3), SUNDAY), (MONDAY, date(2026, 11, 21)), (None, MONDAY), (SUNDAY, None)):
        asked = Filter(first=first, last=last)
        assert not asked.is_whole_weeks and asked.span is None and asked.following() is asked
    for asked in (Filter(first=MONDAY), Filter(last=SUNDAY), Filter()):
        assert asked.span is None and asked.following() is asked
    assert (Filter().first_week, Filter().last_week) == (None, None)


def test_a_question_that_follows_asks_for_as_many_weeks() -> None:
    asked = Filter(first=MONDAY, last=SUNDAY, areas=("a",))
    assert asked.following() == Filter(weeks=3, areas=("a",))
    assert Filter(weeks=3, areas=("a",)).over(Week(2026, 45), Week(2026, 47)) == asked
    assert latest(Filter(weeks=3, areas=("a",)), Week(2026, 47)) == asked
    assert latest(Filter(), Week(2026, 47)) == Filter(first=date(2026, 10, 26), last=SUNDAY)


def test_what_is_asked_from_the_incidents_themselves() -> None:
    assert Filter(text="x").needs_incidents is True and Filter(organisation=ORGANISATION).needs_incidents is True
    assert Filter(areas=("a",)).needs_incidents is False


def test_a_period_that_is_asked_for_is_kept() -> None:
    today = date(2026, 11, 23)
    for asked in (Filter(first=MONDAY), Filter(last=SUNDAY), Filter(first=MONDAY, last=SUNDAY)):
        assert with_default_period(asked, today) is asked
    assert with_default_period(Filter(weeks=3), today) == Filter(first=MONDAY, last=SUNDAY)


def test_fixed_periods_and_weeks_of_other_years() -> None:
    assert latest_fixed_period(date(2026, 11, 23), 1) == (Week(2026, 47), Week(2026, 47))
    assert same_week(2025, Week(2026, 7)) == Week(2025, 7)
    assert same_week(2025, Week(2026, 53)) == Week(2026, 1)
