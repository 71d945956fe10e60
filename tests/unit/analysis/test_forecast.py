"""Forecast accuracy against the ratios written out, and a published example."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverkan.analysis.errors import BadInput
from samverkan.analysis.forecast import accuracy
from tests.harness.examples import known_answers

CELLS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=2, max_size=30)


def test_the_example_of_ptools() -> None:
    path = known_answers("p1_pai", "expected.json")
    given_ = json.loads(path.read_text())
    asked = [row["cells"] for row in given_["rows"]]
    result = accuracy(given_["pred"], given_["obs"], given_["area"], shares=(), cells=asked)
    for row, expected in zip(result.rows, given_["rows"], strict=True):
        assert (row.pai, row.pei, row.rri) == pytest.approx(
            (expected["PAI"], expected["PEI"], expected["RRI"]), abs=1e-12
        )


@settings(max_examples=100, derandomize=True)
@given(CELLS.filter(lambda cells: sum(o for _, o in cells) > 0), st.data())
def test_against_the_definitions(cells: list[tuple[int, int]], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(cells)))
    predicted, observed = zip(*cells, strict=True)
    row = accuracy(predicted, observed, shares=(), cells=[k]).rows[0]
    chosen = sorted(range(len(cells)), key=lambda i: -predicted[i])[:k]  # Python's sort keeps ties in order
    hits, events = sum(observed[i] for i in chosen), sum(observed)
    assert row.hits == hits
    assert row.pai == pytest.approx(hits / events / (k / len(cells)), rel=1e-12, abs=1e-12)
    best = sum(sorted(observed, reverse=True)[:k])
    assert row.pei == pytest.approx(hits / best, rel=1e-12, abs=1e-12)
    assert 0 <= row.pei <= 1 + 1e-12
    if hits:
        assert row.rri == pytest.approx(sum(predicted[i] for i in chosen) / hits, rel=1e-12)
    assert row.pai_low <= row.pai + 1e-9 <= row.pai_high + 2e-9


def test_shares_take_the_cells_that_fit() -> None:
    predicted = np.arange(200, 0, -1)
    observed = np.ones(200, dtype=int)
    rows = accuracy(predicted, observed, shares=(0.01, 0.03, 0.05)).rows
    assert [r.cells for r in rows] == [2, 6, 10]
    assert [r.pai for r in rows] == pytest.approx([1, 1, 1])


def test_unequal_areas_are_ranked_by_forecast_for_their_area() -> None:
    row = accuracy([10, 6, 1], [5, 5, 0], [10, 2, 8], shares=(0.1,)).rows[0]
    assert (row.cells, row.hits, row.area_share) == (1, 5, pytest.approx(0.1))
    assert row.pai == pytest.approx(5)
    assert row.pei == pytest.approx(1)


def test_a_single_cell_larger_than_the_share_is_told() -> None:
    result = accuracy([2, 1], [1, 1], shares=(0.1,))
    assert result.rows[0].cells == 1
    assert any("One cell" in note for note in result.warnings)


def test_no_events_give_no_figures() -> None:
    row = accuracy([2, 1], [0, 0], shares=(0.5,)).rows[0]
    assert np.isnan(row.pai)
    assert row.cells == 1


@pytest.mark.parametrize(
    ("predicted", "observed", "options", "words"),
    [
        ([], [], {}, "no cells"),
        ([1, 2], [1], {}, "length"),
        ([-1, 2], [1, 1], {}, "below zero"),
        ([1, 2], [1, 1], {"area": [1, 0]}, "above zero"),
        ([1, 2], [1, 1], {"shares": (0,)}, "share"),
        ([1, 2], [1, 1], {"cells": (3,)}, "cells"),
        ([1, np.inf], [1, 1], {}, "inf"),
    ],
)
def test_bad_input_is_refused(
    predicted: list[float], observed: list[int], options: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        accuracy(predicted, observed, **options)  # type: ignore[arg-type]
