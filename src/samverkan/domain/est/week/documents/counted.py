"""What was counted: tables beside what is usual, the map and the charts, and the same as tables at the end."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.foundation.documents import Block, Break, Cell, Column, Drawing, Heading, Table, Text
from samverkan.foundation.documents.drawings import figure, twin_table
from samverkan.foundation.web.charts import Sparkline

from ..content import EARLIER_SIGNS, Content, Figures, Group
from . import words


def came_in(content: Content) -> list[Block]:
    """Counts with reporting effort and method beside each."""
    figures = content.figures
    found: list[Block] = [Heading(1, _("What came in"))]
    if not figures.shown:
        return [*found, Text(figures.why or _("The figures are not shown."))]
    usual_note = _(
        "Usual is the middle half of the same weeks in %(years)s. Reports are what partners have seen. They are not reported crimes."
    ) % {"years": ", ".join(str(y) for y in figures.base_years) or "–"}
    answered = words.beside(content.effort, figures.verdict)
    beside: list[Block] = [Text(answered)] if answered else []
    notes: list[Block] = [Text(usual_note, "note")]
    if figures.suppressed:
        hidden = _(
            "Counts under %(below)s are not shown, and others that would give them away. They are part of the sum."
        )
        notes.append(Text(hidden % {"below": figures.below}, "note"))
    drawn = [
        (_("By category"), _("Reports by category, beside what is usual"), _("Category"), figures.categories),
        (_("By area"), _("Reports per area, beside what is usual"), _("Area"), figures.areas),
        (_("By source"), _("Reports by source, beside what is usual"), _("Source"), figures.sources),
    ]
    categories, areas, sources = (_group(*d, figures) for d in drawn)
    found += [*categories, *beside, *notes]
    found += [Heading(1, _("Where")), *areas, *beside, *notes]
    found += figure(figures.map, EARLIER_SIGNS, _("There is no map, since no place and no area is known."))
    if figures.map:
        found += [*beside, Text(_map_signs(figures), "note")]
    if figures.cover:
        found.append(Text(figures.cover, "note"))
    if figures.elsewhere:
        from_others = ngettext(
            "%(n)s report comes from another municipality.",
            "%(n)s reports come from other municipalities.",
            figures.elsewhere,
        )
        found.append(Text(from_others % {"n": words.number(figures.elsewhere)}, "note"))
    only = figures.municipality_only
    if only:
        found.append(
            Text(
                ngettext(
                    "%(n)s report is known by municipality only. It is counted but not drawn.",
                    "%(n)s reports are known by municipality only. They are counted but not drawn.",
                    only,
                )
                % {"n": words.number(only)},
                "note",
            )
        )
    found.append(
        Text(
            _(
                "The map shows where reports come from, not how dangerous a place is. What is known by area only is counted there and not drawn as a point."
            ),
            "note",
        )
    )
    found += [Heading(1, _("When"))]
    found += figure(figures.over_time, EARLIER_SIGNS)
    if figures.over_time:
        found += [
            *beside,
            Text(
                _(
                    "The grey band is what is usual. Late reports can change the latest weeks, and a change can come from more or fewer who report."
                ),
                "note",
            ),
        ]
    found += figure(figures.hours, EARLIER_SIGNS)
    if figures.hours:
        found.append(Text(_("Darker means more reports. The numbers stand in the table."), "note"))
        found.append(
            Text(
                _(
                    "The hours are those that the reports state. They can be approximate, and with few reports the pattern is chance."
                ),
                "note",
            )
        )
    return [*found, *sources, *beside, *notes] if sources else found


def _map_signs(figures: Figures) -> str:
    if figures.suppressed:
        return _("The number under the name of an area is how many reports came from there.")
    return _(
        "A dot is a known place and a dashed ring an approximate one. The number in a hexagon is how many reports came from there."
    )


def _group(heading: str, caption: str, first: str, groups: Sequence[Group] | None, figures: Figures) -> list[Block]:
    if groups is None:
        return []
    if not groups:
        return [Heading(2, heading), Text(_("Nothing has come in for this week."))]
    spark = any(g.weeks for g in groups)
    columns = [
        Column(first, share=4),
        Column(_("Count"), numeric=True),
        Column(_("Usual"), numeric=True),
        Column(_("Compared"), share=2),
    ]
    if spark:
        columns.append(Column(_("12 weeks"), drawn=True))
    rows = []
    for g in groups:
        row = [Cell(g.name), Cell(words.count(g.count)), Cell(words.usual(g.usual)), _compared(g.verdict)]
        rows.append([*row, _spark(g)] if spark else row)
    last = [
        Cell(_("All")),
        Cell(words.count(figures.total)),
        Cell(words.usual(figures.usual)),
        _compared(figures.verdict),
    ]
    rows.append([*last, Cell("")] if spark else last)
    return [Heading(2, heading), Table(caption, columns, rows, total=True)]


def _compared(verdict: str) -> Cell:
    return Cell(words.compared(verdict), strong=verdict in {"more", "fewer"})


def _spark(group: Group) -> Cell:
    weeks = group.weeks
    if not weeks:
        return Cell("–")
    known = [w for w in weeks if w is not None]
    if len(known) < len(weeks):  # a line over hidden weeks would look as if they were known
        return Cell(_("not shown"))
    base = group.usual
    alt = _("Reports by week, the latest last: %(list)s.") % {"list": ", ".join(map(words.count, known))}
    drawn = Sparkline(
        f"doc-{group.key}",
        group.name,
        alt,
        known,
        base.low if base else None,
        base.high if base else None,
        stands_out=group.verdict == "more",
    )
    return Cell("", drawing=Drawing(drawn.svg(), alt))


def tables(figures: Figures) -> list[Block]:
    """What the drawings show, as tables."""
    if not figures.shown or not figures.drawn:
        return []
    found: list[Block] = [Break(), Heading(1, _("The figures as tables"))]
    for drawn in figures.drawn:
        found += [Heading(2, drawn.title), twin_table(drawn, _("Hour"))]
    return found
