"""The small map: one to point at in a form, and one that shows where something lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samverkan.foundation import geo
from samverkan.foundation.access import Actor
from samverkan.foundation.web.maps import MapPicture, Mark, PlaceName, Sign, Viewport
from samverkan.foundation.web.maps.projection import Projection

from .maps import drawn, ground, viewport
from .selectors import counted_areas, places

#: Pixels of the small map.
WIDTH, HEIGHT = 358, 220
#: Metres across, from near to far: how the map is zoomed without scripts and without tiles.
SPANS = (500, 1200, 3000, 8000)


@dataclass(frozen=True)
class SmallMap:
    """A drawing with what is needed to tell which metres a pixel stands for."""

    svg: SafeString
    left: float
    top: float
    scale: float
    x: float
    y: float
    span: int
    nearer: int | None
    farther: int | None


def _number(value: Any) -> float | None:
    try:
        found = float(str(value))
    except (TypeError, ValueError):
        return None
    return found if found == found and abs(found) < 1e8 else None


def _draw(
    actor: Actor, *, x: float, y: float, span: int, mark: bool, radius: float = 0, title: str = "", key: str = "where"
) -> SmallMap:
    land, names, schematic = ground()
    near_by = span <= 3000
    areas = drawn(counted_areas(actor), links=False)
    if near_by:  # close up, the places' names say where one is
        areas = [replace(area, name="") for area in areas]
    half, tall = span / 2, span * HEIGHT / WIDTH / 2
    view = Viewport(x - half, y - tall, x + half, y + tall)
    near = (
        [p for p in places(actor).exclude(kind="address") if abs(p.x - x) < half and abs(p.y - y) < tall][:8]
        if near_by
        else []
    )
    picture = MapPicture(
        key=key,
        title=title or _("Where it happened"),
        description=_("A small map. The place can also be written in words."),
        viewport=view,
        ground=land,
        areas=areas,
        places=[*names, *(PlaceName(p.x, p.y, p.name) for p in near)],
        marks=[Mark(x, y, Sign.PIN if not radius else Sign.DOT, radius)] if mark else [],
        schematic=schematic,
    )
    projection = Projection(view, WIDTH, HEIGHT)
    left, top = x - WIDTH / projection.scale / 2, y + HEIGHT / projection.scale / 2
    place = SPANS.index(span) if span in SPANS else len(SPANS) - 1
    return SmallMap(
        mark_safe(picture.svg(WIDTH, HEIGHT, links=False)),  # noqa: S308 -- drawn by us, texts escaped
        left,
        top,
        projection.scale,
        x,
        y,
        span,
        SPANS[place - 1] if place > 0 else None,
        SPANS[place + 1] if place + 1 < len(SPANS) else None,
    )


def picker(actor: Actor, x: Any, y: Any) -> SmallMap | None:
    """The map of the form: around the point when there is one, else the whole town. None without a map."""
    px, py = _number(x), _number(y)
    if px is not None and py is not None and bool(geo.current().contains(px, py)):
        return _draw(actor, x=px, y=py, span=1200, mark=True)
    whole = viewport(drawn(counted_areas(actor), links=False))
    if whole is None:
        return None
    return _draw(actor, x=(whole.west + whole.east) / 2, y=(whole.south + whole.north) / 2, span=8000, mark=False)


def closer(actor: Actor, query: Any) -> SmallMap | None:
    """The map asked for by the page: a point, a place by name or a position in degrees, and how near."""
    x, y = _number(query.get("x")), _number(query.get("y"))
    lon, lat = _number(query.get("lon")), _number(query.get("lat"))
    if (x is None or y is None) and lon is not None and lat is not None:
        ex, ny = geo.current().to_metres([lon], [lat])
        x, y = _number(ex[0]), _number(ny[0])
    if (x is None or y is None) and query.get("where"):
        found = places(actor, text=query["where"]).first()
        x, y = (found.x, found.y) if found else (None, None)
    if x is None or y is None or not bool(geo.current().contains(x, y)):
        return picker(actor, None, None)
    span = int(_number(query.get("span")) or 1200)
    return _draw(actor, x=x, y=y, span=span if span in SPANS else 1200, mark=query.get("mark") != "0")


def shown(actor: Actor, *, x: float, y: float, radius: float = 0, title: str, key: str) -> SmallMap:
    """A point that is known, with how far it reaches."""
    return _draw(actor, x=x, y=y, span=1200, mark=True, radius=radius, title=title, key=key)
