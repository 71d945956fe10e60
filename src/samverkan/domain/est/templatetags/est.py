"""Words and drawings of the week's content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Trend
from samverkan.domain.picture.api import Filter, covering
from samverkan.foundation.editions.drawings import Drawn, Legend, Twin
from samverkan.foundation.web.charts import HIDDEN, MISSING, Column, LineChart, Sparkline, Table
from samverkan.foundation.web.maps import MapPicture
from samverkan.foundation.web.templatetags.samverkan import swatch
from samverkan.foundation.weeks import Week

from ..week.content import EARLIER_SIGNS, Content, Development, Effort, Figures, Group, Pattern, Usual
from ..week.documents import words
from ..week.silence import silence

register = template.Library()
register.simple_tag(silence)


@register.filter
def drawing(figure: Drawn) -> SafeString:
    """A stored drawing for wide and narrow screens. Our own chart code made it and escaped every text in it."""
    wide = f'<div class="figure-wide">{figure.svg}</div>'
    return mark_safe(wide + f'<div class="figure-narrow">{figure.narrow}</div>')  # noqa: S308


@register.inclusion_tag("est/week/_legend.html")
def drawn_legend(figure: Drawn) -> dict[str, Any]:
    """What the signs of a stored drawing mean. Weeks locked before it was kept have none."""
    kept = figure.legend or Legend()
    return {
        "title": kept.title,
        "entries": [(swatch(kind) if kind else "", words) for kind, words in kept.signs(EARLIER_SIGNS)],
    }


@register.filter
def as_table(figure: Drawn) -> Table:
    """The twin of a stored drawing."""
    table = figure.table or Twin()
    return Table(
        figure.title,
        [Column(c.label, c.numeric) for c in table.columns],
        [[HIDDEN if isinstance(v, dict) else MISSING if v is None else v for v in row] for row in table.rows],
    )


@register.filter
def counted(value: int | None) -> Any:
    """A count, or the sign of one that may not be shown."""
    return HIDDEN if value is None else value


@register.filter
def usual(base: Usual | None) -> str:
    """The usual span: 9–15."""
    if not base:
        return "–"
    return str(base.low) if base.low == base.high else f"{base.low}–{base.high}"


@register.filter
def compared(verdict: str) -> str:
    """How a count stands beside what is usual."""
    return {
        "more": _("more than usual"),
        "fewer": _("fewer than usual"),
        "some_more": _("a few more, within chance"),
        "some_fewer": _("a few fewer, within chance"),
        "as_usual": _("as usual"),
        "too_few": _("too few to tell"),
        "new_source": _("not compared, new source"),
    }.get(verdict, "–")


@register.filter
def trend(development: Development) -> str:
    """How a development goes, in the reader's language."""
    code = development.trend
    return str(Trend(code).label) if code in Trend.values else development.trend_words


@register.filter
def day(text: str) -> date | None:
    """A date of the content."""
    return date.fromisoformat(text) if text else None


@register.filter
def a_week(text: str) -> Week:
    return Week.parse(text)


@register.simple_tag
def spark(row: Group, key: str) -> SafeString:
    """The latest weeks of one group as a small line."""
    values = [HIDDEN if v is None else v for v in row.weeks]
    if not values:
        return mark_safe("")
    base = row.usual
    described = _("%(name)s, the latest %(n)s weeks: %(values)s") % {
        "name": row.name,
        "n": len(values),
        "values": ", ".join("–" if v is HIDDEN else str(v) for v in values),
    }
    line = Sparkline(
        f"spark-{key}",
        row.name,
        described,
        values,
        base.low if base else None,
        base.high if base else None,
        stands_out=row.verdict == "more",
    )
    return mark_safe(line.svg())  # noqa: S308


@register.simple_tag
def pattern_spark(pattern: Pattern, number: int) -> SafeString:
    """The latest weeks within a pattern's circle as a small line."""
    row = Group(name=pattern.where, verdict="more", weeks=pattern.weeks, usual=pattern.usual)
    return spark(row, f"pattern-{number}")


@register.simple_tag
def map_drawing(picture: MapPicture, size: tuple[int, int]) -> SafeString:
    """A map of pixels asked for, without links. Our own drawing, in which every text is escaped."""
    return mark_safe(picture.svg(*size, links=False))  # noqa: S308


@register.simple_tag
def chart_drawing(chart: LineChart, width: int) -> SafeString:
    """A chart of a width asked for."""
    return mark_safe(chart.svg(width))  # noqa: S308


@register.simple_tag
def map_signs(picture: MapPicture) -> list[tuple[SafeString | str, str]]:
    """What the signs of a map mean."""
    return [(swatch(kind) if kind else "", words) for kind, words in picture.legend()]


@register.simple_tag
def how_many(figures: Figures) -> str:
    """How many, and how that stands beside what is usual."""
    return words.how_many(figures)


@register.simple_tag
def on_the_map(pattern: Pattern, last: Week) -> str:
    """The address of the picture of a pattern's weeks and area, where its ring is."""
    asked = Filter(areas=(pattern.area,) if pattern.area else ())
    return f"{reverse('picture')}?{asked.over(Week.of(date.fromisoformat(pattern.since)), last).query()}"


@register.simple_tag
def reports_of(content: Content, name: str, key: str) -> str:
    """The address of the list of the week's reports of one category or in one area."""
    asked = Filter(categories=(key,)) if name == "category" else Filter(areas=(key,))
    return f"{reverse('picture_list')}?{covering(asked.over(content.first, content.last)).query()}"


@register.simple_tag
def at_place(rows: Sequence[Any] | None, number: int) -> Any:
    """The row of a number from 1; None where there are no rows."""
    return rows[number - 1] if rows else None


@register.simple_tag
def stored(content: Content) -> SafeString:
    """The language of what a locked week keeps in words, as an attribute, where the page is in another."""
    language = content.language if content.edition is not None else ""
    return format_html(' lang="{}"', language) if language and language != get_language() else mark_safe("")


@register.simple_tag
def beside(effort: Effort, verdict: str = "") -> str:
    """How many have reported, which stands beside every change; what it can do to the change, if it goes the same way."""
    return words.beside(effort, verdict)


@register.filter
def new_ones(pattern: Pattern) -> str:
    """How many of a pattern's reports are new."""
    return words.new_ones(pattern)


@register.filter
def how_new(pattern: Pattern) -> str:
    """Whether a pattern is new, in a sentence."""
    return words.how_new(pattern)


@register.filter
def late_words(effort: Effort) -> str:
    """One sentence on late reports, when they matter."""
    return words.late(effort)


#: A week is nearly ready with no more silent than one in so many.
NEARLY = 4


@register.simple_tag
def headline(week: Week, waiting: int, effort: Effort, *, locked: bool = False) -> str:
    """Monday's heading: how far the week is from being ready to go through, or that it is done.

    It follows the answers: with more than a quarter silent the week is not nearly ready.
    """
    silent, expected = effort.silent, effort.expected
    values = {"n": week.number, "s": silent, "e": expected, "w": waiting}
    if locked:
        return _("Week %(n)s is locked") % values
    if silent * NEARLY > expected:
        return (
            ngettext(
                "Week %(n)s: %(s)s of %(e)s has not answered", "Week %(n)s: %(s)s of %(e)s have not answered", silent
            )
            % values
        )
    if waiting:
        return (
            ngettext("Week %(n)s: %(w)s report waits for review", "Week %(n)s: %(w)s reports wait for review", waiting)
            % values
        )
    if silent:
        return _("Week %(n)s is nearly ready to go through") % values
    return _("Week %(n)s is ready to go through") % {"n": week.number}


@register.simple_tag
def what_is_missing(waiting: int, effort: Effort, *, locked: bool = False) -> str:
    """Monday's lead sentence: what is missing."""
    parts = []
    if waiting:
        parts.append(
            ngettext("%(n)s report waits for review.", "%(n)s reports wait for review.", waiting) % {"n": waiting}
        )
    if locked:
        return " ".join([_("The next week is gone through when it is over."), *parts])
    if effort.silent:
        parts.append(
            ngettext("%(n)s reporter has not answered.", "%(n)s reporters have not answered.", effort.silent)
            % {"n": effort.silent}
        )
    if not effort.expected:
        parts.append(_("Begin by adding those who are to report."))
    return " ".join(parts) or _("Everybody has answered and nothing waits for review.")


@register.filter
def times(number: int) -> range:
    return range(number)


@register.filter
def figures_of(figures: Figures) -> list[Drawn]:
    """The charts beside the map, those there are."""
    return [chart for chart in (figures.over_time, figures.hours) if chart]
