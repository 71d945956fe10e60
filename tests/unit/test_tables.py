"""Cells that leave the house are shown and never run, and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation.tables import plain_cell, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "＠SUM(A1)",
        "-inf",
        "+1_0",
        "-",
    ],
)
def test_what_a_spreadsheet_would_run_is_shown(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["-12", "+3", "-0,5", "-0.5", "12", "", "Lindtorget", "'citat", -12, -0.5, None, True]
)
def test_numbers_and_other_texts_are_as_they_are(value: object) -> None:
    assert safe_cell(value) is value


@given(st.text())
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    if not text.startswith("'"):  # what had one already cannot be told from what got one
        assert plain_cell(safe_cell(text)) == text
