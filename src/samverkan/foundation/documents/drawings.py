"""Drawings that are kept, as blocks: with what their signs mean, and their numbers as a table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samverkan.foundation.editions.drawings import Drawn, Legend, Renamed, Twin
from samverkan.foundation.web.maps.legend import with_legend
from samverkan.foundation.web.numbers import format_number

from .blocks import Block, Cell, Column, Drawing, Figure, Heading, Table, Text

#: A table with more columns than this, and fewer rows, is turned so that it fits half a page.
_WIDEST = 6


def figure(kept: Drawn | None, renamed: Renamed, otherwise: str = "") -> list[Block]:
    """A drawing under its title; ``otherwise`` says what stands there when there is none."""
    if not kept:
        return [Text(otherwise)] if otherwise else []
    alt = " ".join(
        s for s in (f"{kept.title}.", kept.description, _("The same numbers stand as a table in the document.")) if s
    )
    found: list[Block] = [Heading(2, kept.title)]
    if kept.description:
        found.append(Text(kept.description, "before"))
    legend = kept.legend or Legend()
    title, entries = legend.title, legend.signs(renamed)
    if entries:
        alt += " " + _("What the signs mean: %(list)s.") % {
            "list": "; ".join(w for w in (title, *(w for _k, w in entries)) if w)
        }
    return [*found, Figure(kept.title, Drawing(with_legend(kept.svg, title, entries), alt))]


def twin_table(kept: Drawn, corner: str) -> Table:
    """The numbers of a drawing. Turned when there are more columns than a page has room for: what heads them then is ``corner``."""
    twin = kept.table or Twin()
    labels = [c.label for c in twin.columns]
    numeric = [c.numeric for c in twin.columns]
    rows = [[_cell(v) for v in row] for row in twin.rows]
    if len(labels) > max(_WIDEST, len(rows)):
        turned = [[label, *(row[i] for row in rows)] for i, label in enumerate(labels)]
        labels, rows = turned[0], turned[1:]
        labels[0], numeric = corner, [False] + [True] * (len(labels) - 1)
    columns = [Column(label, n) for label, n in zip(labels, numeric, strict=True)]
    return Table(kept.title, columns, [[Cell(v) for v in row] for row in rows], small=True)


def _cell(value: Any) -> str:
    """A cell of a stored table. What is hidden says so, zero is 0, what nobody knows is a dash."""
    if isinstance(value, dict) and value.get("hidden"):
        return _("not shown")
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else format_number(value, 1, get_language() or "sv")
