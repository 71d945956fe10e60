"""A line as small as a word, only for tables and where something stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .svg import el, figure, polyline
from .table import MISSING, Cell, Column, Hidden, Missing, Table


@dataclass(frozen=True)
class Sparkline:
    """Counts in order, oldest first; the last is a dot, orange when ``stands_out``.

    What is hidden or missing is a gap: no line is drawn over it, and no dot stands for it. ``low``–``high`` is the usual span, drawn as a band. ``description`` says it in words.
    """

    key: str
    title: str
    description: str
    values: Sequence[int | float | Hidden | Missing]
    low: float | None = None
    high: float | None = None
    stands_out: bool = False
    labels: Sequence[str] = ()

    def svg(self, width: float = 120, height: float = 28) -> str:
        """The drawing, as wide as a table cell."""
        known = [float(v) for v in self.values if isinstance(v, int | float)]
        largest = max([1.0, *known, *([self.high] if self.high is not None else [])])
        margin = 5.0

        def y(value: float) -> float:
            return height - margin - (height - 2 * margin) * value / largest

        def x(index: int) -> float:
            return 2 + (width - 9) * index / max(1, len(self.values) - 1)

        body = []
        if self.low is not None and self.high is not None:
            body.append(
                el(
                    "rect",
                    x=0.0,
                    y=y(self.high),
                    width=float(width),
                    height=max(2.0, y(self.low) - y(self.high)),
                    class_="chart-band",
                )
            )
        stretches: list[list[tuple[float, float]]] = [[]]
        for i, value in enumerate(self.values):
            if isinstance(value, int | float):
                stretches[-1].append((x(i), y(float(value))))
            elif stretches[-1]:
                stretches.append([])
        for points in stretches:
            if len(points) > 1:
                body.append(el("polyline", points=polyline(points), class_="chart-spark"))
            elif points and points is not stretches[-1]:
                body.append(el("circle", cx=points[0][0], cy=points[0][1], r=1.5, class_="chart-point"))
        if stretches[-1]:
            body.append(
                el(
                    "circle",
                    cx=stretches[-1][-1][0],
                    cy=stretches[-1][-1][1],
                    r=3.5,
                    class_="chart-attention" if self.stands_out else "chart-point",
                )
            )
        return figure(self.key, width, height, self.title, self.description, *body, class_="chart chart-sparkline")

    def table(self) -> Table:
        """The values in order."""
        labels = self.labels or [str(i + 1) for i in range(len(self.values))]
        rows: list[list[Cell]] = [[label, value] for label, value in zip(labels, self.values, strict=True)]
        return Table(self.title, [Column(_("Week")), Column(_("Count"), numeric=True)], rows or [[_("None"), MISSING]])
