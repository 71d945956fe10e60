"""A planar grid of hexagons, pointed upwards, 300 m across flats (600 m derived).

An identity packs the axial coordinates (q, r) of Patel's hexagonal grids into 32 bits, so that
it is an ordinary database integer. The grid's origin is the coordinate system's origin, hence the
same for everyone with the same system.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

ACROSS = 300.0


def _size(across: float) -> float:
    return across / math.sqrt(3.0)


def _round(q: NDArray[np.float64], r: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    s = -q - r
    rq, rr, rs = np.rint(q), np.rint(r), np.rint(s)
    dq, dr, ds = np.abs(rq - q), np.abs(rr - r), np.abs(rs - s)
    fix_q = (dq > dr) & (dq > ds)
    fix_r = ~fix_q & (dr > ds)
    rq = np.where(fix_q, -rr - rs, rq)
    rr = np.where(fix_r, -rq - rs, rr)
    return rq.astype(np.int64), rr.astype(np.int64)


def _pack(q: NDArray[np.int64], r: NDArray[np.int64]) -> NDArray[np.int32]:
    if q.size and (q.min() < -32768 or q.max() > 32767 or r.min() < 0 or r.max() > 65535):
        raise ValueError("Coordinates lie too far from the origin for the hexagon grid. Are they in metres?")
    return (((q + 32768) << 16 | r) - (1 << 31)).astype(np.int32)


def _unpack(ids: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    raw = np.asarray(ids, np.int64) + (1 << 31)
    return (raw >> 16) - 32768, raw & 0xFFFF


def hexagon_of(x: ArrayLike, y: ArrayLike, across: float = ACROSS) -> NDArray[np.int32]:
    """The hexagon that holds each point. Shapes (n,) in metres → (n,) identities."""
    size = _size(across)
    x, y = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    return _pack(*_round((math.sqrt(3.0) / 3 * x - y / 3) / size, (2.0 / 3 * y) / size))


def centres(ids: ArrayLike, across: float = ACROSS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres in metres."""
    q, r = _unpack(ids)
    size = _size(across)
    return size * math.sqrt(3.0) * (q + r / 2.0), np.asarray(size * 1.5 * r, np.float64)


def coarser(ids: ArrayLike) -> NDArray[np.int32]:
    """The 600 m hexagon that holds each 300 m hexagon's centre. Fixed, so sums agree everywhere."""
    q, r = _unpack(ids)
    # A quarter step breaks ties on the border always towards the same side.
    return _pack(*_round(q / 2.0 + 1e-6, r / 2.0 + 1e-6))


def outline(identity: int, across: float = ACROSS) -> list[tuple[float, float]]:
    """The six corners in metres, from the top, clockwise."""
    (cx,), (cy,) = (values.tolist() for values in centres([identity], across))
    size = _size(across)
    return [(cx + size * math.sin(math.radians(60 * k)), cy + size * math.cos(math.radians(60 * k))) for k in range(6)]
