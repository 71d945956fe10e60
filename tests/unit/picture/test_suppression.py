"""Hidden counts cannot be bounded from what is shown: tried by an attacker who knows the rules and can calculate."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from samverkan.domain.picture import suppression
from samverkan.domain.picture.suppression import PERIOD_WEEKS, Protected, has_room, protect
from tests.harness.attacker import Attacker, read, truth

BELOW = 5
#: The decisions on 60 tables each, as a digest.
DECIDED = (
    "b927337a217bb5bb",
    "a4199cf7034a1f20",
    "b33c34e6e394be53",
    "9336e483291270e3",
    "b7c04d0aa6601dd4",
    "7e224e0a1832bb01",
)
_small = st.integers(0, 9) | st.integers(0, 3) | st.integers(0, 40) | st.just(0)
_tables = st.integers(1, 9).flatmap(lambda n: hnp.arrays(np.int64, (n, PERIOD_WEEKS), elements=_small))
#: Once, three counts of 1 followed from what was shown of this.
_ONCE_KNOWN = [
    [17, 20, 29, 16],
    [0, 1, 1, 1],
    [2, 2, 3, 1],
    [1, 1, 1, 0],
    [1, 1, 0, 0],
    [4, 5, 2, 2],
    [13, 13, 11, 5],
]


def family(seed: int) -> dict[str, np.ndarray]:
    """Incidents of one or two fixed periods by chance, divided in several ways: quiet and busy, even and uneven."""
    dice = np.random.default_rng(seed)
    weeks = PERIOD_WEEKS * int(dice.choice([1, 1, 2]))
    busy = dice.choice([2, 6, 15, 40, 90]) * np.where(dice.random(weeks) < 0.15, dice.random(weeks) * 0.3, 1.0)
    number = dice.poisson(busy)
    out = {}
    for name in range(int(dice.integers(1, 4))):
        share = dice.dirichlet(np.full(int(dice.integers(2, 11)), dice.choice([0.2, 0.7, 3.0])))
        out[f"division {name}"] = np.array([dice.multinomial(n, share) for n in number], np.int64).T
    return out


def attack(*families: dict[str, np.ndarray], below: int = BELOW) -> tuple[Attacker, dict[object, int]]:
    """All that is published of some families of tables, known to one attacker; and what the unknown really is."""
    attacker, really = Attacker(), {}
    for number, tables in enumerate(families):
        for name, counts in tables.items():
            table = protect(counts, 40, below=below)
            read(attacker, (number, name), table)
            really |= truth((number, name), table)
    return attacker, really


def holds(*families: dict[str, np.ndarray], below: int = BELOW) -> int:
    """Assert that no hidden count is bounded more narrowly than from 1 to ``below``. Gives how many were tried."""
    attacker, really = attack(*families, below=below)
    assert not (found := attacker.bounded(below)), f"at most {found}"
    small = [name for name in attacker.least if really.get(name, below) < below]
    assert not (found := attacker.from_more_than_one(small)), f"at least {found}"
    return len(attacker.least)


def test_three_counts_that_once_followed_do_not() -> None:
    assert holds({"cells": np.array(_ONCE_KNOWN)}) > 10


def test_no_hidden_count_of_some_families_is_bounded(tried: Counter[str]) -> None:
    hidden = holds(*(family(seed) for seed in range(150)))
    assert hidden > 4_000
    tried["hidden counts of chance tables bounded"] += hidden


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_no_hidden_count_of_ten_thousand_families_is_bounded(part: int, tried: Counter[str]) -> None:
    hidden = sum(
        holds(*(family(seed) for seed in range(begin, begin + 100)))
        for begin in range(1_000 * part, 1_000 * part + 1_000, 100)
    )
    print(f"families 1000, hidden counts tried {hidden}, bounded 0")
    tried["hidden counts of chance tables bounded"] += hidden


@settings(max_examples=80)
@given(_tables, st.integers(2, 12))
def test_no_hidden_count_of_small_tables_is_bounded_whatever_the_limit(counts: np.ndarray, below: int) -> None:
    holds({"cells": counts}, below=below)


def test_the_attacker_finds_what_there_is_to_find() -> None:
    """Shown without care, the same numbers tell; and so does a division that divides another further."""
    careless = Attacker()
    counts = np.array(_ONCE_KNOWN)
    every = np.ones(counts.shape, bool)
    open_ = (counts == 0) | (counts >= BELOW)
    read(careless, (0, "cells"), Protected(40, counts, open_, every[0], every[:, :1], every[0, :1]))
    assert careless.bounded(BELOW)
    found = 0
    for seed in range(5):
        dice = np.random.default_rng(seed)
        squares = dice.poisson(3.0, (12, PERIOD_WEEKS)).astype(np.int64)
        areas = squares.reshape(4, 3, PERIOD_WEEKS).sum(axis=1)
        nested, _really = attack({"area": areas, "square": squares})
        for area in range(4):
            for week in range(40, 44):
                parts = [((0, "square"), 3 * area + k, week) for k in range(3)]
                nested.told(parts, 0, minus=[((0, "area"), area, week)])
        found += len(nested.bounded(BELOW))
    assert found > 5, "this is why no published division divides another further"


def test_the_bounds_are_those_of_the_linear_program() -> None:
    """What the code takes for the least and the greatest is what a solver finds, whichever sums are shown."""
    compared = 0
    for seed in range(12):
        dice = np.random.default_rng(seed)
        each = dice.choice([2, 4, 9]) * dice.random((int(dice.integers(2, 8)), 1)) * 2
        counts = dice.poisson(np.repeat(each, PERIOD_WEEKS, axis=1)).astype(np.int64)
        hidden = ~protect(counts, 0, below=BELOW).week_open
        if (counts.sum(axis=0) < BELOW).any() or not hidden.any():
            continue
        period = suppression._Period(counts, hidden, np.zeros(PERIOD_WEEKS, bool), BELOW)
        for shown in (np.ones(len(counts), bool), dice.random(len(counts)) < 0.6, period.sums_shown()):
            least, greatest, _by, _by_too = period.bounds(shown)
            at = np.argwhere(hidden)
            weeks = [at[:, 1] == w for w in range(PERIOD_WEEKS)]
            rows = [*weeks, *(at[:, 0] == c for c in np.flatnonzero(shown))]
            given_ = {"A_eq": np.array(rows, float), "b_eq": [counts[hidden][r].sum() for r in rows]}
            limits = [(period.least[w], None) for _c, w in at]
            for k, (cell, week) in enumerate(at):
                aim = np.eye(len(at))[k]
                assert least[cell, week] == round(linprog(aim, bounds=limits, **given_).fun)
                assert greatest[cell, week] == round(-linprog(-aim, bounds=limits, **given_).fun)
                compared += 1
    assert compared > 200


def test_a_count_has_room_only_when_each_of_the_hidden_could_be_large() -> None:
    """Of n hidden counts with a known sum each of the others is at least 1."""
    for hidden in range(1, 8):
        for total in range(hidden, 40):
            greatest = max((total - (hidden - 1) if hidden > 1 else 0), 0)
            assert has_room(hidden, total, BELOW) == (hidden >= 2 and greatest >= BELOW)
    assert not has_room(4, 7, BELOW), "three of at least 1 leave 4 of 7"
    assert has_room(4, 8, BELOW)
    four = protect(np.array([[1] * 4, [2] * 4, [2] * 4, [2] * 4, [30] * 4]), 0, below=BELOW)
    assert four.cells(0, 0) == [None] * 5, "1 + 2 + 2 + 2 = 7 leaves none of them 5, so the fifth is hidden too"
    for last, sum_ in ((2, None), (3, 47)):
        quiet = protect(np.array([[2, 2, last, 40]]), 0, below=BELOW)
        assert quiet.total(0, 3) == sum_, "2 + 2 + 2 leaves none of the quiet weeks 5"


@settings(max_examples=150)
@given(_tables)
def test_no_small_count_is_shown(counts: np.ndarray) -> None:
    p = protect(counts, 0, below=BELOW)
    for first in range(PERIOD_WEEKS):
        for last in range(first, PERIOD_WEEKS):
            sums = counts[:, first : last + 1].sum(axis=1)
            for value, least, true in zip(p.cells(first, last), p.at_least(first, last), sums, strict=True):
                assert value is None or (value == true and not 0 < value < BELOW)
                assert least <= true and (value is None or value == least) and not 0 < least < BELOW
            total, least = p.total(first, last), p.total_at_least(first, last)
            assert total is None or not 0 < total < BELOW
            assert least <= sums.sum() and not 0 < least < BELOW


@settings(max_examples=100)
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


def test_nothing_that_was_shown_is_hidden_when_more_weeks_come() -> None:
    """A week is decided by itself, and a period by its own weeks."""
    for seed in range(40):
        for counts in family(seed).values():
            whole = protect(counts, 0, below=BELOW)
            for weeks in range(PERIOD_WEEKS, counts.shape[1], PERIOD_WEEKS):
                part = protect(counts[:, :weeks], 0, below=BELOW)
                assert (part.week_open == whole.week_open[:, :weeks]).all()
                assert (part.period_open == whole.period_open[:, : weeks // PERIOD_WEEKS]).all()


def test_the_same_is_hidden_in_whatever_order_the_cells_stand() -> None:
    """As names sort otherwise in another language: who reads both is told the same twice."""
    for seed in range(60):
        dice = np.random.default_rng(seed)
        for counts in family(seed).values():
            one, order = protect(counts, 0, below=BELOW), dice.permutation(len(counts))
            other = protect(counts[order], 0, below=BELOW, order=np.argsort(order))
            assert (one.counts[order] == other.counts).all()
            assert (one.week_open[order] == other.week_open).all()
            assert (one.period_open[order] == other.period_open).all()


def test_zero_and_hidden_differ_and_one_hidden_takes_another_with_it() -> None:
    counts = np.array([[20] * 4, [9] * 4, [3] * 4, [0] * 4])
    p = protect(counts, 0, below=BELOW)
    assert p.cells(0, 0) == [20, None, None, 0]
    assert p.total(0, 0) == 32
    assert p.cells(0, 3) == [80, 36, 12, 0]


def test_a_lone_small_week_hides_the_periods_sum_which_is_then_at_least_the_others() -> None:
    counts = np.array([[8, 8, 3, 8], [9, 9, 9, 9], [30, 30, 30, 30]])
    p = protect(counts, 0, below=BELOW)
    assert p.cells(0, 3) == [None, None, 120]
    assert p.at_least(0, 3) == [24, 27, 120]
    assert p.cells(0, 1) == p.at_least(0, 1) == [16, 18, 60]
    assert (p.total(0, 3), p.total_at_least(0, 3)) == (183, 183)


def test_at_least_of_a_year_is_the_sum_of_what_is_shown() -> None:
    counts = np.tile(np.array([[20] * 4, [9] * 4, [3] * 4, [0] * 4]), 13)
    counts[0, 1] = 2
    p = protect(counts, 0, below=BELOW)
    assert p.cells(0, 51)[0] is None
    assert p.at_least(0, 51)[0] == 51 * 20
    assert p.at_least(2, 50)[2] == 11 * 12, "the whole periods within, and no weeks at the ends"


def test_a_small_total_hides_all_and_nothing_is_hidden_without_a_limit() -> None:
    assert protect(np.array([[2, 0, 0, 0], [0, 0, 0, 0]]), 0, below=BELOW).cells(0, 0) == [None, None]
    assert protect(np.array([[2, 0, 0, 0], [0, 0, 0, 0]]), 0, below=0).cells(0, 0) == [2, 0]


@pytest.mark.parametrize(("first", "weeks"), [(1, 4), (0, 3), (2, 5)])
def test_periods_are_whole(first: int, weeks: int) -> None:
    with pytest.raises(ValueError, match="whole"):
        protect(np.ones((2, weeks), np.int64), first, below=BELOW)


def test_without_a_limit_everything_is_shown_and_from_two_on_something_is_hidden() -> None:
    ones = np.array([[1] * 8, [3] * 8])
    for below in (0, 1):
        table = protect(ones, 8, below=below)
        flags = (table.week_open, table.total_open, table.period_open, table.period_total_open)
        assert [flag.shape for flag in flags] == [(2, 8), (8,), (2, 2), (2,)]
        assert all(flag.dtype == bool and flag.all() for flag in flags)
    assert protect(ones, 8, below=2).cells(8, 8) == [None, None]


def test_no_more_is_hidden_in_a_week_than_need_be() -> None:
    """Of the further cells the smallest first, and only until each hidden one could be as large as the limit."""

    def week(*counts: int) -> list[int | None]:
        return protect(np.array([[n] * 4 for n in counts]), 0, below=5).cells(0, 0)

    assert week(5, 9) == [5, 9], "what is as large as the limit is shown"
    assert week(3, 3, 7) == [None, None, 7], "3 + 3 leave room for a 5 beside a 1"
    assert week(1, 9, 5) == [None, 9, None], "1 and the 5 do too"
    assert week(1, 2, 9, 6) == [None, None, 9, None]
    assert protect(np.array([[5] * 4]), 0, below=5).total(0, 0) == 5
    many = np.full((60, 4), 7)
    many[59] = 1
    assert [n is None for n in protect(many, 0, below=5).cells(0, 0)] == [True, *[False] * 58, True], (
        "the first of equals"
    )


def test_no_further_sum_over_a_period_could_be_shown() -> None:
    """Each sum that is hidden would bound a small count too closely, by itself or with those that are shown."""
    tried = 0
    for seed in range(60):
        for counts in family(seed).values():
            table = protect(counts, 0, below=BELOW)
            for period in np.flatnonzero(table.period_total_open):
                at = slice(PERIOD_WEEKS * period, PERIOD_WEEKS * (period + 1))
                hidden, small = ~table.week_open[:, at], ~table.total_open[at]
                rules, shown = suppression._Period(counts[:, at], hidden, small, BELOW), table.period_open[:, period]
                assert rules._narrow(shown) is None
                assert shown[~hidden.any(axis=1)].all()
                for cell in np.flatnonzero(~shown):
                    also = shown.copy()
                    also[cell] = True
                    apart = counts[cell, at][hidden[cell] & ~small]
                    # The others of the row are at least 1 each, or 0 where a whole week is hidden.
                    least = rules.least[hidden[cell] & ~small]
                    narrow = len(apart) == 1 or (len(apart) and (apart.sum() - least.sum() + 1 < BELOW))
                    assert (
                        narrow
                        or (small.any() and counts[cell, at][small].sum() < BELOW)
                        or rules._narrow(also) is not None
                    )
                    tried += 1
    assert tried > 300


@pytest.mark.parametrize("part", range(6))
def test_what_is_decided_stays_decided(part: int) -> None:
    """What one version shows and another hides would tell together: the decisions on these tables never change."""
    told = sha256()
    quiet, few, cells = ((0.15, 3, 8), (0.6, 2, 8), (0.3, 3, 50))[max(part - 3, 0)]
    for seed in range(60 * part, 60 * part + 60):
        # Numbers that are the same with every version of numpy.
        draw = Random(seed).random
        shape = (2 + int(cells * draw()), PERIOD_WEEKS * (1 + int(2 * draw())))
        most = [[4, 9, 25, 70][int(4 * draw())] if draw() >= quiet else few for _week in range(shape[1])]
        counts = np.array([[int(draw() ** 3 * n) for n in most] for _cell in range(shape[0])], np.int64)
        for below in (3, 5):
            table = protect(counts, 40, below=below)
            for flags in (table.week_open, table.total_open, table.period_open, table.period_total_open):
                told.update(np.packbits(flags).tobytes())
    assert told.hexdigest()[:16] == DECIDED[part]


def test_what_there_is_at_least_is_the_sum_of_what_is_shown_within() -> None:
    """A period's sum where all of it lies within and is shown, else those of its weeks that are; over any weeks."""
    for seed in range(12):
        for counts in family(seed).values():
            table = protect(counts, 40, below=BELOW)
            weeks = range(counts.shape[1])
            for first in weeks:
                for last in weeks[first:]:
                    sums = np.zeros(len(counts), np.int64)
                    for start in weeks[::PERIOD_WEEKS]:
                        at = np.arange(max(first, start), min(last, start + PERIOD_WEEKS - 1) + 1)
                        shown = np.where(table.week_open[:, at], counts[:, at], 0).sum(axis=1)
                        whole = len(at) == PERIOD_WEEKS and table.period_open[:, start // PERIOD_WEEKS]
                        sums += np.where(whole, counts[:, at].sum(axis=1), shown)
                    assert table.at_least(40 + first, 40 + last) == sums.tolist()


def test_sums_are_shown_of_cells_that_have_enough_in_weeks_with_a_small_total() -> None:
    assert protect(np.array([[2, 2, 1, 40], [2, 2, 1, 40]]), 0, below=5).cells(0, 3) == [45, 45]
