"""Small drawings for `--plot`: a heat map, lines, bars and a map of points, as SVG.

Presentation attributes only, no style element, so that a drawing can be put
on a page under a strict content policy as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from samverkan.foundation.web.charts.svg import el, num, polyline

INK, SUBTLE, RULE, PAPER = "#15211E", "#4E5B57", "#D5DCD9", "#FFFFFF"
ACCENT, ATTENTION, BAND = "#0F5B78", "#B4570A", "#E3E8E6"
CLASSES = ("#DCEBE6", "#A9CFCB", "#6FAFB4", "#3A8199", "#1C4F74")
FONT = "Inter, Arial, 'Libertinus Serif', sans-serif"


class Drawing:
    """A page of shapes in pixels, y downwards."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self._parts: list[str] = []
        self.rect(0, 0, width, height, PAPER)

    def rect(self, x: float, y: float, w: float, h: float, fill: str, title: str = "") -> None:
        """A filled rectangle, with an optional text to hover."""
        self._add("rect", title, x=float(x), y=float(y), width=float(w), height=float(h), fill=fill)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str = RULE) -> None:
        """A thin straight line."""
        self._add("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), stroke=stroke)

    def path(
        self,
        points: Sequence[tuple[float, float]],
        *,
        stroke: str = "none",
        fill: str = "none",
        width: float = 2,
        dash: str = "",
    ) -> None:
        """A polyline, or a filled area when `fill` is given."""
        drawn = polyline(points)
        self._add("polyline", points=drawn, stroke=stroke, fill=fill, stroke_width=width, stroke_dasharray=dash or None)

    def circle(
        self, x: float, y: float, r: float, *, fill: str = "none", stroke: str = "none", title: str = ""
    ) -> None:
        """A circle."""
        self._add("circle", title, cx=float(x), cy=float(y), r=float(r), fill=fill, stroke=stroke)

    def text(self, x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, fill: str = INK) -> None:
        """A line of text; `anchor` is start, middle or end."""
        self._parts.append(
            el("text", escape(words), x=float(x), y=float(y), text_anchor=anchor, font_size=size, fill=fill)
        )

    def _add(self, tag: str, title: str = "", /, **attributes: object) -> None:
        self._parts.append(el(tag, *([el("title", escape(title))] if title else []), **attributes))

    def __str__(self) -> str:
        return (
            el(
                "svg",
                el("title", escape(self.title)),
                "\n",
                "\n".join(self._parts),
                "\n",
                xmlns="http://www.w3.org/2000/svg",
                width=float(self.width),
                height=float(self.height),
                viewBox=f"0 0 {num(self.width)} {num(self.height)}",
                font_family=FONT,
                role="img",
            )
            + "\n"
        )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high, `about` of them."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    step = 10 ** math.floor(math.log10(raw))
    step *= next(m for m in (1, 2, 5, 10) if m * step >= raw)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def heatmap(values: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str) -> str:
    """A table of cells coloured in five even classes, with its scale below.

    Long names make wide cells, which have room for the value.
    """
    grid = np.asarray(values, dtype=np.float64)
    cell = max(14.0, min(26.0, 640 / max(1, grid.shape[1])))
    longest = max(map(len, columns), default=0)
    wide = 7.0 * longest + 10 if longest > 3 else cell
    left, top = 20 + 8 * max(map(len, rows), default=0), 60
    width = max(left + wide * grid.shape[1] + 20, 32 + 7.5 * len(title))
    drawing = Drawing(max(width, 320), top + cell * grid.shape[0] + 60, title)
    drawing.text(16, 26, title, size=15)
    high = float(grid.max()) if grid.size else 0.0
    every = max(1, round(24 / wide))
    for j, name in enumerate(columns):
        if j % every == 0:
            drawing.text(left + wide * (j + 0.5), top - 8, name, anchor="middle", size=11, fill=SUBTLE)
    for i, name in enumerate(rows):
        drawing.text(left - 8, top + cell * (i + 0.5) + 4, name, anchor="end")
        for j, column in enumerate(columns):
            value = float(grid[i, j])
            level = min(4, int(5 * value / high)) if high > 0 else 0
            drawing.rect(
                left + wide * j,
                top + cell * i,
                wide - 1,
                cell - 1,
                CLASSES[level],
                f"{name} {column}: {value:.4g}",
            )
            if wide > cell:
                ink = INK if level < 3 else PAPER
                drawing.text(
                    left + wide * (j + 0.5), top + cell * i + 17, f"{value:.3g}", anchor="middle", size=11, fill=ink
                )
    foot = top + cell * grid.shape[0] + 16
    for k, colour in enumerate(CLASSES):
        drawing.rect(left + 36 * k, foot, 36, 12, colour)
    drawing.text(left, foot + 28, "0", size=11, fill=SUBTLE)
    drawing.text(left + 180, foot + 28, f"{high:.4g}", anchor="end", size=11, fill=SUBTLE)
    return str(drawing)


class Axes:
    """A plot area with round ticks on both axes; x and y turn data into pixels."""

    def __init__(
        self,
        title: str,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        x_label: str = "",
        y_label: str = "",
        x_names: Sequence[str] | None = None,
        size: tuple[float, float] = (720, 420),
        square: bool = False,
    ) -> None:
        self.drawing = Drawing(*size, title)
        self._left, self._top = 70.0, 60.0
        self._w, self._h = size[0] - 100.0, size[1] - 120.0
        self._x0, self._x1 = x if x[1] > x[0] else (x[0] - 0.5, x[0] + 0.5)
        self._y0, self._y1 = y if y[1] > y[0] else (y[0], y[0] + 1)
        if square:  # a map: the same scale both ways
            scale = min(self._w / (self._x1 - self._x0), self._h / (self._y1 - self._y0))
            self._w, self._h = scale * (self._x1 - self._x0), scale * (self._y1 - self._y0)
        self.drawing.text(16, 26, title, size=15)
        self.drawing.text(16, 46, y_label, size=11, fill=SUBTLE)
        foot = self._top + self._h
        for v in ticks(self._y0, self._y1):
            self.drawing.line(self._left, self.y(v), self._left + self._w, self.y(v))
            self.drawing.text(self._left - 8, self.y(v) + 4, f"{v:.10g}", anchor="end", size=11, fill=SUBTLE)
        if x_names is None:
            for v in ticks(self._x0, self._x1, 7):
                self.drawing.text(self.x(v), foot + 18, f"{v:.10g}", anchor="middle", size=11, fill=SUBTLE)
        else:
            room = 16 + 6 * max(map(len, x_names), default=0)
            every = max(1, math.ceil(len(x_names) * room / self._w))
            for i in range(0, len(x_names), every):
                self.drawing.text(self.x(i), foot + 18, x_names[i], anchor="middle", size=11, fill=SUBTLE)
        self.drawing.text(self._left + self._w, foot + 38, x_label, anchor="end", size=11, fill=SUBTLE)

    def x(self, value: float) -> float:
        """Data to pixels, across."""
        return self._left + self._w * (value - self._x0) / (self._x1 - self._x0)

    def y(self, value: float) -> float:
        """Data to pixels, upwards."""
        return self._top + self._h * (1 - (value - self._y0) / (self._y1 - self._y0))

    def line(self, xs: Sequence[float], ys: Sequence[float], stroke: str = ACCENT, dash: str = "") -> None:
        """A line through the points."""
        points = [(self.x(a), self.y(b)) for a, b in zip(xs, ys, strict=True)]
        self.drawing.path(points, stroke=stroke, dash=dash)

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
        """A shaded band between two lines."""
        there = [(self.x(a), self.y(b)) for a, b in zip(xs, high, strict=True)]
        back = [(self.x(a), self.y(b)) for a, b in zip(xs, low, strict=True)][::-1]
        self.drawing.path([*there, *back], fill=BAND, width=0)

    def bars(self, values: Sequence[float], *, fill: str = CLASSES[3]) -> None:
        """Bars at 0, 1, 2, … from zero."""
        zero = self.y(max(0.0, self._y0))
        half = 0.4 * self._w / (self._x1 - self._x0)
        for i, value in enumerate(values):
            top = self.y(value)
            self.drawing.rect(self.x(i) - half, min(top, zero), 2 * half, abs(zero - top), fill, f"{value:.4g}")

    def whiskers(self, low: Sequence[float], high: Sequence[float]) -> None:
        """Upright lines at 0, 1, 2, … from low to high."""
        for i, (a, b) in enumerate(zip(low, high, strict=True)):
            self.drawing.line(self.x(i), self.y(a), self.x(i), self.y(b), INK)

    def points(self, xs: Sequence[float], ys: Sequence[float], *, radius: float = 3, fill: str = ACCENT) -> None:
        """A dot at each point."""
        for a, b in zip(xs, ys, strict=True):
            self.drawing.circle(self.x(a), self.y(b), radius, fill=fill)

    def ring(self, x: float, y: float, radius: float, title: str = "") -> None:
        """A circle with its radius in the units of a square plot."""
        scale = self._w / (self._x1 - self._x0)
        self.drawing.circle(self.x(x), self.y(y), max(4.0, radius * scale), stroke=ATTENTION, title=title)

    def mark(self, x: float, words: str) -> None:
        """An upright line at x with a word on top."""
        self.drawing.line(self.x(x), self._top - 6, self.x(x), self._top + self._h, ATTENTION)
        self.drawing.text(self.x(x) + 4, self._top, words, size=11, fill=ATTENTION)

    def __str__(self) -> str:
        return str(self.drawing)
