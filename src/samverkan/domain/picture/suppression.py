"""Which counts may be shown to those who may not see small ones. Pure: numbers in, numbers out.

What is published of one way of dividing incidents (areas, say) is two tables: cell by week, and
cell by fixed period of four weeks, each with its total. Every other number, of whatever weeks, is
a sum of published ones. So nothing more can be learnt by asking for many different weeks than
from the two tables themselves, and these are made so that what is hidden cannot be worked out:

- a count of 1 up to ``below - 1`` is hidden (primary suppression);
- in a week, further cells are hidden until the hidden ones together leave room for each of them
  to be ``below`` or more (complementary suppression over cells);
- a period's sum is shown although some of its weeks are hidden, if at least two are, and they leave
  the same room (complementary suppression over time);
- a hidden cell that the two kinds of sums would yet reveal together is found as a bridge in the graph
  of hidden cells (D. Gusfield, A graph theoretic approach to statistical data security,
  SIAM J. Comput. 17 (1988) 552-571), and a period's sum is then hidden too.

A week's cells are decided by that week alone, and a period's sums by its own weeks, so that nothing
which has been shown is hidden later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: Weeks in a fixed period. Periods begin where ``foundation.weeks`` counts 0, 4, 8 …
PERIOD_WEEKS = 4

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


def period_of(week: int) -> int:
    """The fixed period that holds a week."""
    return week // PERIOD_WEEKS


def period_weeks(period: int) -> tuple[int, int]:
    """First and last week of a fixed period."""
    return period * PERIOD_WEEKS, period * PERIOD_WEEKS + PERIOD_WEEKS - 1


@dataclass(frozen=True)
class Protected:
    """Counts of cells by week with what may be shown of them.

    Attributes
    ----------
    first : the first week, which begins a fixed period; the weeks are whole fixed periods.
    counts : (cells, weeks).
    week_open, total_open : (cells, weeks) and (weeks,): shown as such.
    period_open, period_total_open : (cells, periods) and (periods,): sums that are shown.
    """

    first: int
    counts: Counts
    week_open: Flags
    total_open: Flags
    period_open: Flags
    period_total_open: Flags

    def total(self, first: int, last: int) -> int | None:
        """The sum of all cells from one week to another (inclusive), or None when hidden."""
        low, high = first - self.first, last - self.first + 1
        if not _shown(low, high, self.total_open[None, :], self.period_total_open[None, :])[0]:
            return None
        return int(self.counts[:, low:high].sum())

    def cells(self, first: int, last: int) -> list[int | None]:
        """The count of every cell from one week to another (inclusive), None where hidden."""
        low, high = first - self.first, last - self.first + 1
        shown = _shown(low, high, self.week_open, self.period_open)
        sums = self.counts[:, low:high].sum(axis=1)
        return [int(value) if ok else None for value, ok in zip(sums, shown, strict=True)]

    def weeks_of(self, cell: int | None, first: int, last: int) -> list[int | None]:
        """Week by week: one cell, or the total of all when ``cell`` is None."""
        low, high = first - self.first, last - self.first + 1
        counts, shown = (
            (self.counts.sum(axis=0), self.total_open) if cell is None else (self.counts[cell], self.week_open[cell])
        )
        return [int(v) if ok else None for v, ok in zip(counts[low:high], shown[low:high], strict=True)]


def _shown(low: int, high: int, by_week: Flags, by_period: Flags) -> Flags:
    """Whether a sum over weeks low … high-1 is a sum of published numbers, for each cell."""
    shown = np.ones(by_week.shape[0], bool)
    for start in range(low - low % PERIOD_WEEKS, high, PERIOD_WEEKS):
        a, b = max(low, start), min(high, start + PERIOD_WEEKS)
        weeks = by_week[:, a:b].all(axis=1)
        shown &= weeks | by_period[:, start // PERIOD_WEEKS] if b - a == PERIOD_WEEKS else weeks
    return shown


def has_room(hidden: int, total: int, below: int) -> bool:
    """Whether hidden counts of at least 1 with a known total could each be ``below`` or more."""
    return hidden >= 2 and total - (hidden - 1) >= below


def protect(counts: Counts, first: int, *, below: int) -> Protected:
    """Decide what is shown. ``counts`` is (cells, weeks) and covers whole fixed periods from ``first``."""
    if first % PERIOD_WEEKS or counts.shape[1] % PERIOD_WEEKS:
        raise ValueError("Counts must cover whole fixed periods.")
    cells, weeks = counts.shape
    periods = weeks // PERIOD_WEEKS
    if below <= 1:
        return Protected(
            first,
            counts,
            np.ones((cells, weeks), bool),
            np.ones(weeks, bool),
            np.ones((cells, periods), bool),
            np.ones(periods, bool),
        )
    totals = counts.sum(axis=0)
    total_open = (totals == 0) | (totals >= below)
    week_open = _protect_weeks(counts, totals, total_open, below)
    period_open, period_total_open = _protect_periods(counts, totals, week_open, total_open, below)
    return Protected(first, counts, week_open, total_open, period_open, period_total_open)


def _protect_weeks(counts: Counts, totals: Counts, total_open: Flags, below: int) -> Flags:
    """Primary and complementary suppression within each week."""
    open_ = (counts == 0) | (counts >= below)
    open_[:, ~total_open] = False  # a small total hides all its parts, zeros too
    hidden = ~open_
    number = hidden.sum(axis=0)
    rest = np.where(hidden, counts, 0).sum(axis=0)
    for week in np.flatnonzero(total_open & (number > 0)):
        n, s = int(number[week]), int(rest[week])
        if has_room(n, s, below):
            continue
        column = counts[:, week]
        candidates = np.flatnonzero(open_[:, week] & (column > 0))
        for cell in candidates[np.argsort(column[candidates], kind="stable")]:
            open_[cell, week] = False
            n, s = n + 1, s + int(column[cell])
            if has_room(n, s, below):
                break
        else:
            open_[:, week] = False
    return open_


def _protect_periods(
    counts: Counts, totals: Counts, week_open: Flags, total_open: Flags, below: int
) -> tuple[Flags, Flags]:
    """Which sums over a fixed period are shown, for cells and for the total."""
    cells, weeks = counts.shape
    shape = (cells, weeks // PERIOD_WEEKS, PERIOD_WEEKS)
    hidden = ~week_open.reshape(shape)
    inner = np.where(hidden, counts.reshape(shape), 0)
    number, rest = hidden.sum(axis=2), inner.sum(axis=2)
    open_ = (number == 0) | ((number >= 2) & (rest - (number - 1) >= below))
    total_hidden = ~total_open.reshape(shape[1:])
    total_number = total_hidden.sum(axis=1)
    total_rest = np.where(total_hidden, totals.reshape(shape[1:]), 0).sum(axis=1)
    total_shown = (total_number == 0) | ((total_number >= 2) & (total_rest - (total_number - 1) >= below))
    for period in np.flatnonzero(number.any(axis=0)):
        _close_bridges(
            counts.reshape(shape)[:, period],
            hidden[:, period],
            open_[:, period],
            total_hidden[period],
            bool(total_shown[period]),
            below,
        )
    return open_, total_shown


def _close_bridges(
    counts: Counts, hidden: Flags, open_: Flags, total_hidden: Flags, total_shown: bool, below: int
) -> None:
    """Hide sums of cells (in ``open_``) until no hidden count of the period follows from the sums shown.

    The hidden counts are edges between their cell and their week. A cell whose sum is hidden is
    merged with the others of its kind, and so is a week whose total is hidden, unless the sum of all
    is unknown too, when both merge into one.
    """
    keys = (hidden * (1 << np.arange(PERIOD_WEEKS))).sum(axis=1)
    free = int((total_hidden * (1 << np.arange(PERIOD_WEEKS))).sum())
    sums = np.where(hidden, counts, 0).sum(axis=1)
    while True:
        shown, closed = keys[open_ & (keys > 0)], keys[~open_]
        # More than two of the same kind are as good as two.
        pattern = tuple(np.minimum(np.bincount(shown, minlength=1 << PERIOD_WEEKS), 2).tolist())
        loose = tuple(int(min(2, ((closed >> week) & 1).sum())) for week in range(PERIOD_WEEKS))
        found = _bridge(pattern, loose, free, total_shown)
        if found is None:
            # The sums that are hidden must themselves leave room where their total can be worked out.
            if not total_shown or open_.all() or has_room(int((~open_).sum()), int(sums[~open_].sum()), below):
                return
            candidates = np.flatnonzero(open_ & (sums > 0))
        elif found[0]:
            candidates = np.flatnonzero(open_ & (keys == found[0]))
        else:
            candidates = np.flatnonzero(open_ & ((keys >> found[1]) & 1 == 1))
        if not candidates.size:
            open_[:] = False  # nothing left to hide behind: no sum of the period is shown
            return
        open_[candidates[np.argmin(sums[candidates])]] = False


@lru_cache(maxsize=4096)
def _bridge(pattern: tuple[int, ...], loose: tuple[int, ...], free: int, total_shown: bool) -> tuple[int, int] | None:
    """A hidden count that follows from the sums, as (its row's weeks as bits, its week); (0, week) for a closed row."""
    closed, weeks = 0, 1  # vertices: the merged closed rows, then weeks, then rows
    free_vertex = closed if not total_shown else weeks + PERIOD_WEEKS
    week_vertex = [free_vertex if free >> week & 1 else weeks + week for week in range(PERIOD_WEEKS)]
    edges: list[tuple[int, int, tuple[int, int]]] = []
    vertex = weeks + PERIOD_WEEKS + 1
    for bits, copies in enumerate(pattern):
        for _copy in range(copies if bits else 0):
            edges += [(vertex, week_vertex[w], (bits, w)) for w in range(PERIOD_WEEKS) if bits >> w & 1]
            vertex += 1
    for week, copies in enumerate(loose):
        edges += [(closed, week_vertex[week], (0, week))] * copies
    for index, (a, b, name) in enumerate(edges):
        if a != b and not _joined(a, b, vertex, edges, index):
            return name
    return None


def _joined(a: int, b: int, size: int, edges: list[tuple[int, int, tuple[int, int]]], without: int) -> bool:
    parent = list(range(size))

    def root(v: int) -> int:
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        return v

    for index, (x, y, _name) in enumerate(edges):
        if index != without:
            parent[root(x)] = root(y)
    return root(a) == root(b)
