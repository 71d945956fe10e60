"""Density against direct sums, closed forms, the given examples and what it must refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.special import ndtr

from samverkan.analysis.density import BINNED_FROM, CUT, density, masses
from samverkan.analysis.errors import BadInput
from samverkan.analysis.polygons import Polygon
from tests.harness.examples import known_answers

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def table(name: str) -> np.ndarray:
    path = known_answers("kde1_lansing_hickory", name)
    return np.genfromtxt(path, delimiter=",", names=True)


def direct(px, py, x, y, size, kernel, weights=None):  # type: ignore[no-untyped-def]
    """The definition, every event at every place."""
    d2 = ((np.ravel(px)[:, None] - x) ** 2 + (np.ravel(py)[:, None] - y) ** 2) / size**2
    if kernel == "gaussian":
        k = np.exp(-d2 / 2) / (2 * np.pi * size**2)
    else:
        k = np.where(d2 < 1, 3 / (np.pi * size**2) * (1 - d2) ** 2, 0)
    return (k * (1 if weights is None else weights)).sum(axis=1)


def wavy(rng: np.random.Generator, scale: float = 100.0) -> np.ndarray:
    """A star-like outline around (scale, scale)."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radius = scale * (0.5 + 0.4 * np.sin(3 * angle + rng.uniform(0, 6)) * rng.random())
    return np.column_stack((scale + radius * np.cos(angle), scale + radius * np.sin(angle)))


# ------------------------------------------------------------ given examples


@pytest.mark.parametrize("edge", ["none", "uniform", "diggle"])
def test_lansing_hickories(edge: str) -> None:
    events, expected = table("points.csv"), table("expected.csv")
    found = density(
        events["x"], events["y"], bandwidth=0.05, at=(expected["x"], expected["y"]), polygon=SQUARE, edge=edge
    )  # type: ignore[arg-type]
    np.testing.assert_allclose(found.density, expected[edge], rtol=1e-10)
    assert found.events == 703 and found.outside == 0


def test_lansing_quartic_and_edge_weights() -> None:
    events, expected = table("points.csv"), table("expected_quartic.csv")
    found = density(events["x"], events["y"], bandwidth=0.1, at=(expected["x"], expected["y"]), kernel="quartic")
    np.testing.assert_allclose(found.density, expected["quartic_bw0p1"], rtol=1e-10)
    places = table("expected.csv")
    share = masses(places["x"], places["y"], 0.05, "gaussian", Polygon(SQUARE))
    np.testing.assert_allclose(share, places["edge_weight"], rtol=1e-10)


@pytest.mark.parametrize("cells", [128, 200])
def test_lansing_keeps_its_mass_on_a_grid(cells: int) -> None:
    events = table("points.csv")
    found = density(events["x"], events["y"], bandwidth=0.05, grid=(cells, cells), polygon=SQUARE, edge="diggle")
    assert found.mass == pytest.approx(703, rel=1e-12)
    assert found.density.sum() / cells**2 == pytest.approx(703, rel=1e-12)


# --------------------------------------------------------------- direct sums


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=12),
    st.floats(0.05, 20),
    st.sampled_from(["gaussian", "quartic"]),
    st.booleans(),
)
def test_exact_as_by_the_definition(
    points: list[tuple[float, float]], size: float, kernel: str, weighted: bool
) -> None:
    x, y = np.array(points).T
    weights = np.arange(len(x), dtype=float) if weighted else None
    grid = density(
        x, y, bandwidth=size, grid=(7, 5), bounds=(-2, 1, 12, 9), kernel=kernel, weights=weights, method="exact"
    )  # type: ignore[arg-type]
    px, py = np.meshgrid(grid.x, grid.y)
    wanted = direct(px, py, x, y, size, kernel, weights)
    np.testing.assert_allclose(grid.density.ravel(), wanted, atol=grid.error + 1e-14, rtol=1e-9)
    at = density(x, y, bandwidth=size, at=(px.ravel(), py.ravel()), kernel=kernel, weights=weights)  # type: ignore[arg-type]
    np.testing.assert_allclose(at.density, wanted, atol=at.error + 1e-14, rtol=1e-9)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
@pytest.mark.parametrize("edge", ["none", "uniform", "diggle"])
@pytest.mark.parametrize("count", [1, 300])
def test_binned_within_a_thousandth_of_the_peak(kernel: str, edge: str, count: int) -> None:
    """At the smallest bandwidth that is binned, where the error is largest."""
    rng = np.random.default_rng(11)
    for _ in range(4):
        outline = wavy(rng)
        area = Polygon(outline)
        x, y = rng.uniform(0, 200, (2, 4000))
        keep = area.contains(x, y)
        x, y = x[keep][:count], y[keep][:count]
        nx, ny = round(area.width), round(area.height)
        size = BINNED_FROM[kernel][edge] * max(area.width / nx, area.height / ny) * 1.001
        how = {"bandwidth": size, "grid": (nx, ny), "polygon": area, "edge": edge, "kernel": kernel}
        binned = density(x, y, method="binned", **how)  # type: ignore[arg-type]
        exact = density(x, y, method="exact", **how)  # type: ignore[arg-type]
        assert np.abs(binned.density - exact.density).max() <= 1e-3 * exact.density.max()
        assert binned.method == "binned" and exact.method == "exact"
        if edge == "diggle":
            assert binned.mass == count
            assert (binned.coverage > 0).sum() > 500 and (binned.density >= 0).all()
            assert exact.mass == count
        else:
            assert binned.mass == pytest.approx(exact.mass, rel=2e-3)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_binned_events_beyond_the_grid_still_reach_into_it(kernel: str) -> None:
    x, y = np.random.default_rng(3).uniform(-500, 1500, (2, 500))
    how = {"bandwidth": 250.0, "grid": (90, 110), "bounds": (0, 0, 1000, 1000), "kernel": kernel}
    binned = density(x, y, method="binned", **how)  # type: ignore[arg-type]
    px, py = np.meshgrid(binned.x, binned.y)
    wanted = direct(px, py, x, y, 250.0, kernel)
    assert np.abs(binned.density.ravel() - wanted).max() <= 1e-3 * wanted.max()


def test_bins_only_where_the_error_allows() -> None:
    x, y = np.random.default_rng(0).random((2, 50))
    how = {"grid": (100, 100), "bounds": (0, 0, 1, 1)}
    assert density(x, y, bandwidth=0.034, **how).method == "exact"  # type: ignore[arg-type]
    assert density(x, y, bandwidth=0.036, **how).method == "binned"  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"at least 0\.035"):
        density(x, y, bandwidth=0.034, method="binned", **how)  # type: ignore[arg-type]


def test_a_small_window_into_wide_data_is_summed_exactly() -> None:
    x, y = np.random.default_rng(0).uniform(0, 10_000, (2, 200))
    window = density(x, y, bandwidth=300, grid=(100, 100), bounds=(5000, 5000, 5100, 5100))
    assert window.method == "exact"
    px, py = np.meshgrid(window.x, window.y)
    wanted = direct(px, py, x, y, 300, "gaussian")
    np.testing.assert_allclose(window.density.ravel(), wanted, atol=window.error)
    with pytest.raises(BadInput, match="too much memory"):
        density(x, y, bandwidth=300, grid=(400, 400), bounds=(5000, 5000, 5100, 5100), method="binned")


# ---------------------------------------------------------- mass and polygons


@settings(max_examples=80)
@given(st.floats(-1, 2), st.floats(-1, 2), st.floats(0.02, 5))
def test_gaussian_mass_in_a_rectangle(x: float, y: float, size: float) -> None:
    area = Polygon([(0, 0), (1, 0), (1, 0.7), (0, 0.7)])
    closed = (ndtr((1 - x) / size) - ndtr(-x / size)) * (ndtr((0.7 - y) / size) - ndtr(-y / size))
    place = np.array([x]), np.array([y])
    assert masses(*place, size, "gaussian", area)[0] == pytest.approx(closed, abs=1e-13)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
@pytest.mark.parametrize("size", [5.0, 40.0, 300.0])
def test_mass_of_two_parts_adds_up(kernel: str, size: float) -> None:
    """A star cut in two by a slanting line: each kernel's mass is the sum of the parts', holes included."""
    rng = np.random.default_rng(int(size))
    whole = shapely.Polygon(wavy(rng)).buffer(0)
    whole = whole.difference(shapely.Point(105, 95).buffer(6))
    left = shapely.Polygon([(-500, -500), (90, -500), (120, 700), (-500, 700)])
    shapes = [whole, whole.intersection(left), whole.difference(left)]
    x, y = rng.uniform(20, 180, (2, 60))
    found = []
    for shape in shapes:
        area = Polygon(shape)
        found.append(masses(x, y, size, kernel, area))
    np.testing.assert_allclose(found[0], found[1] + found[2], atol=2e-13)


def test_quartic_mass_by_quadrature() -> None:
    area = Polygon([(0, 0), (2, 0), (0, 1)])
    for x, y in [(0.2, 0.3), (0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (-0.2, 0.1), (0.6, 0.2)]:

        def kernel(v: float, u: float, x: float = x, y: float = y) -> float:
            d2 = ((u - x) ** 2 + (v - y) ** 2) / 0.49
            return 3 / (math.pi * 0.49) * (1 - d2) ** 2 if d2 < 1 else 0.0

        wanted = integrate.dblquad(kernel, 0, 2, 0, lambda u: 1 - u / 2, epsabs=1e-6)[0]
        place = np.array([x]), np.array([y])
        assert masses(*place, 0.7, "quartic", area)[0] == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("cells", [(1, 1), (7, 13), (64, 50)])
def test_coverage_as_by_shapely(cells: tuple[int, int]) -> None:
    rng = np.random.default_rng(cells[0])
    shape = shapely.Polygon(wavy(rng)).buffer(0).difference(shapely.box(95, 97, 110, 99.5))
    shape = shape.union(shapely.box(150.3, 20, 151, 60))
    area = Polygon(shape)
    share = area.coverage(*cells)
    dx, dy = area.width / cells[0], area.height / cells[1]
    for row in range(0, cells[1], 3):
        for column in range(cells[0]):
            box = shapely.box(
                area.left + column * dx, area.low + row * dy, area.left + (column + 1) * dx, area.low + (row + 1) * dy
            )
            assert share[row, column] == pytest.approx(shape.intersection(box).area / (dx * dy), abs=1e-9)
    assert share.sum() * dx * dy == pytest.approx(shape.area) and area.area == pytest.approx(shape.area)


def test_contains_as_by_shapely_and_on_the_border() -> None:
    rng = np.random.default_rng(9)
    shape = shapely.Polygon(wavy(rng)).buffer(0).difference(shapely.Point(100, 100).buffer(5))
    x, y = rng.uniform(0, 200, (2, 3000))
    assert (Polygon(shape).contains(x, y) == shapely.contains_xy(shape, x, y)).all()
    square = Polygon(SQUARE)
    on = np.array([0, 1, 0.5, 0, 0.3, 1.0]), np.array([0, 1, 0, 0.25, 1, 0.7])
    assert square.contains(*on).all()
    assert not square.contains(np.array([1.0001, -0.0001]), np.array([0.5, 0.5])).any()


def test_polygon_from_many_forms() -> None:
    hole = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)]
    geojson = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]], hole]}
    forms = [
        [SQUARE, hole],
        [SQUARE[::-1], hole[::-1]],
        [hole, SQUARE],
        geojson,
        {"type": "Feature", "geometry": geojson},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geojson}]},
        {"type": "MultiPolygon", "coordinates": [geojson["coordinates"]]},
        shapely.Polygon(SQUARE, [hole]),
    ]
    for form in forms:
        assert Polygon(form).area == pytest.approx(0.96)
    assert Polygon(np.array(SQUARE)).area == 1


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ([(0, 0), (1, 1)], "fewer than three"),
        ([(0, 0), (1, 1), (2, 2)], "no area"),
        ([(0, 0), (1, np.nan), (2, 2)], "not a finite"),
        ({"type": "Point", "coordinates": [0, 0]}, "is a Point"),
        ("square", "cannot be read from str"),
        ([], "no rings"),
    ],
)
def test_polygon_refusals(shape: object, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Polygon(shape)


# --------------------------------------------------------------- and the rest


@pytest.mark.parametrize("edge", ["uniform", "diggle"])
def test_far_from_the_origin_nothing_is_lost(edge: str) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.2, 0.8, (2, 40)) * 1000
    outline = np.array(SQUARE) * 1000
    at = rng.uniform(0, 1000, (2, 30))
    near = density(x, y, bandwidth=90, at=tuple(at), polygon=outline, edge=edge)  # type: ignore[arg-type]
    move = np.array([585_000.0, 6_583_000.0])
    far = density(
        x + move[0], y + move[1], bandwidth=90, at=tuple(at + move[:, None]), polygon=outline + move, edge=edge
    )  # type: ignore[arg-type]
    np.testing.assert_allclose(near.density, far.density, rtol=1e-8)


def test_weights_are_repeats_and_order_is_nothing() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.random((2, 30))
    counts = rng.integers(0, 4, 30)
    repeated = np.repeat(np.arange(30), counts)[::-1]
    for method in ("binned", "exact"):
        how = {"bandwidth": 0.2, "grid": (50, 50), "polygon": SQUARE, "edge": "diggle", "method": method}
        one = density(x, y, weights=counts, **how)  # type: ignore[arg-type]
        other = density(x[repeated], y[repeated], **how)  # type: ignore[arg-type]
        np.testing.assert_allclose(one.density, other.density, rtol=1e-9)
        assert one.mass == pytest.approx(counts.sum())


@pytest.mark.parametrize("method", ["binned", "exact"])
def test_one_event_all_at_one_place_and_none(method: str) -> None:
    how = {"bandwidth": 0.2, "grid": (40, 40), "polygon": SQUARE, "edge": "diggle", "method": method}
    one = density([0.0], [1.0], **how)  # type: ignore[arg-type]
    assert one.mass == pytest.approx(1) and one.outside == 0  # a corner counts as inside
    many = density([0.5] * 9, [0.5] * 9, **how)  # type: ignore[arg-type]
    assert many.mass == pytest.approx(9)
    none = density([], [], **how)  # type: ignore[arg-type]
    assert none.mass == 0 and not none.density.any() and "no events" in none.warnings[0]
    assert density([], [], bandwidth=1, at=([0.0], [0.0])).density.tolist() == [0.0]
    assert density([0.5], [0.5], bandwidth=1, at=([], [])).density.tolist() == []


def test_events_outside_are_left_out_and_told() -> None:
    found = density([0.5, 3.0], [0.5, 0.5], bandwidth=0.2, grid=(40, 40), polygon=SQUARE, edge="diggle")
    assert found.events == 1 and found.outside == 1 and found.mass == pytest.approx(1)
    assert "1 of 2 events lie outside" in found.warnings[0]


def test_zero_outside_the_polygon() -> None:
    triangle = [(0, 0), (1, 0), (0, 1)]
    found = density([0.3], [0.3], bandwidth=0.5, grid=(60, 60), polygon=triangle)
    x, y = np.meshgrid(found.x, found.y)
    assert (found.density[x + y > 1 + 1e-9] == 0).all() and (found.density[x + y < 1] > 0).all()
    at = density([0.3], [0.3], bandwidth=0.5, at=([0.2, 0.8], [0.2, 0.8]), polygon=triangle)
    assert at.density[0] > 0 and at.density[1] == 0


def test_grid_lies_around_the_events_when_nothing_else_is_said() -> None:
    found = density([0.0, 10], [0.0, 4], bandwidth=1, grid=(160, 100))
    assert found.x[0] == pytest.approx(-3 + 0.05) and found.y[-1] == pytest.approx(7 - 0.05)
    assert found.mass == pytest.approx(2, rel=1e-2) and found.coverage is None


def test_states_its_error() -> None:
    x, y = np.random.default_rng(0).random((2, 20))
    binned = density(x, y, bandwidth=0.1, grid=(100, 100), bounds=(0, 0, 1, 1))
    assert binned.error == pytest.approx(binned.density.max() * 1e-3)
    exact = density(x, y, bandwidth=0.01, grid=(100, 100), bounds=(0, 0, 1, 1))
    assert exact.error == pytest.approx(20 * math.exp(-(CUT**2) / 2) / (2 * math.pi * 1e-4))


def test_small_bandwidth_is_told() -> None:
    found = density([0.5], [0.5], bandwidth=0.01, grid=(10, 10), polygon=SQUARE, edge="diggle")
    assert "smaller than a cell" in found.warnings[0] and found.mass == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Give either a grid"),
        ({"grid": (2, 2), "at": ([0.0], [0.0])}, "Give either a grid"),
        ({"grid": (0, 2)}, "columns is 0"),
        ({"grid": (10**5, 10**5)}, "at most"),
        ({"grid": (2, 2), "bandwidth": 0}, "bandwidth"),
        ({"grid": (2, 2), "bandwidth": math.nan}, "bandwidth"),
        ({"grid": (2, 2), "edge": "diggle"}, "needs the polygon"),
        ({"grid": (2, 2), "edge": "some", "polygon": SQUARE}, "edge is"),
        ({"grid": (2, 2), "kernel": "some"}, "kernel is"),
        ({"grid": (2, 2), "method": "some"}, "method is"),
        ({"grid": (2, 2), "bounds": (0, 0, 0, 1)}, "bounds are"),
        ({"grid": (2, 2), "bandwidth": 1e6, "edge": "diggle", "polygon": SQUARE, "method": "exact"}, "so wide"),
        ({"grid": (2, 2), "bounds": (0, 0, 1, 1), "polygon": SQUARE}, "not both"),
        ({"at": ([0.0], [0.0]), "method": "binned"}, "binned is for grids"),
        ({"at": ([np.inf], [0.0])}, "at x"),
        ({"grid": (2, 2), "weights": [-1.0]}, "below zero"),
        ({"grid": (2, 2), "weights": [1.0, 1.0]}, "differ in length"),
        ({"grid": (2, 2), "x": [np.nan]}, "x: value 1 is nan"),
        ({"grid": (2, 2), "x": [], "y": []}, "no events to lay a grid around"),
    ],
)
def test_refusals(options: dict[str, object], words: str) -> None:
    how = {"x": [0.0], "y": [0.0], "bandwidth": 1.0} | options
    with pytest.raises(BadInput, match=words):
        density(**how)  # type: ignore[arg-type]
