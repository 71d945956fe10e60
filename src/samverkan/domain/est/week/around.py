"""The reports around each unusual pattern, week by week, beside what is usual there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import shapely

from samverkan.domain.picture.api import Page, by_week_near, usual
from samverkan.foundation.weeks import Week

from .content import Pattern, Usual

#: Weeks in the small lines.
SPARK_WEEKS = 12
#: Weeks before the pattern began that tell what is usual.
USUAL_WEEKS = 52


def added(page: Page, patterns: Sequence[Pattern], last: Week) -> tuple[Pattern, ...]:
    """Each pattern with ``weeks``, the latest counts within its circle, ``usual`` there and its ``area``.

    Usual is the middle half of the year's weeks before the pattern began, since the same weeks of other
    years tell too little of a single place. One pass over the figures that the page has read.
    """
    begins = [Week.of(date.fromisoformat(p.since)) for p in patterns]
    first = min(begins).plus(-USUAL_WEEKS)
    first = min(first, last.plus(1 - SPARK_WEEKS))
    lines = by_week_near(page.picture, [p.circle for p in patterns], first, last)
    shapes = [(a.code, shapely.from_wkb(bytes(a.geometry or b""))) for a in page.areas]
    found = []
    for pattern, began, line in zip(patterns, begins, lines, strict=True):
        until = began.index - first.index
        span = usual(line[max(0, until - USUAL_WEEKS) : until])
        point = shapely.Point(pattern.circle[:2])
        found.append(
            pattern.saying(
                weeks=tuple(line[-SPARK_WEEKS:]),
                usual=Usual(low=span.low, middle=span.middle, high=span.high) if span else None,
                area=next((code for code, shape in shapes if shape.intersects(point)), ""),
            )
        )
    return tuple(found)
