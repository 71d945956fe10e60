"""Counts columns of incidents: which rows are meant, and how many there are of each. Numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samverkan.foundation.geo import coarser

from . import spans as spans_of
from .packing import NO_HOUR, SLOTS_PER_DAY, Column
from .spans import Spans

Counts = NDArray[np.int64]

#: Rows counted at a time: what lies between stays in the processor's cache.
_CHUNK = 1 << 17
#: Under this share of all rows, those meant are listed instead of marked.
_FEW = 0.1


@dataclass(frozen=True)
class Facts:
    """Columns of many weeks, joined in the order of the weeks.

    ``offsets`` (weeks + 1,) says where each week begins. ``hexagons`` are the identities that the
    column ``hexagon`` numbers, with number 0 for none. ``spans`` are the rows known only as a span of time,
    in the order of the rows. Nothing is ever changed in place.
    """

    weeks: NDArray[np.int64]
    offsets: NDArray[np.int64]
    columns: dict[str, Column]
    hexagons: NDArray[np.int64]
    spans: Spans = field(default_factory=spans_of.none)

    @property
    def rows(self) -> int:
        return int(self.offsets[-1])

    def span(self, first: int | None, last: int | None) -> tuple[int, int]:
        """Positions in ``weeks`` of a span of weeks (inclusive): half-open."""
        low = 0 if first is None else int(np.searchsorted(self.weeks, first, "left"))
        high = len(self.weeks) if last is None else int(np.searchsorted(self.weeks, last, "right"))
        return low, max(low, high)


@dataclass(frozen=True)
class Chosen:
    """Which incidents are meant: weeks (inclusive), days within the first and last week, values per column, keys.

    ``home`` are the municipalities that are covered, None for all. What names no municipality is covered by its area.
    """

    first: int | None = None
    last: int | None = None
    first_day: int = 0
    last_day: int = 6
    values: Mapping[str, frozenset[int]] | None = None
    ids: NDArray[np.int32] | None = None
    home: frozenset[int] | None = None


class Selection:
    """The rows of ``facts`` that are chosen, ready to be counted in any way."""

    def __init__(self, facts: Facts, chosen: Chosen) -> None:
        self.facts = facts
        self.chosen = chosen
        self.low, self.high = facts.span(chosen.first, chosen.last)
        self.begin, self.end = int(facts.offsets[self.low]), int(facts.offsets[self.high])

    @cached_property
    def marked(self) -> NDArray[np.bool_] | None:
        """A mark per row between ``begin`` and ``end``, or None when all are meant."""
        mark = self._covered()
        wanted: list[tuple[str, NDArray[np.integer]]] = [
            (name, np.fromiter(values, np.int64)) for name, values in (self.chosen.values or {}).items()
        ]
        if self.chosen.ids is not None:
            wanted.append(("id", self.chosen.ids))
        for name, values in wanted:
            column = self.facts.columns[name]
            size = int(np.iinfo(column.dtype).max) + 1 if column.dtype.itemsize <= 2 else int(column.max(initial=0)) + 1
            table = np.zeros(size, bool)
            table[values[(values >= 0) & (values < size)]] = True
            part = table[column[self.begin : self.end]]
            mark = part if mark is None else np.logical_and(mark, part, out=mark)
        return self._days(mark)

    def _covered(self) -> NDArray[np.bool_] | None:
        """A mark per row for those in the municipalities that are covered; None when all are."""
        if self.chosen.home is None:
            return None
        municipality = self.facts.columns["municipality"][self.begin : self.end]
        mark: NDArray[np.bool_] = np.isin(municipality, np.fromiter(self.chosen.home, np.int64))
        mark |= (municipality == 0) & (self.facts.columns["area"][self.begin : self.end] != 0)
        return mark

    def _days(self, mark: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Leave out the days before the first and after the last, in the weeks at the ends."""
        chosen, facts = self.chosen, self.facts
        for week, keep in (
            (chosen.first, (lambda day: day >= chosen.first_day) if chosen.first_day > 0 else None),
            (chosen.last, (lambda day: day <= chosen.last_day) if chosen.last_day < 6 else None),
        ):
            if keep is None:
                continue
            if mark is None:
                mark = np.ones(self.end - self.begin, bool)
            low, high = facts.span(week, week)
            a, b = int(facts.offsets[low]), int(facts.offsets[high])
            mark[a - self.begin : b - self.begin] &= keep(facts.columns["slot"][a:b] // SLOTS_PER_DAY)
        return mark

    @cached_property
    def listed(self) -> NDArray[np.int64] | None:
        """Positions of the rows that are meant, when they are few."""
        mark = self.marked
        if mark is None or np.count_nonzero(mark) > _FEW * max(1, len(mark)):
            return None
        return np.flatnonzero(mark) + self.begin

    @property
    def total(self) -> int:
        """How many rows are meant."""
        return self.end - self.begin if self.marked is None else int(np.count_nonzero(self.marked))

    def _pieces(self, column: Column) -> Iterator[Column]:
        if self.listed is not None:
            yield column[self.listed]
            return
        for start in range(self.begin, self.end, _CHUNK):
            stop = min(self.end, start + _CHUNK)
            piece = column[start:stop]
            yield piece if self.marked is None else piece[self.marked[start - self.begin : stop - self.begin]]

    def by(self, name: str) -> Counts:
        """How many there are of each value of a column: (largest value + 1,)."""
        column = self.facts.columns[name]
        counts = np.zeros(1, np.int64)
        for piece in self._pieces(column):
            part = np.bincount(piece, minlength=len(counts))
            if len(part) > len(counts):
                part[: len(counts)] += counts
                counts = part
            else:
                counts = counts + part
        return counts

    def by_week(self) -> dict[int, int]:
        """Week → count, for the weeks that have segments."""
        edges = self.facts.offsets[self.low : self.high + 1]
        weeks = self.facts.weeks[self.low : self.high].tolist()
        if self.marked is None:
            return dict(zip(weeks, np.diff(edges).tolist(), strict=True))
        local = (edges - self.begin).tolist()
        mark = self.marked
        return {week: int(np.count_nonzero(mark[local[k] : local[k + 1]])) for k, week in enumerate(weeks)}

    def by_week_and(self, name: str, table: NDArray[np.int64], first: int, last: int) -> Counts:
        """(groups, weeks) from ``first`` to ``last`` (inclusive), through ``table``: value of the column → group."""
        groups = int(table.max(initial=0)) + 1
        counts = np.zeros((groups, last - first + 1), np.int64)
        edges, column, mark = self.facts.offsets, self.facts.columns[name], self.marked
        for k in range(self.low, self.high):
            week = int(self.facts.weeks[k])
            if not first <= week <= last:
                continue
            a, b = int(edges[k]), int(edges[k + 1])
            piece = column[a:b] if mark is None else column[a:b][mark[a - self.begin : b - self.begin]]
            counts[:, week - first] = grouped(np.bincount(piece, minlength=len(table)), table)
        return counts

    def by_hour(self) -> Counts:
        """(7, 25): weekday from Monday by hour; the last column is where only the day is known."""
        counts = np.zeros(7 * SLOTS_PER_DAY, np.int64)
        raw = self.by("slot")
        counts[: len(raw)] = raw[: len(counts)]
        return counts.reshape(7, SLOTS_PER_DAY)

    @cached_property
    def spans(self) -> Spans:
        """The chosen rows that are known only as a span of time."""
        low, high = np.searchsorted(self.facts.spans[:, 0], [self.begin, self.end])
        found = self.facts.spans[low:high]
        return found if self.marked is None else found[self.marked[found[:, 0] - self.begin]]

    def by_hour_spread(self) -> NDArray[np.float64]:
        """As ``by_hour``, but those known as spans are spread evenly over their hours. The sum is the same."""
        counts = self.by_hour().astype(np.float64)
        slots = self.facts.columns["slot"][self.spans[:, 0]]
        counts -= np.bincount(slots, minlength=7 * SLOTS_PER_DAY).reshape(7, SLOTS_PER_DAY)
        counts[:, :NO_HOUR] += spans_of.weights(self.spans[:, 1], self.spans[:, 2])
        return counts

    def by_hexagon(self, across: int = 300) -> dict[int, int]:
        """Hexagon → count, 300 or 600 metres across. Incidents without coordinates are in none."""
        raw = self.by("hexagon")
        found = np.flatnonzero(raw[1:]) + 1
        ids, counts = self.facts.hexagons[found], raw[found]
        if across == 600:
            ids, where = np.unique(coarser(ids), return_inverse=True)
            counts = np.bincount(where, weights=counts).astype(np.int64)
        return dict(zip(ids.tolist(), counts.tolist(), strict=True))


def grouped(raw: Counts, table: NDArray[np.int64]) -> Counts:
    """Sum counts per value into groups: ``table`` is value → group."""
    if len(raw) > len(table):
        # Values younger than the table of names belong to nobody yet: the first group is "unknown".
        raw = np.concatenate([[raw[0] + raw[len(table) :].sum()], raw[1 : len(table)]])
    return np.bincount(table[: len(raw)], weights=raw, minlength=int(table.max(initial=0)) + 1).astype(np.int64)


#: Merged days and hours for those who see suppressed counts: Monday–Thursday, Friday–Saturday, Sunday; four hours.
MERGED_DAYS = ((0, 1, 2, 3), (4, 5), (6,))
MERGED_HOURS = 4


def merged_slots() -> NDArray[np.int64]:
    """slot → cell of 3 × 6 merged days and hours; the last cell (18) is where the hour is unknown."""
    table = np.zeros(7 * SLOTS_PER_DAY, np.int64)
    for group, days in enumerate(MERGED_DAYS):
        for day in days:
            for hour in range(SLOTS_PER_DAY):
                cell = 18 if hour == NO_HOUR else group * 6 + hour // MERGED_HOURS
                table[day * SLOTS_PER_DAY + hour] = cell
    return table
