"""A polygon as directed sides: rings in, holes told from shells, inside on the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A point this near the border (as a share of the polygon's size) counts as inside.
BORDER = 1e-9


class Polygon:
    """One or more shells with or without holes.

    Parameters
    ----------
    shape : a ring (m, 2); a list of rings (a ring inside an odd number of
        others is a hole); a GeoJSON Polygon or MultiPolygon, also wrapped in a
        Feature or a FeatureCollection of one; or anything with
        ``__geo_interface__``. Direction and closing point do not matter.

    Raises
    ------
    BadInput for other shapes, coordinates that are not finite and an area of zero.
    """

    def __init__(self, shape: Any) -> None:
        rings = [_ring(ring) for ring in _rings(getattr(shape, "__geo_interface__", shape))]
        if not rings:
            raise BadInput("The polygon has no rings; give at least three corners.")
        corners = np.concatenate(rings)
        self.left, self.low = (float(v) for v in corners.min(axis=0))
        self.right, self.high = (float(v) for v in corners.max(axis=0))
        #: (e, 4) x1, y1, x2, y2 with ``left, low`` as origin, so that no digits are lost.
        self.edges = _sides([ring - (self.left, self.low) for ring in rings])
        x1, y1, x2, y2 = self.edges.T
        self.area = float((x1 * y2 - x2 * y1).sum() / 2)
        if not self.area > 1e-14 * self.width * self.height:
            raise BadInput("The polygon has no area; check the order of its corners.")

    @property
    def width(self) -> float:
        """From the leftmost to the rightmost corner."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From the lowest to the highest corner."""
        return self.high - self.low

    @property
    def slack(self) -> float:
        """How near the border counts as inside."""
        return BORDER * max(self.width, self.height)

    def contains(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which places lie inside, border included."""
        cells = 256
        share = self.coverage(cells, cells)
        return self.contains_by(x, y, share, self.width / cells, self.height / cells)

    def contains_by(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        share: NDArray[np.float64],
        dx: float,
        dy: float,
    ) -> NDArray[np.bool_]:
        """As ``contains``, with the coverage already at hand to spare most tests."""
        from samverkan.analysis import _kernels_density as kernels

        start, sides = _by_row(self.edges, self.slack, dy, share.shape[0])
        return np.asarray(kernels.inside(x, y, start, sides, self.slack, share, self.left, self.low, dx, dy))

    def coverage(self, nx: int, ny: int) -> NDArray[np.float64]:
        """The share of each cell of a grid over the bounding box that is inside, (ny, nx)."""
        from samverkan.analysis import _kernels_density as kernels

        acc = kernels.coverage(self.edges, self.width / nx, self.height / ny, nx, ny)
        share = np.cumsum(acc[:, :nx], axis=1)
        # Rounding leaves 1e-16 outside and 1 - 1e-16 inside.
        share[share < 1e-12] = 0.0
        share[share > 1 - 1e-12] = 1.0
        return np.asarray(share, dtype=np.float64)


def _rings(shape: Any) -> list[Any]:
    if isinstance(shape, Mapping):
        kind = shape.get("type")
        if kind == "FeatureCollection":
            return [ring for part in shape.get("features", []) for ring in _rings(part)]
        if kind == "Feature":
            return _rings(shape.get("geometry"))
        if kind == "Polygon":
            return list(shape.get("coordinates", []))
        if kind == "MultiPolygon":
            return [ring for part in shape.get("coordinates", []) for ring in part]
        raise BadInput(f"The shape is a {kind}; give a Polygon or a MultiPolygon.")
    if isinstance(shape, np.ndarray):
        return [shape] if shape.ndim == 2 else list(shape)
    if isinstance(shape, Sequence) and len(shape) and np.ndim(shape[0]) == 1:
        return [shape]
    if isinstance(shape, Sequence) and not isinstance(shape, str):
        return list(shape)
    raise BadInput(f"A polygon cannot be read from {type(shape).__name__}; give a list of corners.")


def _ring(corners: Any) -> NDArray[np.float64]:
    try:
        ring = np.array(corners, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("A ring of the polygon is not a list of x, y.") from error
    if ring.ndim != 2 or ring.shape[1] < 2:
        raise BadInput("A ring of the polygon is not a list of x, y.")
    ring = ring[:, :2]
    if not np.isfinite(ring).all():
        raise BadInput("A corner of the polygon is not a finite number.")
    # Corners told twice in a row (the closing one too) make sides of no length.
    ring = ring[(ring != np.roll(ring, -1, axis=0)).any(axis=1)]
    if len(ring) < 3:
        raise BadInput("A ring of the polygon has fewer than three corners.")
    return ring


def _by_row(
    edges: NDArray[np.float64], slack: float, dy: float, ny: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The sides that touch each row of a grid: row r has ``sides[start[r]:start[r + 1]]``."""
    low, high = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    first = np.clip(np.floor((low - slack) / dy), 0, ny - 1).astype(np.int64)
    count = np.clip(np.floor((high + slack) / dy), 0, ny - 1).astype(np.int64) - first + 1
    side = np.repeat(np.arange(len(edges)), count)
    row = np.arange(len(side)) + np.repeat(first - np.cumsum(count) + count, count)
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=ny))))
    return start, edges[side[np.argsort(row, kind="stable")]]


def _sides(rings: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The sides of all rings, shells turned counter-clockwise and holes clockwise."""
    from samverkan.analysis import _kernels_density as kernels

    plain = [np.hstack((ring, np.roll(ring, -1, axis=0))) for ring in rings]
    out = []
    for a, side in enumerate(plain):
        x1, y1, x2, y2 = side.T
        longest = int(np.argmax(np.hypot(x2 - x1, y2 - y1)))
        px, py = side[longest, :2] + 0.5 * (side[longest, 2:] - side[longest, :2])
        depth = sum(
            bool(kernels.inside_one(px, py, other, 0, len(other), 0.0)) for b, other in enumerate(plain) if b != a
        )
        counter_clockwise = (x1 * y2 - x2 * y1).sum() > 0
        if counter_clockwise == (depth % 2 == 1):
            side = side[:, [2, 3, 0, 1]]
        out.append(side)
    return np.ascontiguousarray(np.concatenate(out))
