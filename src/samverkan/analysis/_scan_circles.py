"""Places and the circles round them, for the scan statistic."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Kilometres would hide it: the radius, in metres, that scan results are compared with.
EARTH_RADIUS = 6_367_000.0
# Distances held at once, and centres taken together (their numbers are sorted as 16 bits).
_AT_ONCE = 100_000
_TOGETHER = 64


@dataclass(frozen=True)
class Places:
    """Unique places in the order of the input.

    ``first`` is the input row each place was first seen on, ``of_row`` the place
    of every input row.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    first: NDArray[np.int64]
    of_row: NDArray[np.int64]
    geographic: bool


def places(x: ArrayLike, y: ArrayLike, *, geographic: bool) -> Places:
    """Rows at the same coordinates are one place, numbered as first seen."""
    xs, ys = clean.lonlat(x, y) if geographic else clean.points(x, y)
    if not len(xs):
        none = np.zeros(0, np.int64)
        return Places(xs, ys, none, none, geographic)
    pairs = np.ascontiguousarray(np.column_stack((xs, ys))).view("V16").ravel()
    _, first, inverse = np.unique(pairs, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    order = np.argsort(first, kind="stable")
    rank[order] = np.arange(len(first))
    seen = first[order].astype(np.int64)
    return Places(xs[seen], ys[seen], seen, rank[inverse.ravel()], geographic)


@dataclass(frozen=True)
class Circles:
    """Neighbour lists: for centre c, ``places[offsets[c]:offsets[c + 1]]`` in distance order."""

    offsets: NDArray[np.int64]
    places: NDArray[np.int32]
    distances: NDArray[np.float64]


def circles(
    where: Places,
    *,
    size: NDArray[np.float64],
    max_radius: float | None,
    max_share: float | None,
) -> Circles:
    """Circles round every place, grown by radius (metres) and by share of ``size``.

    Distance order, equal distances (1e-9) in the order of the places. The list
    of a centre ends before the first place that takes it over the share.
    """
    radius = math.inf if max_radius is None else clean.positive(max_radius, "max_radius", zero=True)
    share = 1.0 if max_share is None else clean.positive(max_share, "max_share")
    if share > 1:
        raise BadInput(f"max_share is {share}; give a share from 0 to 1, as 0.5.")
    n = len(where.x)
    scale = EARTH_RADIUS if where.geographic else 1.0
    largest = math.inf if share == 1.0 else share * math.fsum(size) * (1 + 1e-12)
    x, y = where.x, where.y
    if where.geographic:
        x, y = np.radians(x), np.radians(y)
    # Rounding must not shut out a place that lies or fits exactly.
    hair = clean.rounding(x, y) * scale
    reach = radius * (1 + clean.SLACK) + hair
    # Along this axis nothing within reach is further away than the reach.
    axis = y * scale if where.geographic else x
    order = np.argsort(axis, kind="stable")
    line = axis[order]
    wide = reach * (1 + 1e-9) + 1e-12 * float(np.abs(axis).max(initial=0.0))
    counts = np.zeros(n, np.int64)
    lists: list[tuple[NDArray[np.int32], NDArray[np.float64]]] = []
    begin = 0
    while begin < n:
        first, last = np.searchsorted(line, (line[begin] - wide, line[min(begin + _TOGETHER, n) - 1] + wide))
        end = min(begin + max(1, min(_TOGETHER, _AT_ONCE // int(last - first))), n)
        centres, near = order[begin:end], order[first:last]
        far = _distances(where.geographic, x, y, centres, near)
        row, column = np.nonzero(far <= reach)
        row, found, distance = _in_order(row, near[column], far[row, column], hair)
        if largest < math.inf:
            keep = _within_share(row, size[found], largest)
            row, found, distance = row[keep], found[keep], distance[keep]
        counts[centres] = np.bincount(row, minlength=len(centres))
        lists.append((found.astype(np.int32), distance))
        begin = end
    offsets = np.concatenate(([0], np.cumsum(counts)))
    # The lists stand in the order of the axis; each is moved to its centre's place.
    listed = np.concatenate(([0], np.cumsum(counts[order])))[:-1]
    at = np.empty(n, np.int64)
    at[order] = listed
    take = np.repeat(at - offsets[:-1], counts) + np.arange(offsets[-1])
    if not lists:
        return Circles(offsets, np.zeros(0, np.int32), np.zeros(0))
    return Circles(
        offsets, np.concatenate([part[0] for part in lists])[take], np.concatenate([part[1] for part in lists])[take]
    )


def _distances(
    geographic: bool,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    centres: NDArray[np.int64],
    near: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Metres from each centre to each place, by the haversine formula on the globe."""
    dx, dy = x[near] - x[centres, None], y[near] - y[centres, None]
    if not geographic:
        return np.asarray(np.sqrt(dx * dx + dy * dy))
    a, b = np.sin(dy * 0.5), np.sin(dx * 0.5)
    half = a * a + np.cos(y[near]) * np.cos(y[centres, None]) * b * b
    return np.asarray(2.0 * EARTH_RADIUS * np.arcsin(np.minimum(1.0, np.sqrt(half))))


def _in_order(
    row: NDArray[np.int64], place: NDArray[np.int64], distance: NDArray[np.float64], hair: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row by row, by distance; runs of equal distance (1e-9, and a hair for rounding) by place."""
    order = np.argsort(distance)
    # Sixteen bits are sorted by counting, which keeps the order by distance.
    order = order[np.argsort(row[order].astype(np.uint16), kind="stable")]
    row, place, distance = row[order], place[order], distance[order]
    opens = np.ones(len(row), np.bool_)
    opens[1:] = (row[1:] != row[:-1]) | (distance[1:] > distance[:-1] * (1 + clean.SLACK) + hair)
    tied = ~opens
    tied[:-1] |= tied[1:]
    where = np.flatnonzero(tied)
    if len(where):
        within = where[np.lexsort((place[where], np.cumsum(opens)[where]))]
        place[where], distance[where] = place[within], distance[within]
    return row, place, distance


def _within_share(row: NDArray[np.int64], size: NDArray[np.float64], largest: float) -> NDArray[np.bool_]:
    """Which entries still fit when each row's sizes are added one by one."""
    keep = np.zeros(len(row), np.bool_)
    bounds = np.searchsorted(row, np.arange(int(row.max(initial=-1)) + 2))
    for begin, end in itertools.pairwise(bounds):
        fits = np.searchsorted(np.cumsum(size[begin:end]), largest, side="right")
        keep[begin : begin + fits] = True
    return keep
