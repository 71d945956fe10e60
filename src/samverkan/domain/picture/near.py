"""Counts near a point, week by week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samverkan.foundation.access import require
from samverkan.foundation.geo.hexagons import centres
from samverkan.foundation.weeks import Week

from .answer import Picture
from .counting import Chosen, Selection
from .packing import KINDS

_EVENTS = {"kind": frozenset({KINDS.index("event")})}


def by_week_near(
    picture: Picture, circles: Sequence[tuple[float, float, float]], first: Week, last: Week
) -> list[list[int]]:
    """Events per week (inclusive) within each circle (x, y and radius in metres), for who sees every count.

    What counts is the middle of the hexagon, as in the search for what is starting. One pass over the figures
    that the picture has read, whatever it was asked.
    """
    require(picture.actor, "picture.exact")
    chosen = Selection(picture.facts, Chosen(first.index, last.index, values=_EVENTS))
    ids = chosen.facts.hexagons[1:]
    number = np.arange(len(ids) + 1, dtype=np.int64)
    counts = chosen.by_week_and("hexagon", number, first.index, last.index)
    xs, ys = centres(ids)
    out = []
    for x, y, radius in circles:
        # A metre more: the radius is the distance to the outermost middle.
        inside = np.flatnonzero(np.hypot(xs - x, ys - y) <= radius + 1) + 1
        out.append([int(n) for n in counts[inside].sum(axis=0)])
    return out
