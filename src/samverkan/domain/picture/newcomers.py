"""Sources that have begun to report: what comes with them is no increase."""

from __future__ import annotations

import numpy as np

from .answer import Picture
from .counting import Chosen, Selection, grouped
from .dimensions import Group


def newcomers(picture: Picture) -> tuple[Group, ...]:
    """Sources of the period that had told nothing when the last of the weeks compared with was over."""
    spans = picture.windows()
    if not picture.span or not spans:
        return ()
    earlier = Selection(picture.facts, Chosen(None, max(b for _a, b in spans))).by("source")
    now = Selection(picture.facts, Chosen(*picture.span, home=picture.home)).by("source")
    new = {n for n in np.flatnonzero(now).tolist() if n >= len(earlier) or not earlier[n]} - {0}
    return tuple(group for group in picture.names.source.groups if group.ids & new)


def without(picture: Picture, new: tuple[Group, ...], name: str = "", key: str = "") -> int | None:
    """How many of a group, or of the whole, come from those who reported before too; None where it is hidden."""
    if not picture.exact:
        return None
    left_out = {i for group in new for i in group.ids}
    known = frozenset(i for group in picture.names.source.groups for i in group.ids) - left_out
    c = picture.chosen
    values = {**picture.values, "source": picture.values.get("source", known) & known}
    chosen = Chosen(c.first, c.last, c.first_day, c.last_day, values, picture.ids, picture.home)
    found = Selection(picture.facts, chosen)
    if not name:
        return found.total
    dimension = picture.dimension(name)
    counts = grouped(found.by(name), dimension.table())
    return sum(int(n) for group, n in zip(dimension.groups, counts, strict=False) if group.key == key)
