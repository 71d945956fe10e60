"""The map the server draws: an SVG of our own layers in metres, its legend and its table."""

from .draw import MapPicture
from .geojson import to_geojson
from .layers import AreaOnMap, Attention, Ground, Hexagon, Mark, PlaceName, Sign, hexagon_ring
from .projection import Projection, Viewport

__all__ = [
    "AreaOnMap",
    "Attention",
    "Ground",
    "Hexagon",
    "MapPicture",
    "Mark",
    "PlaceName",
    "Projection",
    "Sign",
    "Viewport",
    "hexagon_ring",
    "to_geojson",
]
