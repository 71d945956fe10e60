"""How sure: best guess and interval against the line "no difference"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .svg import el, figure, num, text, width_of
from .table import Cell, Column, Table


@dataclass(frozen=True)
class Interval:
    """One estimate with its interval, in the unit of the chart (for example percent change)."""

    label: str
    low: float
    best: float
    high: float
    words: str = ""


@dataclass(frozen=True)
class IntervalChart:
    """Intervals on one scale with ``no_difference`` as a vertical line."""

    key: str
    title: str
    description: str
    intervals: Sequence[Interval]
    unit: str
    no_difference: float = 0.0
    no_difference_label: str = ""
    fewer_label: str = ""
    more_label: str = ""

    def svg(self, width: float = 640) -> str:
        """The drawing, ``width`` pixels wide; each name stands over its interval."""
        ends = [self.no_difference, *(v for i in self.intervals for v in (i.low, i.high))]
        spread = max(max(ends) - min(ends), 1e-9)
        low, high = min(ends) - spread * 0.08, max(ends) + spread * 0.08
        side, row, top = 8.0, 64.0, 26.0

        def x(value: float) -> float:
            return side + (width - 2 * side) * (value - low) / (high - low)

        floor = top + row * len(self.intervals)
        zero = x(self.no_difference)
        body = [el("line", x1=zero, x2=zero, y1=top - 6, y2=floor, class_="chart-zero")]
        if self.no_difference_label:
            half = width_of(self.no_difference_label, 14) / 2
            at = min(max(zero, half), width - half)
            body.append(text(self.no_difference_label, at, 14, "chart-axis", "middle"))
        for index, one in enumerate(self.intervals):
            base = top + index * row + 38
            body.append(text(one.label, 0, base - 18, "chart-name"))
            body.append(el("line", x1=x(one.low), x2=x(one.high), y1=base, y2=base, class_="chart-interval"))
            for end in (one.low, one.high):
                body.append(el("line", x1=x(end), x2=x(end), y1=base - 6, y2=base + 6, class_="chart-interval-end"))
            dot = x(one.best)
            body.append(el("path", d=f"M{num(dot)} {num(base - 8)}l8 8l-8 8l-8 -8Z", class_="chart-best"))
        if self.fewer_label:
            body.append(text(f"← {self.fewer_label}", max(0.0, min(zero - 12, width)), floor + 14, "chart-axis", "end"))
        if self.more_label:
            body.append(text(f"{self.more_label} →", zero + 12, floor + 14, "chart-axis"))
        return figure(
            self.key + f"-{int(width)}",
            width,
            floor + 22,
            self.title,
            self.description,
            *body,
            class_="chart chart-intervals",
        )

    def table(self) -> Table:
        """Best guess, lowest and highest, and what it means in words."""
        unit = {"unit": self.unit}
        columns = [
            Column(_("Measured")),
            Column(_("Best guess (%(unit)s)") % unit, numeric=True),
            Column(_("Lowest (%(unit)s)") % unit, numeric=True),
            Column(_("Highest (%(unit)s)") % unit, numeric=True),
        ]
        words = any(i.words for i in self.intervals)
        rows: list[list[Cell]] = [
            [i.label, i.best, i.low, i.high, *([i.words] if words else [])] for i in self.intervals
        ]
        return Table(self.title, [*columns, *([Column(_("In words"))] if words else [])], rows)
