"""Where to write the areas' names, so that they cover as little as possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point
from shapely.geometry.base import BaseGeometry

from ..charts.svg import width_of
from .projection import Projection

_STEPS = 9
_CELL = 6.0  # pixels of the grid in which obstacles are summed

Box = tuple[float, float, float, float]
Array = NDArray[np.float64]


def name_size(name: str, label: str) -> tuple[float, float]:
    """How wide and tall a name is in pixels, with the line under it if there is one."""
    return max(width_of(name, 14), width_of(label, 13)), 40.0 if label else 22.0


class NamePlaces:
    """Finds a place for one name after the other and remembers those already written.

    Obstacles are (x, y, weight) in pixels. Their weights are summed once into a table of sums from
    the upper left corner, so that what a box covers is four look-ups however many there are.
    """

    def __init__(
        self, projection: Projection, obstacles: Sequence[tuple[float, float, float]], taken: Sequence[Box] = ()
    ) -> None:
        self._p = projection
        self._taken = list(taken)
        columns, rows = int(projection.width / _CELL) + 2, int(projection.height / _CELL) + 2
        self._sums: Array = np.zeros((columns, rows))
        if obstacles:
            x, y, weight = np.asarray(obstacles, dtype=float).T
            inside = (x >= 0) & (y >= 0) & (x < projection.width) & (y < projection.height)
            at = ((x[inside] / _CELL).astype(int) + 1, (y[inside] / _CELL).astype(int) + 1)
            np.add.at(self._sums, at, weight[inside])
            self._sums = self._sums.cumsum(axis=0).cumsum(axis=1)

    def find(self, area: BaseGeometry, wide: float, tall: float) -> tuple[float, float] | None:
        """Middle and base line of the first line in pixels, or None where the area is out of sight."""
        place = self.find_metres(area, wide, tall)
        if place is None:
            return None
        left, top, right, bottom = self._box((place.x, place.y), wide, tall)
        cut = left < 0 or top < 0 or right > self._p.width or bottom > self._p.height
        if cut and not self._p.frame.contains(area):  # only a corner is in sight, and has no room for the name
            return None
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
        steps = np.arange(1, _STEPS) / _STEPS
        xs, ys = (a.ravel() for a in np.meshgrid(west + (east - west) * steps, south + (north - south) * steps))
        shapely.prepare(part)
        inside = shapely.contains_xy(part, xs, ys)
        xs, ys = np.append(middle.x, xs[inside]), np.append(middle.y, ys[inside])
        px, py = self._p.point(xs, ys)
        left, top, right, bottom = px - wide / 2, py - tall / 2, px + wide / 2, py + tall / 2
        cost = self._covered(left, top, right, bottom)
        for w, n, e, s in self._taken:
            cost += 400 * ((left < e) & (right > w) & (top < s) & (bottom > n))
        cost += 200 * ((left < 2) | (right > self._p.width - 2) | (top < 2) | (bottom > self._p.height - 30))
        cost += 14 * np.hypot(xs - middle.x, ys - middle.y) / max(east - west, north - south, 1.0)
        best = int(cost.argmin())
        self._taken.append((float(left[best]), float(top[best]), float(right[best]), float(bottom[best])))
        return Point(xs[best], ys[best])

    def _covered(self, left: Array, top: Array, right: Array, bottom: Array) -> Array:
        columns, rows = self._sums.shape
        a, c = (np.clip(v / _CELL, 0, columns - 1).astype(int) for v in (left - 6, right + 6))
        b, d = (np.clip(v / _CELL, 0, rows - 1).astype(int) for v in (top - 6, bottom + 6))
        s = self._sums
        covered: Array = s[c, d] - s[a, d] - s[c, b] + s[a, b]
        return covered

    def _box(self, place: tuple[float, float], wide: float, tall: float) -> Box:
        x, y = self._p.point(*place)
        return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2
