"""The parts of a map that places know: the ground, the areas, the names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely
from django.urls import reverse

from samverkan.foundation.web.maps import AreaOnMap, Ground, PlaceName, Viewport

from . import selectors
from .models import Area


def ground() -> tuple[Ground, list[PlaceName], bool]:
    """The ground, the names on water, and whether the drawing is schematic."""
    shapes, names, schematic = selectors.ground()
    return (
        Ground(
            land=shapes.get("land", []),
            water=shapes.get("water", []),
            green=shapes.get("green", []),
            roads=shapes.get("road", []),
            streets=shapes.get("street", []),
            railways=shapes.get("railway", []),
        ),
        [PlaceName(x, y, name, water=True) for x, y, name in names],
        schematic,
    )


def drawn(areas: Iterable[Area], *, chosen: int | None = None, links: bool = True) -> list[AreaOnMap]:
    """Areas with geometry, as the map draws them."""
    return [
        AreaOnMap(
            shapely.from_wkb(bytes(area.geometry)),
            area.name,
            href=reverse("area", args=[area.public_id]) if links else "",
            chosen=area.pk == chosen,
        )
        for area in areas
        if area.geometry
    ]


def viewport(areas: Iterable[AreaOnMap], points: Iterable[tuple[float, float]] = ()) -> Viewport | None:
    """What shows all areas and points; None when there is nothing to show."""
    shapes: list[Any] = [a.geometry for a in areas] + [shapely.Point(x, y).buffer(400) for x, y in points]
    return Viewport.around(shapes) if shapes else None
