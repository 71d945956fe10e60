"""Who sees what of a week. It is locked for ever, and so is what may be read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from samverkan.foundation.access import Actor
from samverkan.foundation.editions import read

from .shape import FORMAT, Content, Development, Effort, Figures, Late

#: Of a pattern, what would tell small counts to those who may not see them.
_FINE = ("x", "y", "radius_m", "count", "expected", "mostly", "new_count", "recurrence_weeks", "weeks", "usual")
#: Late reports are spoken of when they are at least this share of the week's, in per cent.
_MANY_LATE = 5


def kept(content: Mapping[str, Any]) -> Content:
    """The content of an edition, of whatever age."""
    return read(Content, content)


def for_actor(actor: Actor, content: Content) -> Content:
    """The content as this actor may see it: others than those who see small counts get the released figures."""
    if actor.may("picture.exact"):
        return content
    figures = content.partners or Figures(shown=False, why="")
    if content.format < FORMAT:
        # Counts of hexagons within areas narrow the areas' hidden counts.
        figures = figures.without("map")
    shown = content.saying(figures=figures.saying(suppressed=True), effort=content.effort.saying(silent_list=()))
    return protected(shown)


def protected(content: Content) -> Content:
    """The same content, where a reader who may not see small counts gets no finer ones by way of the patterns.

    A pattern counts one place over some days; the released figures are whole weeks and fixed areas, so
    that differences reveal nothing. Its place, its beginning and how rare it is are kept. A development
    is one single incident in somebody's words: what is told of those that go on is which main
    categories they are of and how it goes, never how many, where or in what words.
    """
    if content.figures.exact:
        return content
    told = content.alarms.without("method").known()
    patterns = tuple(p.without(*_FINE).known() for p in told.patterns)
    return (
        content.without("partners")
        .known()
        .saying(
            alarms=told.saying(patterns=patterns, notes=told.plain_notes),
            developments=_going_on_in(content.developments),
            effort=_without_late_counts(content.effort),
        )
    )


def is_late(told: Late) -> bool:
    """Whether so many of the cycle's reports came when it was over that it matters."""
    return told.some or bool(told.late and told.late * 100 >= told.reports * _MANY_LATE)


def _without_late_counts(effort: Effort) -> Effort:
    """How many reports came late counts single reports: it is only told whether it matters."""
    told = effort.late
    return effort.saying(late=Late(some=is_late(told), usually=told.usually)) if told else effort


def _going_on_in(developments: Iterable[Development]) -> tuple[Development, ...]:
    """Main categories in which something goes on, each once with its worst trend: those come first already."""
    worst: dict[str, Development] = {}
    for d in developments:
        if d.main:
            told = Development(
                title=d.main,
                main=d.main,
                category=d.main,
                where="",
                since="",
                trend=d.trend,
                trend_words=d.trend_words,
            )
            worst.setdefault(d.main, told)
    return tuple(worst.values())
