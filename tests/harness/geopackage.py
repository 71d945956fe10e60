"""Geometries as GeoPackage files keep them, for tests that write such files."""

from __future__ import annotations

import struct
from typing import Any

import shapely


def geopackage_geometry(geometry: Any, srs_id: int) -> bytes:
    """A GeoPackage geometry without envelope (OGC 12-128, clause 2.1.3)."""
    return b"GP\x00\x01" + struct.pack("<i", srs_id) + bytes(shapely.to_wkb(geometry, byte_order=1))
