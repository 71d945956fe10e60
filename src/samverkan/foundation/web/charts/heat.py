"""When: days of the week down, hours across (Monday first, midnight left)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .classes import class_limits, class_of, hidden_words, limit_texts
from .svg import el, figure, hatch, text, width_of
from .table import HIDDEN, Cell, Column, Hidden, Table, cell_text


@dataclass(frozen=True)
class HeatChart:
    """Counts per row (a day or several) and column (an hour or several).

    ``counts[row][column]`` is a count (not whole where it is calculated) or ``HIDDEN``. ``starts`` are the hours at which the columns
    begin, for example ``range(24)`` or ``range(0, 24, 4)``. Numbers are written in the cells when
    there are few. ``floor`` is the lowest count that may be shown.
    """

    key: str
    title: str
    description: str
    rows: Sequence[str]
    starts: Sequence[int]
    counts: Sequence[Sequence[float | Hidden]]
    floor: int = 1

    def limits(self) -> tuple[int, ...]:
        """The lowest count of each class."""
        return class_limits((round(c) for row in self.counts for c in row if not isinstance(c, Hidden)), self.floor)

    def legend(self) -> list[tuple[str, str]]:
        """(class name of the swatch, its text), zero first, hidden last where there is one."""
        entries = [(f"density-{cls}", label) for cls, label in limit_texts(self.limits())]
        below = [c for row in self.counts for c in row if not isinstance(c, Hidden) and c < self.floor]
        if any(below):
            entries.insert(0, ("density-0", _("under %(number)s") % {"number": cell_text(self.floor)}))
        elif below:
            entries.insert(0, ("density-0", "0"))
        if any(c is HIDDEN for row in self.counts for c in row):
            entries.append(("hatched", hidden_words(self.floor)))
        return entries

    def svg(self, width: float = 480) -> str:
        """The drawing, ``width`` pixels wide."""
        key = f"{self.key}-{int(width)}"
        names = max(width_of(name, 14) for name in self.rows) + 10
        few = len(self.starts) <= 8
        cell, tall = (width - names) / len(self.starts), (40.0 if few else 26.0)
        limits = self.limits()
        body = [hatch(f"{key}-hatch")]
        for r, row in enumerate(self.counts):
            top = r * tall
            body.append(text(self.rows[r], 0, top + tall / 2 + 5, "chart-axis"))
            for c, count in enumerate(row):
                left = names + c * cell
                place = {"x": left + 0.5, "y": top + 0.5, "width": cell - 1, "height": tall - 1}
                if count is HIDDEN:
                    body.append(el("rect", **place, class_="density-0"))
                    body.append(el("rect", **place, fill=f"url(#{key}-hatch)", class_="chart-hidden"))
                    continue
                assert not isinstance(count, Hidden)
                cls = class_of(count, limits) if count else 0
                body.append(el("rect", **place, class_=f"density-{cls}"))
                if few and count:
                    body.append(
                        text(
                            cell_text(count),
                            left + cell / 2,
                            top + tall / 2 + 5,
                            f"chart-cell on-density-{cls}",
                            "middle",
                        )
                    )
        every = max(1, round(len(self.starts) * 40 / (width - names)))
        every = next((n for n in (1, 3, 6, 12) if n >= every), 12)
        foot = tall * len(self.rows) + 18
        for c, hour in enumerate(self.starts):
            if c % every == 0:
                body.append(text(f"{hour:02d}", names + c * cell, foot, "chart-axis", "middle" if c else "start"))
        body.append(text("24", width, foot, "chart-axis", "end"))
        return figure(key, width, foot + 6, self.title, self.description, *body, class_="chart chart-heat")

    def table(self) -> Table:
        """Days down, hours across, the same counts."""
        step = self.starts[1] - self.starts[0] if len(self.starts) > 1 else 24
        hours = [f"{h:02d}" if step == 1 else f"{h:02d}–{h + step:02d}" for h in self.starts]
        rows: list[list[Cell]] = [[name, *row] for name, row in zip(self.rows, self.counts, strict=True)]
        return Table(self.title, [Column(_("Day")), *(Column(h, numeric=True) for h in hours)], rows)
