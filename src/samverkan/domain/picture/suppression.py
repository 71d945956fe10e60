"""Which counts may be shown to those who may not see small ones. Pure: numbers in, numbers out.

What is published of one way of dividing incidents (areas, say) is two tables: cell by week, and
cell by fixed period of four weeks, each with its total. Every other number, of whatever weeks, is
a sum of published ones, or "at least" such a sum. So nothing more can be learnt by asking for many
different weeks than from the two tables themselves, and these are made so that every hidden count
may be anything from 1 to at least ``below``, for a reader who knows these rules and every number shown:

- a count of 1 up to ``below - 1`` is hidden (primary suppression);
- in a week, further cells are hidden until the hidden ones together leave room for each of them
  to be ``below`` or more (complementary suppression over cells);
- a period's sum is shown although some of its weeks are hidden, as long as the bounds that all sums
  of the period together set on each hidden count stay that wide (complementary suppression over time).

The bounds are exact. A period's hidden counts, of cells (rows) and weeks (columns), are a
transportation table: how much one of them can grow while all sums stay is the greatest flow through
the others, each of which can give what it has over its least, and take without limit. With four
columns the least cut, which equals the greatest flow, is found by trying every set of weeks
(L. R. Ford and D. R. Fulkerson, Flows in Networks (1962); L. H. Cox, Network models for
complementary cell suppression, J. Am. Stat. Assoc. 90 (1995) 1453-1462).

Ways of dividing are protected one by one. That is enough where none of them divides another further:
tables of the same weeks with the same totals can always hold together, whatever each hides.

A week's cells are decided by that week alone, and a period's sums by its own weeks, so that nothing
which has been shown is hidden later. Where counts are equal, the order of the cells decides. It is given by
what never changes: two readers who were told other hidden ones would know more together than each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Weeks in a fixed period. Periods begin where ``foundation.weeks`` counts 0, 4, 8 …
PERIOD_WEEKS = 4

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: (weeks, sets): which weeks are in each of the sets of weeks of a period; a set's number is its weeks as bits.
_IN_SET = (np.arange(1 << PERIOD_WEEKS) >> np.arange(PERIOD_WEEKS)[:, None]) & 1
_BITS = 1 << np.arange(PERIOD_WEEKS)
_SETS = np.arange(1 << PERIOD_WEEKS)
_UNLIMITED = np.int64(1) << 40


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

    def at_least(self, first: int, last: int) -> list[int]:
        """For every cell how many there are at least: the sum of what is shown within the weeks (inclusive)."""
        low, high = first - self.first, last - self.first + 1
        return [int(n) for n in _least(low, high, self.counts, self.week_open, self.period_open)]

    def total_at_least(self, first: int, last: int) -> int:
        """How many there are in all at least: the sum of the totals that are shown."""
        low, high = first - self.first, last - self.first + 1
        sums = self.counts.sum(axis=0)[None, :]
        return int(_least(low, high, sums, self.total_open[None, :], self.period_total_open[None, :])[0])


def _shown(low: int, high: int, by_week: Flags, by_period: Flags) -> Flags:
    """Whether a sum over weeks low … high-1 is a sum of published numbers, for each cell."""
    shown = np.ones(by_week.shape[0], bool)
    for start in range(low - low % PERIOD_WEEKS, high, PERIOD_WEEKS):
        a, b = max(low, start), min(high, start + PERIOD_WEEKS)
        weeks = by_week[:, a:b].all(axis=1)
        shown &= weeks | by_period[:, start // PERIOD_WEEKS] if b - a == PERIOD_WEEKS else weeks
    return shown


def _least(low: int, high: int, counts: Counts, by_week: Flags, by_period: Flags) -> Counts:
    """The sum over weeks low … high-1 of what is shown: a period's sum, else those of its weeks that are."""
    found: Counts = np.where(by_week, counts, 0)[:, low:high].sum(axis=1)
    for start in range(low + -low % PERIOD_WEEKS, high - PERIOD_WEEKS + 1, PERIOD_WEEKS):
        hidden = np.where(by_week, 0, counts)[:, start : start + PERIOD_WEEKS].sum(axis=1)
        found += np.where(by_period[:, start // PERIOD_WEEKS], hidden, 0)
    return found


def has_room(hidden: Any, total: Any, below: int) -> Any:
    """Whether hidden counts of at least 1 with a known total could each be ``below`` or more; of numbers or arrays."""
    return (hidden >= 2) & (total - (hidden - 1) >= below)


def protect(counts: Counts, first: int, *, below: int, order: Counts | None = None) -> Protected:
    """Decide what is shown. ``counts`` is (cells, weeks) and covers whole fixed periods from ``first``.

    ``order`` holds the cells in the order in which equal ones are tried, where that is not the order they stand in.
    """
    if first % PERIOD_WEEKS or counts.shape[1] % PERIOD_WEEKS:
        raise ValueError("Counts must cover whole fixed periods.")
    if order is not None:
        found, back = protect(counts[order], first, below=below), np.argsort(order)
        return replace(found, counts=counts, week_open=found.week_open[back], period_open=found.period_open[back])
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
    week_open = _protect_weeks(counts, total_open, below)
    period_open, period_total_open = _protect_periods(counts, totals, week_open, total_open, below)
    return Protected(first, counts, week_open, total_open, period_open, period_total_open)


def _protect_weeks(counts: Counts, total_open: Flags, below: int) -> Flags:
    """Primary and complementary suppression within each week."""
    open_: Flags = (counts == 0) | (counts >= below)
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
    total_hidden = ~total_open.reshape(shape[1:])
    number = total_hidden.sum(axis=1)
    rest = np.where(total_hidden, totals.reshape(shape[1:]), 0).sum(axis=1)
    total_shown = np.asarray((number == 0) | has_room(number, rest, below), bool)
    open_ = ~np.asarray(hidden.any(axis=2), bool)
    for period in np.flatnonzero(total_shown & hidden.any(axis=(0, 2))):
        table = _Period(counts.reshape(shape)[:, period], hidden[:, period], total_hidden[period], below)
        open_[:, period] = table.sums_shown()
    return open_, total_shown


class _Period:
    """The hidden counts of one fixed period, and which cells' sums over it may be shown.

    Weeks with a small total are kept apart: exchange between them and the others would only widen the bounds.
    """

    def __init__(self, counts: Counts, hidden: Flags, small: Flags, below: int) -> None:
        self.below = below
        self.sums = counts.sum(axis=1)
        #: What each cell has in weeks with a small total, where all is hidden; None when there is no such week.
        self.in_small = counts[:, small].sum(axis=1) if small.any() else None
        self.hidden = hidden & ~small
        #: Zeros are shown, but for weeks where everything is hidden.
        self.least = np.where(hidden.all(axis=0), 0, 1)
        self.counts = np.where(self.hidden, counts, 0)
        self.spare = np.where(self.hidden, counts - self.least, 0)
        self.weeks = (self.hidden * _BITS).sum(axis=1)

    def sums_shown(self) -> Flags:
        """For each cell, whether its sum is shown.

        Those in the way are hidden, the smallest first, until all bounds are wide; then those that can come
        back do, the largest first. So no further sum could be shown.
        """
        number = self.hidden.sum(axis=1)
        alone = (number == 0) | ((number > 1) & (self.spare.sum(axis=1) + 1 >= self.below))
        if self.in_small is not None:
            alone &= self.in_small >= self.below
        shown: Flags = alone.copy()
        while (narrow := self._narrow(shown)) is not None:
            hides = shown & ((number > 0) | (self.in_small is not None))
            found = np.flatnonzero(hides & ((self.weeks & ~narrow) == 0))
            if not found.size:
                found = np.flatnonzero(hides)
            shown[found[np.argmin(self.sums[found])]] = False
        back = np.flatnonzero(alone & ~shown)
        for cell in back[np.argsort(-self.sums[back], kind="stable")]:
            shown[cell] = True
            shown[cell] = self._narrow(shown) is None
        return shown

    def _narrow(self, shown: Flags) -> int | None:
        """A set of weeks whose sums bound a small hidden count too closely, or None when there is none."""
        # What the others had together in weeks with a small total must not be small.
        if self.in_small is not None and 0 < shown.sum() < len(shown) and self.in_small[~shown].sum() < self.below:
            return (1 << PERIOD_WEEKS) - 1
        low, high, low_by, high_by = self.bounds(shown)
        small = self.hidden & (self.counts < self.below)
        for narrow, by in ((small & (high < self.below), high_by), (small & (low > self.least), low_by)):
            if narrow.any():
                return int(by[narrow][0])
        return None

    def bounds(self, shown: Flags) -> tuple[Counts, Counts, Counts, Counts]:
        """(cells, weeks) least and greatest that each hidden count can be, and the set of weeks that sets each.

        ``shown`` are the cells whose sums are shown. Of the others only all together are known: they are one row.
        A set of weeks is a number whose bits are the weeks. What is not hidden has no meaning here.
        """
        rest = ~shown
        weeks = np.where(rest, np.bitwise_or.reduce(self.weeks[rest], initial=0), self.weeks)
        spare = np.where(rest[:, None], self.spare[rest].sum(axis=0), self.spare)
        rows = shown.copy()
        rows[np.flatnonzero(rest)[:1]] = True
        inside = (weeks[:, None] & ~_SETS) == 0
        gives = spare @ _IN_SET
        # What can be given to a set of weeks: by the rows that reach outside it, and by a cell's own row.
        given = np.where(inside[rows], 0, gives[rows]).sum(axis=0)
        rise, rise_by, fall, fall_by = np.empty((4, *self.counts.shape), np.int64)
        for week in range(PERIOD_WEEKS):
            sets = _SETS[_IN_SET[week] == 1]
            room = (given + np.where(inside, gives, 0))[:, sets]
            rise[:, week], rise_by[:, week] = room.min(axis=1), sets[room.argmin(axis=1)]
            sets = _SETS[_IN_SET[week] == 0]
            holds = ((weeks & ~_BITS[week])[:, None] & ~sets) == 0
            room = np.where(holds, given[sets] - gives[:, sets], _UNLIMITED)
            fall[:, week], fall_by[:, week] = room.min(axis=1), sets[room.argmin(axis=1)]
            if self.hidden[rest, week].sum() > 1:
                fall[rest, week] = _UNLIMITED
        return np.maximum(self.counts - fall, self.least), self.least + rise, fall_by, rise_by
