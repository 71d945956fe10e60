"""Horizontal bars: a name, a bar from zero, the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .svg import el, figure, hatch, text, width_of
from .table import HIDDEN, MISSING, AtLeast, Cell, Column, Hidden, Missing, Table, cell_text


@dataclass(frozen=True)
class Bar:
    """One row. ``low`` and ``high`` say what is usual, if that is known; ``category`` is 1–5 for its colour."""

    label: str
    value: int | float | Hidden | Missing | AtLeast
    low: float | None = None
    high: float | None = None
    category: int | None = None


def _length(value: int | float | Hidden | Missing | AtLeast) -> float | None:
    """How long a bar is, if anything is known of it."""
    if isinstance(value, AtLeast):
        return float(value.value)
    return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class BarChart:
    """Bars in the order given, all from zero on one scale."""

    key: str
    title: str
    description: str
    bars: Sequence[Bar]
    label_heading: str
    value_heading: str

    def svg(self, width: float = 640) -> str:
        """The drawing, ``width`` pixels wide; names go over the bars where there is little room."""
        key = f"{self.key}-{int(width)}"
        stacked = width < 480
        names = 0.0 if stacked else min(width * 0.4, max([0.0, *(width_of(b.label, 14) for b in self.bars)]) + 16)
        numbers = max([24.0, *(width_of(cell_text(b.value), 14) for b in self.bars)]) + 12
        row, thick = (46.0, 14.0) if stacked else (32.0, 16.0)
        plot = width - names - numbers
        largest = max(
            [
                1.0,
                *(length for b in self.bars if (length := _length(b.value)) is not None),
                *(b.high for b in self.bars if b.high is not None),
            ]
        )
        body = [hatch(f"{key}-hatch")]
        for index, bar in enumerate(self.bars):
            top = index * row + (22.0 if stacked else 8.0)
            body.append(
                text(bar.label, 0, top - 6, "chart-name")
                if stacked
                else text(bar.label, names - 12, top + 13, "chart-name", "end")
            )
            if bar.low is not None and bar.high is not None:
                begin, end = plot * bar.low / largest, plot * bar.high / largest
                body.append(
                    el(
                        "rect",
                        x=names + begin,
                        y=top - 4,
                        width=max(1.0, end - begin),
                        height=thick + 8,
                        class_="chart-band",
                    )
                )
            length = 0.0
            if (known := _length(bar.value)) is not None:
                length = plot * known / largest
                colour = f"chart-bar category-{bar.category}" if bar.category else "chart-bar"
                body.append(el("rect", x=names, y=top, width=length, height=thick, class_=colour))
            elif bar.value is HIDDEN:
                length = min(plot, plot * 4 / largest)
                body.append(
                    el(
                        "rect",
                        x=names,
                        y=top,
                        width=length,
                        height=thick,
                        fill=f"url(#{key}-hatch)",
                        class_="chart-hidden",
                    )
                )
            over = max(length, plot * (bar.high or 0) / largest)
            body.append(text(cell_text(bar.value), names + over + 8, top + 13, "chart-value"))
        body.append(el("line", x1=names, x2=names, y1=0.0, y2=row * len(self.bars), class_="chart-zero"))
        return figure(
            key, width, max(row, row * len(self.bars)), self.title, self.description, *body, class_="chart chart-bars"
        )

    def table(self) -> Table:
        """One row per bar, with the usual span where it is known."""
        columns = [Column(self.label_heading), Column(self.value_heading, numeric=True)]
        with_band = any(b.low is not None for b in self.bars)
        if with_band:
            columns += [Column(_("Usual, lowest"), numeric=True), Column(_("Usual, highest"), numeric=True)]
        rows: list[list[Cell]] = []
        for bar in self.bars:
            row: list[Cell] = [bar.label, bar.value]
            if with_band:
                row += [MISSING if bar.low is None else bar.low, MISSING if bar.high is None else bar.high]
            rows.append(row)
        return Table(self.title, columns, rows)
