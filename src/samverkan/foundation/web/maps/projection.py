"""From metres to pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from shapely import box
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from ..charts.svg import path

#: A float, or an array of them.
Number = TypeVar("Number", float, Any)


@dataclass(frozen=True)
class Viewport:
    """What part of the plane is shown: west, south, east, north in metres."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (self.east > self.west and self.north > self.south):
            raise ValueError("A viewport needs its east over its west and its north over its south.")

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.west <= x <= self.east and self.south <= y <= self.north

    @classmethod
    def around(cls, geometries: Iterable[BaseGeometry], margin: float = 0.04) -> Viewport:
        """The smallest viewport that holds all, with a margin as a share of its size."""
        boxes = [g.bounds for g in geometries if not g.is_empty]
        if not boxes:
            raise ValueError("There is nothing to look at.")
        west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
        east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
        pad = margin * max(east - west, north - south, 100.0)
        return cls(west - pad, south - pad, east + pad, north + pad)


class Projection:
    """Metres → pixels of one drawing: same scale both ways, the viewport whole and in the middle."""

    def __init__(self, viewport: Viewport, width: float, height: float) -> None:
        self.scale = min(width / (viewport.east - viewport.west), height / (viewport.north - viewport.south))
        middle_x, middle_y = (viewport.west + viewport.east) / 2, (viewport.south + viewport.north) / 2
        self._left = middle_x - width / self.scale / 2
        self._top = middle_y + height / self.scale / 2
        self.width, self.height = width, height
        #: All the drawing shows, a little wider, so that cut edges lie outside.
        edge = 12 / self.scale
        self.frame = box(
            self._left - edge,
            self._top - height / self.scale - edge,
            self._left + width / self.scale + edge,
            self._top + edge,
        )

    def point(self, x: Number, y: Number) -> tuple[Number, Number]:
        """Pixels of a point in metres; arrays give arrays."""
        return (x - self._left) * self.scale, (self._top - y) * self.scale

    def length(self, metres: float) -> float:
        return metres * self.scale

    def shows(self, x: float, y: float) -> bool:
        px, py = self.point(x, y)
        return bool(0 <= px <= self.width and 0 <= py <= self.height)

    def path(self, geometry: BaseGeometry) -> str:
        """Path data of lines and polygons, cut to the frame and thinned to half a pixel."""
        cut = geometry.intersection(self.frame)
        if cut.is_empty:
            return ""
        cut = cut.simplify(0.5 / self.scale)
        return "".join(self._part(part) for part in getattr(cut, "geoms", [cut]))

    def _part(self, part: BaseGeometry) -> str:
        if isinstance(part, Polygon):
            rings = [part.exterior, *part.interiors]
            return "".join(path([self.point(x, y) for x, y in ring.coords[:-1]], closed=True) for ring in rings)
        if isinstance(part, LineString):
            return path([self.point(x, y) for x, y in part.coords])
        if isinstance(part, MultiPolygon | MultiLineString):
            return "".join(self._part(inner) for inner in part.geoms)
        return ""
