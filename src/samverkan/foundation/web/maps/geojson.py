"""The same layers as the drawing, for the map that comes alive in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from shapely import Point, Polygon, transform
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from ..charts.classes import class_of
from ..charts.table import HIDDEN, cell_text
from .draw import MapPicture
from .names import NamePlaces, name_size
from .projection import Projection

#: Metres (x, y) → (longitude, latitude), for arrays of shape (n, 2).
ToLonLat = Callable[[Any], Any]


def to_geojson(picture: MapPicture, to_lonlat: ToLonLat) -> dict[str, Any]:
    """A FeatureCollection in longitude and latitude (RFC 7946).

    Each feature has ``layer``: land, green, water, street, road, rail, hexagon, area, mark, ring,
    name. Hidden cells carry no count. ``bbox`` is the viewport.
    """
    features: list[dict[str, Any]] = []

    def add(layer: str, geometry: BaseGeometry, **properties: Any) -> None:
        moved = transform(geometry, to_lonlat)
        features.append({"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": mapping(moved)})

    ground = picture.ground
    for layer, geometries in (
        ("green", ground.green),
        ("water", ground.water),
        ("street", ground.streets),
        ("road", ground.roads),
        ("rail", ground.railways),
    ):
        for geometry in geometries:
            add(layer, geometry)
    limits = picture.limits()
    for cell in picture.hexagons:
        if cell.count is HIDDEN:
            add("hexagon", Polygon(cell.ring), density=-1, words=_("not shown"))
        elif isinstance(cell.count, int) and cell.count:
            words = _("%(number)s in the hexagon") % {"number": cell_text(cell.count)}
            add("hexagon", Polygon(cell.ring), density=class_of(cell.count, limits), words=words)
    projection = Projection(picture.viewport, 736, 500)
    # The words at an attention ring stand over it; names keep clear of them.
    boxes = []
    for ring in picture.attention:
        x, y = projection.point(ring.x, ring.y + ring.radius)
        boxes.append((x - 90, y - 54, x + 90, y))
    places = NamePlaces(projection, picture.obstacles(projection), boxes)
    for area in picture.areas:
        add("area", area.geometry.boundary, chosen=area.chosen)
        words = picture.beside(area)
        where = places.find_metres(area.geometry, *name_size(area.name, words))
        if where is not None:
            add("name", where, name=area.name, words=words, href=area.href)
    for place in picture.places:
        add("name", Point(place.x, place.y), name=place.name, words="", href="", water=place.water)
    for mark in picture.marks:
        if mark.radius:
            add("approximate", Point(mark.x, mark.y).buffer(mark.radius, 24).boundary, words=mark.title)
        else:
            add("mark", Point(mark.x, mark.y), sign=mark.sign.value, words=mark.title)
    for ring in picture.attention:
        add("attention", Point(ring.x, ring.y).buffer(ring.radius, 24).boundary)
        if ring.name:
            add("name", Point(ring.x, ring.y + ring.radius), name=ring.name, words=ring.words, href="", attention=True)
    view = picture.viewport
    corners = to_lonlat([[view.west, view.south], [view.east, view.north]])
    bbox = [float(value) for corner in corners for value in corner]
    return {"type": "FeatureCollection", "bbox": bbox, "features": features}
