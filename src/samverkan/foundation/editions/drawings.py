"""Maps and charts as they are kept: drawn once, with their words and their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samverkan.foundation.web.charts import AtLeast, Hidden, Missing
from samverkan.foundation.web.charts.table import cell_text

from .kept import Kept

#: What signs were called when a drawing was kept, and are called now.
Renamed = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Legend(Kept):
    """What the signs of a drawing mean. Empty for what needs none."""

    title: str = ""
    entries: tuple[tuple[str, ...], ...] = ()

    def signs(self, renamed: Renamed) -> list[tuple[str, str]]:
        """Sign and words; an edition keeps for ever what signs were called when it was locked."""
        return [(renamed.get(sign, sign), words) for sign, words in self.entries]


@dataclass(frozen=True, kw_only=True)
class Column(Kept):
    label: str = ""
    numeric: bool = False


@dataclass(frozen=True, kw_only=True)
class Twin(Kept):
    """The numbers of a drawing as a table. A cell is a number, words, None for what nobody knows, or hidden."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Drawn(Kept):
    """A drawing for wide and narrow screens with its words and its table, so that nothing of it is needed again."""

    title: str = ""
    description: str = ""
    svg: str = ""
    narrow: str = ""
    legend: Legend | None = None
    table: Twin | None = None


def drawn(drawing: Any, wide: tuple[int, ...], narrow: tuple[int, ...]) -> Drawn:
    """A map or a chart as it is kept, in the active language; ``wide`` and ``narrow`` are pixels."""
    more = {"links": False} if len(wide) == 2 else {}
    table = drawing.table() if callable(drawing.table) else drawing.table
    return Drawn(
        title=str(drawing.title),
        description=str(getattr(drawing, "description", "")),
        svg=str(drawing.svg(*wide, **more)),
        narrow=str(drawing.svg(*narrow, **more)),
        legend=_legend(drawing),
        table=Twin(
            columns=tuple(Column(label=str(c.label), numeric=c.numeric) for c in table.columns),
            rows=tuple(tuple(_cell(v) for v in r) for r in table.rows),
        ),
    )


def _legend(drawing: Any) -> Legend:
    entries = drawing.legend() if hasattr(drawing, "legend") else []
    title = drawing.legend_title() if hasattr(drawing, "legend_title") else ""
    return Legend(title=title, entries=tuple(tuple(entry) for entry in entries)) if entries else Legend()


def _cell(value: Any) -> Any:
    if isinstance(value, Hidden):
        return {"hidden": True}
    if isinstance(value, Missing):
        return None
    if isinstance(value, AtLeast):
        return cell_text(value)
    return value if isinstance(value, int | float) else str(value)
