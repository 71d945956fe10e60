"""Neighbours: on grids, hexagons, by distance and from pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverkan.analysis import grids
from samverkan.analysis.errors import BadInput


def rows(neighbours: grids.Neighbours) -> list[set[int]]:
    return [
        set(neighbours.indices[neighbours.indptr[i] : neighbours.indptr[i + 1]].tolist())
        for i in range(len(neighbours))
    ]


@pytest.mark.parametrize(("nx", "ny"), [(1, 1), (1, 5), (4, 3), (7, 2)])
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_grid(nx: int, ny: int, rule: str) -> None:
    found = rows(grids.grid(nx, ny, rule=rule))  # type: ignore[arg-type]
    for i, row in enumerate(found):
        near = set()
        for j in range(nx * ny):
            dx, dy = abs(i % nx - j % nx), abs(i // nx - j // nx)
            if i != j and (max(dx, dy) == 1 if rule == "queen" else dx + dy == 1):
                near.add(j)
        assert row == near


def test_hexagons_as_by_distance() -> None:
    rng = np.random.default_rng(4)
    q, r = np.meshgrid(np.arange(-5, 6), np.arange(-4, 7))
    keep = rng.random(q.size) < 0.7
    q, r = q.ravel()[keep], r.ravel()[keep]
    # 300 m across flats: midpoints of hexagons that touch are 300 m apart.
    x = 300 * (q + r / 2) + 585_000
    y = 300 * np.sqrt(3) / 2 * r + 6_583_000
    assert rows(grids.hexagons(q, r)) == rows(grids.within(x, y, 300))


def test_hexagons_refuse() -> None:
    with pytest.raises(BadInput, match=r"hexagon \(1, 2\) is given twice"):
        grids.hexagons([1, 1], [2, 2])
    with pytest.raises(BadInput, match="within"):
        grids.hexagons([2**40], [0])
    assert len(grids.hexagons([], [])) == 0


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(-8, 8), st.integers(-8, 8)), max_size=40),
    st.floats(0.5, 30),
)
def test_within_as_by_brute_force(points: list[tuple[int, int]], distance: float) -> None:
    x = np.array([p[0] for p in points], dtype=float)
    y = np.array([p[1] for p in points], dtype=float)
    found = rows(grids.within(x, y, distance))
    for i, row in enumerate(found):
        d2 = (x - x[i]) ** 2 + (y - y[i]) ** 2
        near = set(np.flatnonzero(d2 <= distance**2 * (1 + 2e-9)).tolist()) - {i}
        assert row == near


def test_within_keeps_far_apart_points_cheap() -> None:
    x = np.array([0.0, 1.0, 1e9, 1e9 + 1])
    assert rows(grids.within(x, x * 0, 1.0)) == [{1}, {0}, {3}, {2}]


def test_pairs_in_one_direction_count_both_ways() -> None:
    assert rows(grids.pairs(4, [0, 1], [1, 2])) == [{1}, {0, 2}, {1}, set()]


def test_pairs_with_any_return_are_taken_as_they_stand() -> None:
    assert rows(grids.pairs(3, [0, 1, 1], [1, 0, 2])) == [{1}, {0, 2}, set()]


def test_pair_weights() -> None:
    neighbours = grids.pairs(3, [0, 1, 0], [1, 2, 2], [0.5, 2.0, 0.0])
    assert rows(neighbours) == [{1}, {0, 2}, {1}]
    assert neighbours.weights is not None and neighbours.weights.tolist() == [0.5, 0.5, 2.0, 2.0]
    assert grids.pairs(2, [0], [1], [1.0]).weights is None
    assert rows(grids.pairs(2, [0, 0], [1, 1])) == [{1}, {0}]  # said twice is said once


@pytest.mark.parametrize(
    ("first", "second", "weight", "words"),
    [
        ([0, 3], [1, 1], None, "first: pair 2 names cell 3"),
        ([0], [-1], None, "second: pair 1 names cell -1"),
        ([0], [1], [-1.0], "below zero"),
        ([0, 0], [1, 1], [1.0, 2.0], "two weights"),
        ([0, 0], [0, 0], [1.0, 2.0], "two weights"),
        ([0], [1, 2], None, "differ in length"),
    ],
)
def test_pairs_refuse(first: list[int], second: list[int], weight: list[float] | None, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        grids.pairs(3, first, second, weight)


def test_grid_and_within_refuse() -> None:
    with pytest.raises(BadInput, match="nx is 0"):
        grids.grid(0, 3)
    with pytest.raises(BadInput, match="rule is"):
        grids.grid(2, 3, rule="bishop")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="distance"):
        grids.within([0.0], [0.0], 0)
    assert len(grids.within([], [], 5)) == 0


@pytest.mark.parametrize("step", [0.1, 0.3, 33.3])
def test_within_reaches_what_is_exactly_so_far_in_coordinates_with_decimals(step: float) -> None:
    column, row = np.tile(np.arange(6), 6), np.repeat(np.arange(6), 6)
    found = grids.within(np.round(588_000.3 + column * step, 1), np.round(6_584_123.7 + row * step, 1), step)
    assert rows(found) == rows(grids.grid(6, 6, rule="rook"))
