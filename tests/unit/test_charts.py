"""Charts: valid drawings, honest scales, and tables with the same values."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation.web.charts import (
    HIDDEN,
    MISSING,
    Annotation,
    Bar,
    BarChart,
    HeatChart,
    Interval,
    IntervalChart,
    LineChart,
    LinePoint,
    Sparkline,
    Start,
    standalone,
)
from samverkan.foundation.web.charts.classes import class_limits, class_of, limit_texts
from samverkan.foundation.web.charts.standalone import document_style, light_tokens
from samverkan.foundation.web.charts.svg import nice_ticks
from samverkan.foundation.web.numbers import format_number
from samverkan.site import samples

SVG = "{http://www.w3.org/2000/svg}"
value = st.one_of(st.integers(0, 5000), st.just(HIDDEN), st.just(MISSING))


def parse(svg: str) -> ElementTree.Element:
    """Well-formed, named and described, with unique ids, without style attributes or scripts."""
    root = ElementTree.fromstring(svg)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    named = {root.get("aria-labelledby"), root.get("aria-describedby")}
    assert named <= set(ids)
    for element in root.iter():
        assert element.tag != f"{SVG}script"
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
    assert "nan" not in svg
    return root


def line(points: list[LinePoint], **more: object) -> LineChart:
    return LineChart("k", "Title", "Words", points, "Count", **more)  # type: ignore[arg-type]


@given(st.lists(st.tuples(value, st.booleans()), max_size=60), st.integers(200, 1200))
def test_any_series_gives_a_valid_drawing_and_its_own_numbers(rows: list[tuple[object, bool]], width: int) -> None:
    points = [LinePoint(f"v. {i}", v, 1, 2, 3, incomplete) for i, (v, incomplete) in enumerate(rows)]  # type: ignore[arg-type]
    chart = line(points, band_label="Usual", end_label="now")
    parse(chart.svg(width))
    assert [row[1] for row in chart.table().rows] == [v for v, _ in rows]
    assert all(cell for row in chart.table().texts() for cell in row)


def test_counts_start_at_zero_and_the_line_meets_the_grid() -> None:
    root = parse(line([LinePoint("a", 0), LinePoint("b", 10), LinePoint("c", 40)]).svg())
    polyline = next(e for e in root.iter(f"{SVG}polyline") if e.get("class") == "chart-line")
    heights = [float(pair.split(",")[1]) for pair in (polyline.get("points") or "").split()]
    grid = {e.get("y1") for e in root.iter(f"{SVG}line") if e.get("class") == "chart-grid"}
    assert f"{heights[0]:g}" in grid  # zero
    assert heights[0] - heights[1] == pytest.approx((heights[0] - heights[2]) / 4, abs=0.11)


def test_a_hidden_week_breaks_the_line_and_is_hatched() -> None:
    root = parse(
        line([LinePoint("a", 9), LinePoint("b", 8), LinePoint("c", HIDDEN), LinePoint("d", 7), LinePoint("e", 9)]).svg()
    )
    lines = [e for e in root.iter(f"{SVG}polyline") if e.get("class") == "chart-line"]
    hidden = [e for e in root.iter(f"{SVG}rect") if e.get("class") == "chart-hidden"]
    assert (len(lines), len(hidden)) == (2, 1)


def test_an_incomplete_week_is_dashed_and_said() -> None:
    chart = line([LinePoint("a", 9), LinePoint("b", 8), LinePoint("c", 2, incomplete=True)])
    root = parse(chart.svg())
    assert [e.get("class") for e in root.iter(f"{SVG}polyline")] == ["chart-line", "chart-line chart-incomplete"]
    assert str(chart.table().rows[2][0]) != "c"


def test_annotation_and_start_stay_inside_the_drawing() -> None:
    points = [LinePoint(f"v. {i}", i) for i in range(20)]
    for at in (0, 10, 19):
        root = parse(
            line(points, annotation=Annotation(at, "More than usual"), starts=(Start(at, "Lights mended"),)).svg(400)
        )
        for e in root.iter(f"{SVG}text"):
            half = 4 * len(e.text or "") if e.get("text-anchor") == "middle" else 0
            assert float(e.get("x") or 0) - half * 0.2 >= -1
            assert float(e.get("x") or 0) <= 400


@given(st.lists(value, min_size=1, max_size=12), st.sampled_from([358, 640]))
def test_bars_are_as_long_as_their_numbers(values: list[object], width: int) -> None:
    chart = BarChart("k", "T", "D", [Bar(f"n{i}", v) for i, v in enumerate(values)], "Name", "Count")  # type: ignore[arg-type]
    root = parse(chart.svg(width))
    lengths = [float(e.get("width") or 0) for e in root.iter(f"{SVG}rect") if e.get("class") == "chart-bar"]
    counts = [v for v in values if isinstance(v, int)]
    assert len(lengths) == len(counts)
    for count, length in zip(counts, lengths, strict=True):
        assert length / max(lengths) == pytest.approx(count / max(counts), abs=0.01) if max(counts) else length == 0


@given(
    st.lists(st.lists(st.one_of(st.integers(0, 40), st.just(HIDDEN)), min_size=6, max_size=6), min_size=1, max_size=7)
)
def test_heat_tables_tell_zero_from_hidden(counts: list[list[object]]) -> None:
    chart = HeatChart("k", "T", "D", [f"d{i}" for i in range(len(counts))], range(0, 24, 4), counts)  # type: ignore[arg-type]
    root = parse(chart.svg())
    flat = [c for row in counts for c in row]
    hatched = [e for e in root.iter(f"{SVG}rect") if e.get("class") == "chart-hidden"]
    assert len(hatched) == flat.count(HIDDEN)
    kinds = [kind for kind, _words in chart.legend()]
    assert ("hatched" in kinds) == (HIDDEN in flat)
    assert ("density-0" in kinds) == (0 in flat)
    assert [list(row[1:]) for row in chart.table().rows] == counts


@given(st.lists(st.integers(1, 100_000), max_size=200), st.sampled_from([1, 5]))
def test_density_classes_grow_cover_all_and_end_darkest(counts: list[int], floor: int) -> None:
    shown = [c for c in counts if c >= floor]
    limits = class_limits(shown, floor)
    assert limits[0] == floor
    assert list(limits) == sorted(set(limits))
    assert len(limits) <= 5
    classes = [class_of(c, limits) for c in sorted(shown)]
    assert classes == sorted(classes)
    assert all(1 <= c <= 5 for c in classes)
    if shown:
        assert class_of(max(shown), limits) == 5 or len(limits) == 1
        assert max(shown) >= limits[-1]
    assert len(limit_texts(limits)) == len(limits)


def test_intervals_and_sparklines_are_drawn_with_their_numbers() -> None:
    chart = IntervalChart("k", "T", "D", [Interval("a", -4, 1, 7, "unclear")], "per cent", no_difference_label="none")
    parse(chart.svg())
    assert chart.table().rows == [["a", 1, -4, 7, "unclear"]]
    for values in ([], [3], [0, 0, 0], [1, HIDDEN, 4]):
        spark = Sparkline("s", "T", "D", values, 1, 2)
        parse(spark.svg())
        assert spark.table().rows


@given(st.floats(0, 1e7))
def test_ticks_are_round_few_and_not_over_the_largest(largest: float) -> None:
    ticks = nice_ticks(largest)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 6
    steps = {b - a for a, b in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert ticks[-1] <= max(largest, 1)


def test_documents_carry_their_style_and_no_variables() -> None:
    svg = standalone(samples.weeks_chart().svg())
    ElementTree.fromstring(svg)
    assert "var(" not in svg
    assert "#0f5b78" in svg
    assert light_tokens()["--density-5"] == "#1c4f74"
    assert "@media" not in document_style()


def test_every_class_of_the_samples_has_a_rule() -> None:
    style = document_style()
    drawings = [
        samples.weeks_chart().svg(),
        samples.category_chart().svg(),
        samples.heat_chart(True).svg(),
        samples.interval_chart().svg(),
        samples.sparkline().svg(),
    ]
    used = {name for svg in drawings for classes in re.findall(r'class="([^"]+)"', svg) for name in classes.split()}
    plain = {
        "chart",
        "chart-over-time",
        "chart-bars",
        "chart-heat",
        "chart-intervals",
        "chart-sparkline",
        "chart-name",
        "chart-value",
        "chart-cell",
        "chart-hidden",
    }
    assert {name for name in used - plain if f".{name}" not in style} == set()


@pytest.mark.parametrize(
    ("number", "decimals", "swedish", "english"),
    [
        (57926, 0, "57\u00a0926", "57,926"),
        (-2.5, 1, "\u22122,5", "\u22122.5"),
        (0.45, 0, "0", "0"),
        (1234567.891, 2, "1\u00a0234\u00a0567,89", "1,234,567.89"),
        (2.5, 0, "3", "3"),
        (-0.2, 0, "0", "0"),
    ],
)
def test_numbers(number: float, decimals: int, swedish: str, english: str) -> None:
    assert format_number(number, decimals) == swedish
    assert format_number(number, decimals, "en") == english
