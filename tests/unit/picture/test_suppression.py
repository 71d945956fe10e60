"""What is hidden cannot be worked out from what is shown: tried by an attacker who knows the rules of arithmetic."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from samverkan.domain.picture import suppression
from samverkan.domain.picture.suppression import PERIOD_WEEKS, Protected, protect

BELOW = 5
_small = st.integers(0, 9) | st.integers(0, 3) | st.integers(0, 40) | st.just(0)
_tables = st.integers(1, 9).flatmap(lambda n: hnp.arrays(np.int64, (n, PERIOD_WEEKS), elements=_small))


def _equations(p: Protected) -> tuple[list[np.ndarray], list[int]]:
    """Every published sum of the first period, as rows over its hidden counts, with their values."""
    hidden = ~p.week_open[:, :PERIOD_WEEKS]
    index = {(int(c), int(w)): k for k, (c, w) in enumerate(np.argwhere(hidden))}
    counts = p.counts[:, :PERIOD_WEEKS]
    rows, values = [], []

    def add(cells: list[tuple[int, int]], total: int) -> None:
        row = np.zeros(len(index))
        for cell in cells:
            if cell in index:
                row[index[cell]] = 1
            else:
                total -= int(counts[cell])
        rows.append(row)
        values.append(total)

    n = counts.shape[0]
    for w in range(PERIOD_WEEKS):
        if p.total_open[w]:
            add([(c, w) for c in range(n)], int(counts[:, w].sum()))
    for c in range(n):
        if p.period_open[c, 0]:
            add([(c, w) for w in range(PERIOD_WEEKS)], int(counts[c].sum()))
    if p.period_total_open[0]:
        add([(c, w) for c in range(n) for w in range(PERIOD_WEEKS)], int(counts.sum()))
    return rows, values


@settings(max_examples=200, deadline=None)
@given(_tables)
def test_no_hidden_count_follows_from_the_sums_shown(counts: np.ndarray) -> None:
    p = protect(counts, 0, below=BELOW)
    hidden = np.argwhere(~p.week_open)
    rows, _values = _equations(p)
    if not len(hidden) or not rows:
        return
    matrix = np.array(rows)
    rank = np.linalg.matrix_rank(matrix)
    for k, (cell, week) in enumerate(hidden):
        unit = np.zeros(len(hidden))
        unit[k] = 1
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) > rank, f"cell {cell} of week {week} is known"


@settings(max_examples=60, deadline=None)
@given(_tables)
def test_no_hidden_count_is_known_even_when_none_is_below_zero(counts: np.ndarray) -> None:
    p = protect(counts, 0, below=BELOW)
    hidden = np.argwhere(~p.week_open)
    rows, values = _equations(p)
    if not len(hidden) or not rows:
        return
    for k, (cell, week) in enumerate(hidden):
        if not 1 <= counts[cell, week] < BELOW:
            continue
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(hidden))
            aim[k] = sign
            found = linprog(aim, A_eq=np.array(rows), b_eq=np.array(values), bounds=(0, None))
            ends.append(np.inf if found.status == 3 else abs(found.fun))
        assert ends[1] - ends[0] > 0.5, f"cell {cell} of week {week} is {ends}"


@settings(max_examples=150, deadline=None)
@given(_tables)
def test_no_small_count_is_shown(counts: np.ndarray) -> None:
    p = protect(counts, 0, below=BELOW)
    for first in range(PERIOD_WEEKS):
        for last in range(first, PERIOD_WEEKS):
            for value, true in zip(p.cells(first, last), counts[:, first : last + 1].sum(axis=1), strict=True):
                assert value is None or (value == true and not 0 < value < BELOW)
            total = p.total(first, last)
            assert total is None or not 0 < total < BELOW


@settings(max_examples=200, deadline=None)
@given(_tables, st.data())
def test_a_difference_between_two_spans_never_shows_a_small_count(counts: np.ndarray, data: st.DataObject) -> None:
    """Asked for more and more weeks, the answers differ by nothing small."""
    more = data.draw(hnp.arrays(np.int64, (counts.shape[0], PERIOD_WEEKS), elements=_small))
    p = protect(np.hstack([counts, more]), 8 * PERIOD_WEEKS, below=BELOW)
    begin = p.first
    spans = [(a, b) for a in range(begin, begin + 8) for b in range(a, begin + 8)]
    shown = {span: p.cells(*span) for span in spans}
    for a, b in spans:
        for c in range(b + 1, begin + 8):
            for short, long_ in zip(shown[a, b], shown[a, c], strict=True):
                if short is not None and long_ is not None:
                    assert not 0 < long_ - short < BELOW


def test_zero_and_hidden_differ_and_one_hidden_takes_another_with_it() -> None:
    counts = np.array([[20] * 4, [9] * 4, [3] * 4, [0] * 4])
    p = protect(counts, 0, below=BELOW)
    assert p.cells(0, 0) == [20, None, None, 0]
    assert p.total(0, 0) == 32
    assert p.cells(0, 3) == [80, 36, 12, 0]


def test_a_lone_small_week_hides_the_periods_sum() -> None:
    counts = np.array([[8, 8, 3, 8], [9, 9, 9, 9], [30, 30, 30, 30]])
    p = protect(counts, 0, below=BELOW)
    assert p.cells(0, 3) == [None, None, 120]
    assert p.cells(0, 1) == [16, 18, 60]


def test_a_small_total_hides_all_and_nothing_is_hidden_without_a_limit() -> None:
    assert protect(np.array([[2, 0, 0, 0], [0, 0, 0, 0]]), 0, below=BELOW).cells(0, 0) == [None, None]
    assert protect(np.array([[2, 0, 0, 0], [0, 0, 0, 0]]), 0, below=0).cells(0, 0) == [2, 0]


def test_periods_are_fixed() -> None:
    assert suppression.period_weeks(suppression.period_of(2966)) == (2964, 2967)
