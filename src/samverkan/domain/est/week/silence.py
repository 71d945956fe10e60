"""Where there are fewer reports than usual while some have not answered: silence is not calm. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .content import Content

#: So many areas are named at most, the most lacking first.
_MOST_AREAS = 3


@dataclass(frozen=True)
class Unheard:
    """The areas that nothing can be said of, who is silent, and how many those are."""

    areas: list[str]
    silent: list[str]
    count: int


def silence(content: Content) -> Unheard | None:
    """What nothing can be said of; None when all have answered or nothing is low.

    ``areas`` is empty when the whole is low, or fewer than half have answered, and no area is.
    """
    effort, figures = content.effort, content.figures
    if not effort.silent:
        return None
    low = [
        (row.usual.low - row.count, row.name)
        for row in figures.areas or ()
        if row.key != "unknown" and row.count is not None and row.usual and row.count < row.usual.low
    ]
    areas = [name for _lacks, name in sorted(low, key=lambda found: -found[0])[:_MOST_AREAS]]
    whole, total = figures.usual, figures.total
    few = effort.silent * 2 > effort.expected or bool(whole and total is not None and total < whole.low)
    if not areas and not few:
        return None
    return Unheard(areas, sorted({s.name for s in effort.silent_list}), effort.silent)
