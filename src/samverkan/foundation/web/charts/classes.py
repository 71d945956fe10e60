"""Five density classes with whole-number limits, the same for heat tables and hexagons."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..numbers import format_number


def class_limits(counts: Iterable[int], floor: int = 1) -> tuple[int, ...]:
    """Lowest count of each class, at most five, first ``floor``.

    The steps grow geometrically up to the largest count, since counts per place are skewed:
    equal steps would put nearly all in the first class. Fewer classes when counts are few.
    """
    largest = max([floor, *counts])
    limits = [floor]
    for step in range(1, 5):
        limit = round(floor * (max(largest, floor + 1) / floor) ** (step / 4.6))
        if limits[-1] < limit <= largest:
            limits.append(limit)
        elif limits[-1] + 1 <= largest:
            limits.append(limits[-1] + 1)
    return tuple(limits)


def class_of(count: float, limits: tuple[int, ...]) -> int:
    """1–5 (0 for none); with few classes they spread so that the largest is darkest."""
    position = sum(1 for limit in limits if count >= limit)
    return position if len(limits) == 5 or position == 0 else round(position * 5 / len(limits))


def limit_texts(limits: tuple[int, ...]) -> list[tuple[int, str]]:
    """(class 1–5, "2–3") for each class, the last open: "9 or more"."""
    language = get_language() or "sv"
    out = []
    for low, following in pairwise(limits):
        high = following - 1
        span = format_number(low, language=language)
        if high > low:
            span += "–" + format_number(high, language=language)
        out.append((class_of(low, limits), span))
    last = _("%(number)s or more") % {"number": format_number(limits[-1], language=language)}
    return [*out, (class_of(limits[-1], limits), last)]


def hidden_words(floor: int) -> str:
    """What hatching means where counts under ``floor`` are hidden."""
    if floor <= 1:
        return _("not shown")
    number = format_number(floor, language=get_language() or "sv")
    return _("not shown: fewer than %(number)s, or would give such a number away") % {"number": number}
