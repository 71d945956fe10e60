"""An address says the whole question, and equal questions have equal addresses."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.domain.picture.filters import Filter, latest_fixed_period, parse, same_week, with_default_period
from samverkan.domain.picture.packing import KINDS, OBSERVATIONS, PRECISIONS
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

_days = st.dates(date(1980, 1, 1), date(2100, 1, 1))
_names = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12), max_size=3
)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(values)).map(lambda found: tuple(sorted(found)))


@st.composite
def _filters(draw: st.DrawFn) -> Filter:
    ends = sorted(draw(st.lists(_days, max_size=2)))
    first, last = (ends[0] if ends else None), (ends[1] if len(ends) == 2 else None)
    if draw(st.booleans()):
        first = Week.of(first).monday if first else None
        last = Week.of(last).sunday if last else None
    lists = {name: tuple(sorted(set(draw(_names)))) for name in ("categories", "areas", "municipalities", "sources")}
    years = sorted(draw(st.lists(st.integers(2000, 2015), min_size=2, max_size=2)))
    return Filter(
        first=first,
        last=last,
        kinds=draw(_some(KINDS)),
        precisions=draw(_some(PRECISIONS)),
        observations=draw(_some(OBSERVATIONS)),
        base=draw(st.none() | st.just((years[0], years[1]))),
        text=draw(st.sampled_from(["", "torget & bron", "100 % åäö", "a=b"])),
        seriousness=tuple(sorted(draw(st.sets(st.integers(1, 3))))),
        organisation=draw(st.none() | st.uuids()),
        **lists,
    )


@given(_filters())
def test_an_address_is_read_back_to_the_same_question(asked: Filter) -> None:
    assert parse(parse_qs(asked.query())) == asked
    assert parse(parse_qs(asked.query())).query() == asked.query()


def test_weeks_are_written_as_weeks_and_days_as_days() -> None:
    assert parse({"from": "2026-10-26", "to": "2026-11-22"}).query() == "from=2026-W44&to=2026-W47"
    assert parse({"from": "2026-W44", "to": "2026-11-21"}).query() == "from=2026-10-26&to=2026-11-21"
    assert parse({"area": ["b", "a", "a", " "]}).query() == "area=a&area=b"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"from": "i höstas"}, "from"),
        ({"from": "2026-W54"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "2026-W10", "to": "2026-W09"}, "to"),
        ({"kind": "brott"}, "kind"),
        ({"seriousness": "4"}, "seriousness"),
        ({"base": "2025-2023"}, "base"),
        ({"organisation": "nobody"}, "organisation"),
        ({"text": "x" * 101}, "text"),
        ({"area": "a\0b"}, "area"),
    ],
)
def test_what_cannot_be_understood_is_said_at_its_field(parameters: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(parameters)
    assert caught.value.field == field


def test_default_periods() -> None:
    assert with_default_period(Filter(), date(2026, 11, 23)).query() == "from=2026-W44&to=2026-W47"
    assert [str(w) for w in latest_fixed_period(date(2026, 11, 23), 4)] == ["2026-W44", "2026-W47"]
    assert [str(w) for w in latest_fixed_period(date(2026, 11, 22), 4)] == ["2026-W40", "2026-W43"]


def test_week_53_meets_a_year_without_one() -> None:
    assert same_week(2025, Week(2026, 53)) == Week(2026, 1)
    assert same_week(2020, Week(2026, 53)) == Week(2020, 53)
