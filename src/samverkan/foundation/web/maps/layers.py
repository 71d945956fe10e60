"""What a map can show, each layer in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from shapely.geometry.base import BaseGeometry

from ..charts.table import MISSING, AtLeast, Hidden, Missing


class Sign(Enum):
    """How a mark is drawn. What it stands for is said by who draws the map; shape tells them apart, never only colour."""

    DOT = "dot"
    DIAMOND = "diamond"
    SQUARE = "square"
    PIN = "pin"


@dataclass(frozen=True)
class Ground:
    """What lies under everything, in metres. All invented or the municipality's own."""

    land: Sequence[BaseGeometry] = ()
    water: Sequence[BaseGeometry] = ()
    green: Sequence[BaseGeometry] = ()
    roads: Sequence[BaseGeometry] = ()
    streets: Sequence[BaseGeometry] = ()
    railways: Sequence[BaseGeometry] = ()


@dataclass(frozen=True)
class AreaOnMap:
    """An area with its name. ``only_area`` counts what is known to be in it but not where.

    ``count`` is everything in the area, its places included: in the table, and by the name where no density is drawn.
    """

    geometry: BaseGeometry
    name: str
    href: str = ""
    count: int | Hidden | Missing | AtLeast = MISSING
    only_area: int = 0
    chosen: bool = False


@dataclass(frozen=True)
class Hexagon:
    """A cell by its corners in metres with its count, or ``HIDDEN``."""

    ring: Sequence[tuple[float, float]]
    count: int | Hidden


@dataclass(frozen=True)
class Mark:
    """One place. With ``radius`` (metres) it is approximate: a dashed ring of its true size."""

    x: float
    y: float
    sign: Sign = Sign.DOT
    radius: float = 0
    title: str = ""


@dataclass(frozen=True)
class PlaceName:
    """A name written on the map, such as a square; ``water`` writes it as on water."""

    x: float
    y: float
    name: str
    water: bool = False


@dataclass(frozen=True)
class Attention:
    """Look here: a ring (radius in metres) with the same words as in the text."""

    x: float
    y: float
    radius: float
    name: str
    words: str = ""


def hexagon_ring(x: float, y: float, across: float) -> list[tuple[float, float]]:
    """Corners of a hexagon standing on a point, ``across`` metres between its upright sides."""
    corner = across / math.sqrt(3)
    return [
        (x + corner * math.sin(math.radians(60 * i)), y + corner * math.cos(math.radians(60 * i))) for i in range(6)
    ]
