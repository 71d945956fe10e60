"""Coordinate systems: from and to longitude and latitude, with the area where they are true."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError


class OutsideArea(ValueError):
    """Coordinates that lie where the installation's system is not meant to be used."""


class System:
    """A metric coordinate system by its EPSG number."""

    def __init__(self, epsg: int) -> None:
        try:
            self.crs = CRS.from_epsg(epsg)
        except CRSError:
            raise ValueError(f"EPSG:{epsg} is not a known coordinate system.") from None
        if not self.crs.is_projected or any(axis.unit_name != "metre" for axis in self.crs.axis_info[:2]):
            raise ValueError(
                f"EPSG:{epsg} ({self.crs.name}) does not count in metres. Choose one that does, such as 3006."
            )
        self.epsg = epsg
        self._in = Transformer.from_crs(4326, self.crs, always_xy=True)
        self._out = Transformer.from_crs(self.crs, 4326, always_xy=True)
        use = self.crs.area_of_use
        if use is None:
            raise ValueError(f"EPSG:{epsg} does not say where it may be used.")
        self.west, self.south, self.east, self.north = use.west, use.south, use.east, use.north
        # A margin of a degree: projections hold a little beyond their stated area, typing errors do not.
        edge = np.linspace(0, 1, 21)
        lon = np.concatenate([self.west + (self.east - self.west) * edge] * 2)
        lat = np.concatenate([np.full(21, self.south), np.full(21, self.north)])
        x, y = self._in.transform(lon, lat)
        self.min_x, self.max_x = float(x.min()) - 60_000, float(x.max()) + 60_000
        self.min_y, self.max_y = float(y.min()) - 60_000, float(y.max()) + 60_000

    def to_metres(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Metres for degrees (arrays or single numbers); not finite where outside the area of use."""
        x, y = self._in.transform(np.asarray(lon, float), np.asarray(lat, float))
        inside = self.contains(x, y)
        return np.where(inside, x, np.nan), np.where(inside, y, np.nan)

    def to_degrees(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude for metres."""
        lon, lat = self._out.transform(np.asarray(x, float), np.asarray(y, float))
        return lon, lat

    def contains(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Whether metres lie within the area of use."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        with np.errstate(invalid="ignore"):
            return (x >= self.min_x) & (x <= self.max_x) & (y >= self.min_y) & (y <= self.max_y)

    def looks_swapped(self, lon: float, lat: float) -> bool:
        """Whether degrees make sense only when longitude and latitude change places."""

        def within(a: float, b: float) -> bool:
            return self.west - 1 <= a <= self.east + 1 and self.south - 1 <= b <= self.north + 1

        return not within(lon, lat) and within(lat, lon)

    def transformer_from(self, epsg: int) -> Transformer:
        """From another system's coordinates, east before north."""
        return _transformer(epsg, self.epsg)


@lru_cache(maxsize=16)
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=4)
def _system(epsg: int) -> System:
    return System(epsg)


def current() -> System:
    """The installation's system."""
    from .. import municipality

    return _system(int(municipality.get("geo.epsg")))


def is_known(epsg: int) -> bool:
    """Whether there is a coordinate system of this number."""
    try:
        CRS.from_epsg(epsg)
    except CRSError:
        return False
    return True


def of(epsg: int) -> System:
    """A system by number, made once per process."""
    return _system(epsg)
