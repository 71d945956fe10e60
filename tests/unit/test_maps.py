"""Maps: honest about place, the same numbers in drawing, legend and table."""

from __future__ import annotations

import json
import math
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from samverkan.foundation.web.charts import HIDDEN, AtLeast, standalone
from samverkan.foundation.web.charts.classes import class_of
from samverkan.foundation.web.charts.table import cell_text
from samverkan.foundation.web.maps import (
    AreaOnMap,
    Attention,
    Hexagon,
    MapPicture,
    Mark,
    Projection,
    Sign,
    Viewport,
    hexagon_ring,
    to_geojson,
)
from samverkan.foundation.web.maps.legend import with_legend
from samverkan.site import samples
from tests.unit.test_charts import SVG, parse

VIEW = Viewport(0, 0, 3000, 2000)


def picture(**more: Any) -> MapPicture:
    return MapPicture("m", "Title", "Words", VIEW, **more)


def classes(svg: str) -> list[str]:
    return [e.get("class") or "" for e in ElementTree.fromstring(svg).iter()]


@given(
    st.lists(
        st.tuples(st.floats(0, 3000), st.floats(0, 2000), st.one_of(st.integers(0, 99), st.just(HIDDEN))), max_size=40
    )
)
def test_every_cell_is_drawn_once_in_its_class(cells: list[tuple[float, float, Any]]) -> None:
    shown = picture(hexagons=[Hexagon(hexagon_ring(x, y, 300), n) for x, y, n in cells])
    svg = shown.svg()
    parse(svg)
    drawn: dict[str, int] = {}
    for e in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        if (e.get("class") or "").startswith(("map-hexagon", "map-hidden")):
            drawn[e.get("class") or ""] = (e.get("d") or "").count("M")
    expected: dict[str, int] = {}
    for _x, _y, n in cells:
        if n is HIDDEN or n > 0:
            name = "map-hidden" if n is HIDDEN else f"map-hexagon density-{class_of(n, shown.limits())}"
            expected[name] = expected.get(name, 0) + 1
    assert drawn == expected


def test_a_hidden_count_is_nowhere_in_any_output() -> None:
    town = samples.town(suppressed=True)
    secret = [h for h in town.hexagons if h.count is HIDDEN]
    assert secret
    data = to_geojson(town, lambda xy: np.asarray(xy))
    for feature in data["features"]:
        if feature["properties"]["layer"] == "hexagon":
            assert set(feature["properties"]) == {"layer", "density", "words"}
    assert town.table().total is None  # a sum would give the hidden away
    assert ("hatched" in dict(town.legend())) is True


def test_what_is_known_by_municipality_only_is_counted_and_never_drawn() -> None:
    shown = picture(areas=[AreaOnMap(box(0, 0, 1000, 1000), "A", count=7)], municipality_only=31)
    assert "map-mark" not in shown.svg()
    assert shown.table().rows[-1][1] == 31
    assert shown.table().total is not None and shown.table().total[1] == 38
    assert "31" in shown.under()


def test_an_approximate_place_is_a_ring_of_its_true_radius() -> None:
    svg = picture(marks=[Mark(1500, 1000, radius=200)]).svg(736, 500)
    ring = next(e for e in ElementTree.fromstring(svg).iter(f"{SVG}circle") if e.get("class") == "map-approximate")
    scale = Projection(VIEW, 736, 500).scale
    assert float(ring.get("r") or 0) == pytest.approx(200 * scale, abs=0.1)
    assert "map-mark" not in classes(svg)


def test_signs_differ_in_shape() -> None:
    tags = set()
    for sign in Sign:
        root = ElementTree.fromstring(picture(marks=[Mark(1500, 1000, sign)]).svg())
        tags.add(
            next(
                e.tag + re.sub(r"^M\S+ \S+?(?=[a-z])", "", e.get("d") or "")
                for e in root.iter()
                if (e.get("class") or "") in {"map-mark", "map-pin"}
            )
        )
    assert len(tags) == len(Sign)


def test_at_most_three_attention_rings() -> None:
    rings = [Attention(500, 500, 100, f"r{i}") for i in range(4)]
    parse(picture(attention=rings[:3]).svg())
    with pytest.raises(ValueError, match="at most 3"):
        picture(attention=rings)


def test_links_lead_to_areas_and_are_left_out_of_documents() -> None:
    shown = picture(areas=[AreaOnMap(box(0, 0, 2000, 2000), "Norr & <söder>", "/x/?a=1&b=2", 3)])
    root = parse(shown.svg())
    assert root.get("role") == "group"
    assert [e.get("href") for e in root.iter(f"{SVG}a")] == ["/x/?a=1&b=2"]
    document = parse(shown.svg(links=False, legend=True))
    assert document.get("role") == "img"
    assert not list(document.iter(f"{SVG}a"))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(10, 1e5), st.floats(10, 1e5))
def test_the_projection_keeps_shape_and_shows_the_whole_viewport(
    west: float, south: float, wide: float, tall: float
) -> None:
    p = Projection(Viewport(west, south, west + wide, south + tall), 700, 500)
    for x, y in ((west, south), (west + wide, south + tall)):
        px, py = p.point(x, y)
        assert -0.5 <= px <= 700.5 and -0.5 <= py <= 500.5
    ax, ay = p.point(west, south)
    bx, by = p.point(west + 10, south + 10)
    assert bx - ax == pytest.approx(ay - by, rel=1e-3)


@given(st.floats(0, 5e6), st.floats(0, 8e6), st.sampled_from([300, 600]))
def test_hexagons_have_upright_sides_at_their_width(x: float, y: float, across: int) -> None:
    ring = hexagon_ring(x, y, across)
    assert max(px for px, _ in ring) - min(px for px, _ in ring) == pytest.approx(across, rel=1e-6)
    assert Polygon(ring).area == pytest.approx(math.sqrt(3) / 2 * across**2, rel=1e-6)


def test_names_do_not_cover_each_other() -> None:
    areas = [
        AreaOnMap(box(i * 600, j * 650, i * 600 + 600, j * 650 + 650), f"Område {i}{j}", only_area=3)
        for i in range(5)
        for j in range(3)
    ]
    root = ElementTree.fromstring(picture(areas=areas).svg())
    spots = [
        (float(e.get("x") or 0), float(e.get("y") or 0))
        for e in root.iter(f"{SVG}text")
        if e.get("class") == "map-name"
    ]
    assert len(spots) == 15
    for i, (x, y) in enumerate(spots):
        assert not [1 for a, b in spots[i + 1 :] if abs(a - x) < 60 and abs(b - y) < 30]


def test_without_density_each_area_has_its_count_under_its_name() -> None:
    areas = [
        AreaOnMap(box(0, 0, 1500, 2000), "Söder", count=AtLeast(37)),
        AreaOnMap(box(1500, 0, 3000, 2000), "Norr", count=HIDDEN),
    ]
    svg = picture(areas=areas).svg(1200, 800)
    assert cell_text(AtLeast(37)) in svg and cell_text(HIDDEN) in svg
    dense = picture(areas=areas, hexagons=[Hexagon(hexagon_ring(700, 700, 300), 9)]).svg(1200, 800)
    assert cell_text(HIDDEN) not in dense, "with density the numbers are its own"


def test_a_place_out_of_sight_is_not_drawn() -> None:
    svg = picture(marks=[Mark(9000, 9000)], areas=[AreaOnMap(box(8000, 8000, 9000, 9000), "Borta", count=1)]).svg()
    assert "map-mark" not in classes(svg) and "Borta" not in svg


def test_viewports_refuse_nothing_and_the_inside_out() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Viewport.around([])
    with pytest.raises(ValueError, match="east over its west"):
        Viewport(1, 0, 0, 1)
    around = Viewport.around([Point(10, 10), box(0, 0, 1000, 500)])
    assert around.west < 0 and around.north > 500


def test_the_living_map_has_the_same_layers() -> None:
    town = samples.town()
    data = json.loads(json.dumps(to_geojson(town, lambda xy: np.asarray(xy))))
    kinds = {f["geometry"]["type"] for f in data["features"]}
    assert kinds <= {"Point", "LineString", "Polygon", "MultiLineString", "MultiPolygon"}  # RFC 7946
    layers = [f["properties"]["layer"] for f in data["features"]]
    assert layers.count("hexagon") == len(town.hexagons)
    assert layers.count("mark") + layers.count("approximate") == len(town.marks)
    assert layers.count("area") == len(town.areas)
    assert data["bbox"] == [town.viewport.west, town.viewport.south, town.viewport.east, town.viewport.north]


def test_a_document_map_has_its_legend_and_style_inside() -> None:
    svg = standalone(samples.town().svg(legend=True, links=False))
    root = ElementTree.fromstring(svg)
    assert float(root.get("height") or 0) > 500
    assert "var(" not in svg
    words = " ".join(e.text or "" for e in root.iter(f"{SVG}text"))
    assert samples.town().legend_title() in words and samples.town().under() in words


def test_a_stored_drawing_gets_its_legend_under_it() -> None:
    town = samples.town(suppressed=True)
    before = town.svg(736, 500, links=False)
    root = parse(with_legend(before, town.legend_title(), town.legend()))
    words = [e.text for e in root.iter(f"{SVG}text") if e.get("class") == "chart-legend"]
    assert words == [town.legend_title(), *(w for _k, w in town.legend())]
    assert float(root.get("height") or 0) > 500 and root.get("viewBox") == f"0 0 736 {root.get('height')}"
    # Hatching says under what it hides, and that some are hidden for the sake of others.
    assert "5" in dict(town.legend())["hatched"]
    assert with_legend(before, "", []) == before
