"""A line over weeks, with the base period as a band and at most one annotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .svg import el, figure, hatch, nice_ticks, path, polyline, text, width_of
from .table import HIDDEN, MISSING, Cell, Column, Hidden, Missing, Table, cell_text

Value = int | float | Hidden | Missing
Scale = Callable[[float], float]


@dataclass(frozen=True)
class LinePoint:
    """One week: its label ("v. 47"), its count, and what is usual (low, middle, high), if known."""

    label: str
    value: Value
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    incomplete: bool = False


@dataclass(frozen=True)
class Annotation:
    """What to look at: one short text at one point (index into the points)."""

    at: int
    text: str


@dataclass(frozen=True)
class Start:
    """Something that began: a vertical line with its text."""

    at: int
    text: str


@dataclass(frozen=True)
class LineChart:
    """Counts per week from zero. ``key`` is unique on the page; texts come translated."""

    key: str
    title: str
    description: str
    points: Sequence[LinePoint]
    value_label: str
    end_label: str = ""
    band_label: str = ""
    period_label: str = ""
    annotation: Annotation | None = None
    starts: Sequence[Start] = ()
    height: float = 240

    def svg(self, width: float = 640) -> str:
        """The drawing, ``width`` pixels wide."""
        key = f"{self.key}-{int(width)}"
        top, bottom, left = 34.0, 30.0, 36.0
        right = max(
            [16.0] + [width_of(part, 14) + 14 for part in (self.end_label, *self.band_label.split("\n")) if part]
        )
        floor, plot = self.height - bottom, width - left - right
        largest = self._largest()
        ticks = nice_ticks(largest)

        def x(index: float) -> float:
            return left + (plot * index / max(1, len(self.points) - 1))

        def y(value: float) -> float:
            return floor - (floor - top) * value / largest

        body = [hatch(f"{key}-hatch")]
        for tick in ticks:
            body.append(el("line", x1=left, x2=left + plot, y1=y(tick), y2=y(tick), class_="chart-grid"))
            body.append(text(cell_text(tick), left - 8, y(tick) + 5, "chart-axis", "end"))
        body += self._band(x, y)
        body += self._hidden(x, y, plot, f"{key}-hatch")
        body += self._starts(x, top, floor, left, left + plot)
        body += self._lines(x, y)
        body += self._end_labels(x, y, left + plot + 10)
        body += self._annotation(x, y, left, left + plot)
        body += self._axis(x, plot)
        return figure(key, width, self.height, self.title, self.description, *body, class_="chart chart-over-time")

    def table(self) -> Table:
        """Week by week: count, and the usual span where it is known."""
        columns = [Column(self.period_label or _("Week")), Column(self.value_label, numeric=True)]
        with_band = any(p.low is not None for p in self.points)
        if with_band:
            columns += [Column(_("Usual, lowest"), numeric=True), Column(_("Usual, highest"), numeric=True)]
        rows: list[list[Cell]] = []
        for point in self.points:
            label = _("%(week)s (not complete)") % {"week": point.label} if point.incomplete else point.label
            row: list[Cell] = [label, point.value]
            if with_band:
                row += [
                    MISSING if point.low is None else point.low,
                    MISSING if point.high is None else point.high,
                ]
            rows.append(row)
        return Table(self.title, columns, rows)

    def _largest(self) -> float:
        values = [float(p.value) for p in self.points if isinstance(p.value, int | float)]
        return max([4.0, *values, *(p.high for p in self.points if p.high is not None)])

    def _count(self, index: int) -> float:
        value = self.points[index].value
        return float(value) if isinstance(value, int | float) else 0.0

    def _runs(self, known: Sequence[bool]) -> list[range]:
        """Unbroken stretches of points for which ``known`` holds."""
        runs, begin = [], None
        for index, ok in enumerate([*known, False]):
            if ok and begin is None:
                begin = index
            elif not ok and begin is not None:
                runs.append(range(begin, index))
                begin = None
        return runs

    def _band(self, x: Scale, y: Scale) -> list[str]:
        out = []
        for run in self._runs([p.low is not None and p.high is not None for p in self.points]):
            upper = [(x(i), y(self.points[i].high or 0)) for i in run]
            lower = [(x(i), y(self.points[i].low or 0)) for i in run]
            out.append(el("path", d=path(upper + lower[::-1], closed=True), class_="chart-band"))
        for run in self._runs([p.middle is not None for p in self.points]):
            middle = [(x(i), y(self.points[i].middle or 0)) for i in run]
            out.append(el("polyline", points=polyline(middle), class_="chart-median"))
        return out

    def _hidden(self, x: Scale, y: Scale, plot: float, pattern: str) -> list[str]:
        slot = plot / max(1, len(self.points) - 1)
        return [
            el(
                "rect",
                x=x(i) - slot / 2,
                y=y(4),
                width=slot,
                height=y(0) - y(4),
                fill=f"url(#{pattern})",
                class_="chart-hidden",
            )
            for i, p in enumerate(self.points)
            if p.value is HIDDEN
        ]

    def _lines(self, x: Scale, y: Scale) -> list[str]:
        out = []
        for run in self._runs([isinstance(p.value, int | float) for p in self.points]):
            whole = [i for i in run if not self.points[i].incomplete]
            if len(whole) == 1:
                out.append(el("circle", cx=x(whole[0]), cy=y(self._count(whole[0])), r=3, class_="chart-point"))
            elif whole:
                out.append(
                    el("polyline", points=polyline([(x(i), y(self._count(i))) for i in whole]), class_="chart-line")
                )
            for i in run:
                if self.points[i].incomplete and i > run.start:
                    pair = [(x(j), y(self._count(j))) for j in (i - 1, i)]
                    out.append(el("polyline", points=polyline(pair), class_="chart-line chart-incomplete"))
        return out

    def _end_labels(self, x: Scale, y: Scale, at: float) -> list[str]:
        known = [float(p.value) for p in self.points if isinstance(p.value, int | float)]
        out: list[str] = []
        taken = -100.0
        if self.end_label and known:
            taken = max(14.0, y(known[-1]) + 5)
            out.append(text(self.end_label, at, taken, "chart-label chart-label-line"))
        middles = [
            p.middle if p.middle is not None else (p.low + p.high) / 2
            for p in self.points
            if p.low is not None and p.high is not None
        ]
        middle = middles[-1] if middles else None
        if self.band_label and middle is not None:
            lines = self.band_label.split("\n")
            start = y(middle) + 5
            if abs(start - taken) < 20 or taken > start > taken - 18 * len(lines) - 4:
                start = (
                    taken + 20
                    if taken + 20 + 17 * (len(lines) - 1) < self.height - 6
                    else taken - 20 - 17 * (len(lines) - 1)
                )
            # Not so low that it meets the words under the axis.
            start = min(start, y(0) + 2 - 17 * (len(lines) - 1))
            out += [text(line, at, start + 17 * i, "chart-label chart-label-band") for i, line in enumerate(lines)]
        return out

    def _annotation(self, x: Scale, y: Scale, left: float, right: float) -> list[str]:
        if self.annotation is None:
            return []
        value = self.points[self.annotation.at].value
        if not isinstance(value, int | float):
            return []
        at, height, half = x(self.annotation.at), y(value), width_of(self.annotation.text, 14) / 2
        # The text stands over the point, moved inwards where the drawing ends.
        place = min(max(at, left + half), max(right - half, left + half))
        # And over the line beside it, which it would else cover.
        beside = [i for i in range(len(self.points)) if abs(x(i) - place) <= half]
        highest = min([height, *(y(self._count(i)) for i in beside)])
        return [
            el("circle", cx=at, cy=height, r=5, class_="chart-attention"),
            text(self.annotation.text, place, max(14.0, highest - 14), "chart-label chart-label-attention", "middle"),
        ]

    def _starts(self, x: Scale, top: float, floor: float, left: float, right: float) -> list[str]:
        """Vertical lines; their words stand above the curves, or low where an annotation has that room."""
        out = []
        for start in self.starts:
            at, wide = x(start.at), width_of(start.text, 14)
            place = at + 8 if at + 8 + wide <= right else max(left, at - 8 - wide)
            out.append(el("line", x1=at, x2=at, y1=top - 8, y2=floor, class_="chart-start"))
            out.append(
                text(start.text, place, floor - 10 if self.annotation else top - 16, "chart-label chart-label-start")
            )
        return out

    def _axis(self, x: Scale, plot: float) -> list[str]:
        """Labels as many as there is room for, the last always and the first where it fits."""
        if not self.points:
            return []
        room = max(width_of(p.label, 14) for p in self.points) + 18
        count = max(1, min(len(self.points), int(plot // room), 6))
        last = len(self.points) - 1
        chosen = sorted({round(last * i / max(1, count - 1)) for i in range(count)} | {last})
        return [text(self.points[i].label, x(i), self.height - 8, "chart-axis", "middle") for i in chosen]
