"""Where to write the areas' names, so that they cover as little as possible."""

from __future__ import annotations

from collections.abc import Sequence

from shapely import Point
from shapely.geometry.base import BaseGeometry

from .projection import Projection

_STEPS = 9


class NamePlaces:
    """Finds a place for one name after the other and remembers those already written."""

    def __init__(
        self,
        projection: Projection,
        obstacles: Sequence[tuple[float, float, float]],
        taken: Sequence[tuple[float, float, float, float]] = (),
    ) -> None:
        self._p = projection
        self._obstacles = obstacles
        self._taken = list(taken)

    def find(self, area: BaseGeometry, wide: float, tall: float) -> tuple[float, float] | None:
        """Middle and base line of the first line in pixels, or None where the area is out of sight."""
        place = self.find_metres(area, wide, tall)
        if place is None:
            return None
        left, top, right, _bottom = self._box((place.x, place.y), wide, tall)
        return (left + right) / 2, top + 16

    def find_metres(self, area: BaseGeometry, wide: float, tall: float) -> Point | None:
        """Where the middle of the words goes, in metres; the words' size is in pixels.

        Tries a grid of places inside the area and takes the one that covers least; among equals
        the one nearest the area's middle.
        """
        part = area.intersection(self._p.frame)
        if part.is_empty:
            return None
        west, south, east, north = part.bounds
        middle = part.centroid if part.contains(part.centroid) else part.representative_point()
        places = [(middle.x, middle.y)]
        for i in range(1, _STEPS):
            for j in range(1, _STEPS):
                x, y = west + (east - west) * i / _STEPS, south + (north - south) * j / _STEPS
                if part.contains(Point(x, y)):
                    places.append((x, y))
        reach = max(east - west, north - south, 1.0)

        def cost(place: tuple[float, float]) -> float:
            left, top, right, bottom = self._box(place, wide, tall)
            covered = sum(w for x, y, w in self._obstacles if left - 6 < x < right + 6 and top - 6 < y < bottom + 6)
            crossed = sum(400 for w, n, e, s in self._taken if left < e and right > w and top < s and bottom > n)
            outside = 200 * (left < 2 or right > self._p.width - 2 or top < 2 or bottom > self._p.height - 30)
            far = ((place[0] - middle.x) ** 2 + (place[1] - middle.y) ** 2) ** 0.5 / reach
            return covered + crossed + outside + 14 * far

        best = min(places, key=cost)
        self._taken.append(self._box(best, wide, tall))
        return Point(*best)

    def _box(self, place: tuple[float, float], wide: float, tall: float) -> tuple[float, float, float, float]:
        x, y = self._p.point(*place)
        return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2
