"""Reads areas out of GeoJSON and GeoPackage, in any coordinate system, with clear refusals."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import shape

from samverkan.foundation import geo, reading
from samverkan.foundation.reading import letters, objects

MAX_FILE = 512 << 20


class BadGeoFile(Exception):
    """The file cannot be used; the message says why and what to do."""


@dataclass
class Feature:
    """One feature in the installation's coordinates, with the file's own properties."""

    number: int
    properties: dict[str, Any]
    geometry: Any
    problem: str = ""


@dataclass
class GeoFile:
    """What a file holds, and what was noticed while reading it."""

    features: list[Feature] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(path: Path, *, epsg: int | None = None) -> GeoFile:
    """Read a file. ``epsg`` says the coordinate system of a file that does not."""
    try:
        if not path.is_file():
            raise BadGeoFile(_("The file does not exist."))
        if path.stat().st_size > MAX_FILE:
            raise BadGeoFile(_("The file is larger than 512 MB. Split it and try again."))
        with path.open("rb") as file:
            head = file.read(16)
        found, source = _geopackage(path) if head.startswith(b"SQLite format 3") else _geojson(path, epsg)
    except reading.BadFile as problem:
        raise BadGeoFile(str(problem)) from problem
    except OSError as error:
        raise BadGeoFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error
    if source is not None and not geo.is_known(source):
        raise BadGeoFile(_("EPSG:{code} is not a known coordinate system.").format(code=source))
    if not found:
        raise BadGeoFile(
            _("The file is a {kind} with no features in it.").format(
                kind="GeoPackage" if head.startswith(b"SQLite format 3") else "GeoJSON"
            )
        )
    for feature in found:
        _whole(feature)
    result = GeoFile()
    if source is None and epsg is None and found and _looks_metric(found):
        raise BadGeoFile(
            _(
                "The coordinates are not degrees and the file does not say which coordinate system they are in. "
                "Say it with --epsg, for example --epsg 3006 for SWEREF 99 TM."
            )
        )
    result.features = _into_system(found, epsg or source or 4326, result.notes)
    return result


def _whole(feature: Feature) -> None:
    """Refuse what no database can hold, and leave out numbers that are none."""
    kept = {}
    for name, value in feature.properties.items():
        try:
            f"{name}{value}".encode()
        except UnicodeEncodeError:
            feature.problem = _("The line is not readable text. Save the file as UTF-8.")
        if "\x00" in name or (isinstance(value, str) and "\x00" in value):
            feature.problem = _("The field “{name}” holds a NUL character.").format(name=name.replace("\x00", "␀")[:40])
        elif not isinstance(value, float) or math.isfinite(value):
            kept[letters.composed(name)] = letters.composed(value) if isinstance(value, str) else value
    feature.properties = kept


def _geojson(path: Path, epsg: int | None) -> tuple[list[Feature], int | None]:
    try:
        raw = path.read_bytes()
        encoding = letters.encoding_of(raw[: 64 << 10])
        text = raw.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise BadGeoFile(_("The file is not valid GeoJSON.")) from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        data = _sequence(text)
        if data is None:
            raise BadGeoFile(_("The file is not valid GeoJSON.")) from error
    if isinstance(data, dict):
        objects.refuse_error(data)
    if isinstance(data, dict) and "spatialReference" in data and isinstance(data.get("features"), list):
        return _esri(data)
    if not isinstance(data, dict) or data.get("type") not in {"FeatureCollection", "Feature"}:
        raise BadGeoFile(_("The file is JSON but not GeoJSON: it has no features."))
    items = data.get("features") if data["type"] == "FeatureCollection" else [data]
    if not isinstance(items, list):
        raise BadGeoFile(_("The file is JSON but not GeoJSON: it has no features."))
    source = objects.system_of(data.get("crs"), epsg)
    found = []
    for number, item in enumerate(items, 1):
        properties = item.get("properties") if isinstance(item, dict) else None
        feature = Feature(number, dict(properties) if isinstance(properties, dict) else {}, None)
        try:
            feature.geometry = shape(item["geometry"]) if item.get("geometry") else None
        except Exception:  # many kinds, for many ways of being wrong
            feature.problem = _("The geometry cannot be read.")
        found.append(feature)
    return found, source


def _sequence(text: str) -> dict[str, Any] | None:
    """One feature a line, with or without record separators (RFC 8142), as a collection; None for all else."""
    items = []
    for line in text.split("\n"):
        if plain := line.strip("\x1e \t\r"):
            try:
                items.append(json.loads(plain))
            except (ValueError, RecursionError):
                return None
    if not items or not all(isinstance(item, dict) and item.get("type") == "Feature" for item in items):
        return None
    return {"type": "FeatureCollection", "features": items}


def _esri(data: dict[str, Any]) -> tuple[list[Feature], int | None]:
    """Features in Esri's own JSON: rings, of which those that turn the other way are holes."""
    said = data["spatialReference"] if isinstance(data["spatialReference"], dict) else {}
    source = said.get("latestWkid") or said.get("wkid")
    found = []
    for number, item in enumerate(data["features"], 1):
        whole = item if isinstance(item, dict) else {}
        attributes, drawn = whole.get("attributes"), whole.get("geometry")
        feature = Feature(number, dict(attributes) if isinstance(attributes, dict) else {}, None)
        try:
            if drawn and "rings" in drawn:
                rings = [shapely.Polygon(ring) for ring in drawn["rings"]]
                feature.geometry = shapely.symmetric_difference_all(rings) if rings else None
            elif drawn:
                feature.geometry = shapely.Point(drawn["x"], drawn["y"])
        except Exception:  # many kinds, for many ways of being wrong
            feature.problem = _("The geometry cannot be read.")
        found.append(feature)
    return found, source if isinstance(source, int) else None


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a GeoPackage, with the changes that still lie in the ``-wal`` file beside it."""
    beside = path.with_name(f"{path.name}-wal")
    with tempfile.TemporaryDirectory(prefix="samverkan-gpkg-") as folder:
        if beside.exists() and beside.stat().st_size:
            # Read in a copy: opening the file itself would write in it.
            place = Path(folder) / "copy.gpkg"
            shutil.copyfile(path, place)
            shutil.copyfile(beside, place.with_name("copy.gpkg-wal"))
            connection = sqlite3.connect(place)
        else:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            yield connection
        finally:
            connection.close()


def _geopackage(path: Path) -> tuple[list[Feature], int | None]:
    try:
        with _opened(path) as connection:
            tables = connection.execute(
                "SELECT g.table_name, g.column_name, g.srs_id, s.organization, s.organization_coordsys_id "
                "FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id ORDER BY g.table_name"
            ).fetchall()
            if not tables:
                raise BadGeoFile(_waiting(path) or _("The GeoPackage holds no table with geometry."))
            if len(tables) > 1:
                raise BadGeoFile(
                    _(
                        "The GeoPackage holds several tables ({names}). Save the one you mean in a file of its own."
                    ).format(names=", ".join(row[0] for row in tables))
                )
            table, column, number, organisation, code = tables[0]
            source = code if str(organisation).upper() == "EPSG" and isinstance(code, int) else None
            if organisation is None and isinstance(number, int) and number > 0:
                source = number  # its row of the table of systems is missing; the number is EPSG's by habit
            quoted = '"' + table.replace('"', '""') + '"'
            cursor = connection.execute(f"SELECT * FROM {quoted}")  # noqa: S608 (the file's own table, quoted)
            names = [part[0] for part in cursor.description]
            # SQLite does not tell letter cases apart, and two tables may write a column each in its way.
            drawn = next((name for name in names if name.lower() == str(column).lower()), None)
            if drawn is None:
                raise BadGeoFile(_("The file is not a GeoPackage that can be read."))
            found = []
            for line, row in enumerate(cursor, 1):
                values = dict(zip(names, row, strict=True))
                blob = values.pop(drawn)
                feature = Feature(line, {k: v for k, v in values.items() if not isinstance(v, bytes)}, None)
                try:
                    wkb = _wkb(blob) if blob else b""
                    if _curved(wkb):
                        feature.problem = _("The geometry has curves. Save it with straight lines and try again.")
                    else:
                        feature.geometry = shapely.from_wkb(wkb) if wkb else None
                except Exception:
                    feature.problem = _("The geometry cannot be read.")
                found.append(feature)
            if not found and (waiting := _waiting(path)):
                raise BadGeoFile(waiting)
            return found, source
    except sqlite3.DatabaseError as error:
        raise BadGeoFile(_waiting(path) or _("The file is not a GeoPackage that can be read.")) from error


def _waiting(path: Path) -> str:
    """Why an empty file may not be empty: a program keeps its latest changes in a file beside it until it is closed."""
    with path.open("rb") as file:
        journal = file.read(20)[18:20]
    if journal != b"\x02\x02":
        return ""
    return _(
        "The GeoPackage is still open in another program, and what was written last lies in the file {name}-wal beside it. "
        "Close the program, or give that file along with it."
    ).format(name=path.name)


def _curved(wkb: bytes) -> bool:
    """Whether a WKB is of a kind with curves (8 to 14), which are not drawn here."""
    if len(wkb) < 5:
        return False
    number = int.from_bytes(wkb[1:5], "little" if wkb[0] else "big") & 0x1FFFFFFF
    return 8 <= number % 1000 <= 14


def _wkb(blob: bytes) -> bytes:
    """The WKB inside a GeoPackage geometry (OGC 12-128, clause 2.1.3)."""
    if blob[:2] != b"GP":
        raise ValueError("not a GeoPackage geometry")
    envelope = (0, 32, 48, 48, 64)[(blob[3] >> 1) & 0b111]
    return blob[8 + envelope :]


def _looks_metric(features: list[Feature]) -> bool:
    bounds = shapely.total_bounds([f.geometry for f in features if f.geometry is not None])
    return bool(np.isfinite(bounds).all() and (np.abs(bounds) > 360).any())


def _into_system(features: list[Feature], source: int, notes: list[str]) -> list[Feature]:
    system = geo.current()
    try:
        transformer = system.transformer_from(source)
    except Exception as error:
        raise BadGeoFile(_("EPSG:{code} is not a known coordinate system.").format(code=source)) from error

    def moved(geometry: Any, swap: bool) -> Any:
        def change(points: Any) -> Any:
            east, north = (points[:, 1], points[:, 0]) if swap else (points[:, 0], points[:, 1])
            x, y = transformer.transform(east, north)
            return np.column_stack([x, y])

        return shapely.transform(shapely.force_2d(geometry), change)

    def inside(geometry: Any) -> bool:
        if geometry is None or geometry.is_empty:
            return False
        west, south, east, north = geometry.bounds
        return bool(system.contains([west, east], [south, north]).all())

    drawn = [f for f in features if f.geometry is not None and not f.geometry.is_empty]
    swap = False
    if drawn:
        straight = sum(inside(moved(f.geometry, False)) for f in drawn[:50])
        crossed = sum(inside(moved(f.geometry, True)) for f in drawn[:50])
        if straight == 0 and crossed:
            swap = True
            notes.append(_("Latitude and longitude had changed places in the file. They have been put right."))
    for feature in features:
        if feature.problem:
            continue
        if feature.geometry is None or feature.geometry.is_empty:
            feature.problem = _("The geometry is missing.")
            continue
        if not np.isfinite(shapely.get_coordinates(feature.geometry)).all():
            feature.problem = _("The geometry cannot be read.")
            continue
        geometry = moved(feature.geometry, swap)
        if not inside(geometry):
            feature.problem = _("It lies outside the area where {name} holds.").format(name=system.crs.name)
            continue
        if not geometry.is_valid:
            try:
                geometry = shapely.make_valid(geometry)
            except shapely.errors.GEOSException:
                feature.problem = _("The geometry cannot be read.")
                continue
            notes.append(_("Feature {n}: lines that crossed themselves have been mended.").format(n=feature.number))
        feature.geometry = geometry
    return features
