"""Reads areas out of GeoJSON and GeoPackage, in any coordinate system, with clear refusals."""

from __future__ import annotations

import json
import math
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import shape

from samverkan.foundation import geo, reading
from samverkan.foundation.reading import letters, objects, opening

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
        result = GeoFile()
        if head.startswith(b"SQLite format 3"):
            found, source = _geopackage(path, result.notes)
        else:
            found, source = _geojson(path, epsg, result.notes)
    except reading.BadFile as problem:
        raise BadGeoFile(str(problem)) from problem
    except OSError as error:
        raise BadGeoFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error
    if epsg is not None and not geo.is_known(epsg):
        raise BadGeoFile(_("EPSG:{code} is not a known coordinate system.").format(code=epsg))
    if epsg is None and source is not None and not geo.is_known(source):
        raise BadGeoFile(_("EPSG:{code} is not a known coordinate system. Say it with --epsg.").format(code=source))
    if not found:
        raise BadGeoFile(
            _("The file is a {kind} with no features in it.").format(
                kind="GeoPackage" if head.startswith(b"SQLite format 3") else "GeoJSON"
            )
        )
    for feature in found:
        _whole(feature)
    if source in (None, 4326) and epsg is None and found and _looks_metric(found):
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
        elif isinstance(value, str) and not value.isascii() and (spoilt := letters.spoilt(value)):
            feature.problem = spoilt
        elif not isinstance(value, float) or math.isfinite(value):
            kept[letters.composed(name)] = letters.composed(value) if isinstance(value, str) else value
    feature.properties = kept


def _geojson(path: Path, epsg: int | None, notes: list[str]) -> tuple[list[Feature], int | None]:
    _only_json(path)
    with opening.stream(path) as stream:
        raw = stream.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise BadGeoFile(_("The file is larger than 512 MB. Split it and try again."))
    try:
        text = raw.decode(letters.encoding_of(raw[: 64 << 10])).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise BadGeoFile(_("The file is not valid GeoJSON: its letters cannot be read. Save it as UTF-8.")) from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        data = _sequence(text)
        if data is None:
            raise BadGeoFile(_("The file is not valid GeoJSON.")) from error
    if (
        isinstance(data, list)
        and data
        and all(isinstance(item, dict) and item.get("type") == "Feature" for item in data)
    ):
        data = {"type": "FeatureCollection", "features": data}
    if isinstance(data, dict):
        objects.refuse_error(data)
        if objects.partial(data):
            notes.append(objects.only_a_part())
        if data.get("type") == "Topology":
            raise BadGeoFile(_("The file is TopoJSON. Save it as GeoJSON."))
        items = data.get("features")
        if isinstance(items, list) and (
            "spatialReference" in data
            or any(isinstance(item, dict) and "attributes" in item and "type" not in item for item in items[:1])
        ):
            return _esri(data)
    if not isinstance(data, dict) or data.get("type") not in {"FeatureCollection", "Feature"}:
        raise BadGeoFile(_("The file is JSON but not GeoJSON: it has no features."))
    items = data.get("features") if data["type"] == "FeatureCollection" else [data]
    if not isinstance(items, list):
        raise BadGeoFile(_("The file is JSON but not GeoJSON: it has no features."))
    # The member has stood in the collection, and in each feature.
    said = data.get("crs") or next((item["crs"] for item in items if isinstance(item, dict) and item.get("crs")), None)
    source = objects.system_of(said, epsg)
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


def _only_json(path: Path) -> None:
    """Refuse in the right words what is no GeoJSON at all."""
    words = _("Save it as GeoJSON or GeoPackage.")
    if path.suffix.lower() in {".shp", ".dbf", ".kml", ".kmz", ".gml", ".gpx", ".fgb", ".tab", ".mif", ".dxf", ".dwg"}:
        raise BadGeoFile(_("Files of the type {type} cannot be read.").format(type=path.suffix.lower()) + " " + words)
    head = opening.head_of(path)
    start = head[:2000].lstrip(b"\xef\xbb\xbf\x1e \t\r\n")
    if start[:1] in (b"{", b"[") or letters.encoding_of(head).startswith("utf-16"):
        return
    if start[:1] == b"<" and not re.match(rb"<(!doctype html|html|head)", start.lower()):
        raise BadGeoFile(_("Files of the type {type} cannot be read.").format(type="XML, KML, GML") + " " + words)
    if opening.kind_of(path, head) in {"csv", "xlsx"}:
        raise BadGeoFile(_("The file is a table without areas.") + " " + words)


def _sequence(text: str) -> dict[str, Any] | None:
    """One feature a line, or between record separators (RFC 8142), as a collection; None for all else."""
    items: list[Any] = []
    parted = text.lstrip("\ufeff \t\r\n").startswith("\x1e")
    for number, part in enumerate(text.split("\x1e" if parted else "\n"), 0 if parted else 1):
        if plain := part.strip("\x1e \t\r\n"):
            try:
                items.append(json.loads(plain))
            except (ValueError, RecursionError):
                if items and isinstance(items[0], dict) and items[0].get("type") == "Feature":
                    raise BadGeoFile(_("Feature {n} of the sequence is not valid JSON.").format(n=number)) from None
                return None
    if not items or not all(isinstance(item, dict) and item.get("type") == "Feature" for item in items):
        return None
    return {"type": "FeatureCollection", "features": items}


def _esri(data: dict[str, Any]) -> tuple[list[Feature], int | None]:
    """Features in Esri's own JSON: rings, of which those that turn the other way are holes."""
    source = objects.system_of_esri(data.get("spatialReference"))
    found = []
    for number, item in enumerate(data["features"], 1):
        whole = item if isinstance(item, dict) else {}
        attributes, drawn = whole.get("attributes"), whole.get("geometry")
        feature = Feature(number, dict(attributes) if isinstance(attributes, dict) else {}, None)
        try:
            if drawn and "rings" in drawn:
                rings = [shapely.make_valid(shapely.Polygon([p[:2] for p in ring])) for ring in drawn["rings"]]
                feature.geometry = reduce(shapely.symmetric_difference, rings) if rings else None
            elif drawn and ("curveRings" in drawn or "curvePaths" in drawn):
                feature.problem = _curves()
            elif drawn and "paths" in drawn:
                feature.geometry = shapely.MultiLineString([[p[:2] for p in path] for path in drawn["paths"]])
            elif drawn and "points" in drawn:
                feature.geometry = shapely.MultiPoint([p[:2] for p in drawn["points"]])
            elif drawn:
                feature.geometry = shapely.Point(drawn["x"], drawn["y"])
        except Exception:  # many kinds, for many ways of being wrong
            feature.problem = _("The geometry cannot be read.")
        found.append(feature)
    return found, source


def _curves() -> str:
    return _("The geometry has curves. Save it with straight lines and try again.")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a GeoPackage, with the changes that still lie in the ``-wal`` or ``-journal`` file beside it."""
    with tempfile.TemporaryDirectory(prefix="samverkan-gpkg-") as folder:
        beside = [
            end
            for end in ("wal", "journal")
            if (_beside(path, end).stat().st_size if _beside(path, end).exists() else 0)
        ]
        if beside:
            # Read in a copy: opening the file itself would write in it.
            place = Path(folder) / "copy.gpkg"
            shutil.copyfile(path, place)
            for end in beside:
                shutil.copyfile(_beside(path, end), _beside(place, end))
            connection = sqlite3.connect(place)
        else:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            yield connection
        finally:
            connection.close()


def _beside(path: Path, end: str) -> Path:
    return path.with_name(f"{path.name}-{end}")


_TABLES = (
    "SELECT g.table_name, g.column_name, g.srs_id, s.organization, s.organization_coordsys_id "
    "FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id ORDER BY g.table_name"
)
_TABLES_ALONE = "SELECT table_name, column_name, srs_id, NULL, NULL FROM gpkg_geometry_columns ORDER BY table_name"


def _geopackage(path: Path, notes: list[str]) -> tuple[list[Feature], int | None]:
    try:
        with _opened(path) as connection:
            systems = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE lower(name) = 'gpkg_spatial_ref_sys'"
            ).fetchone()[0]
            tables = connection.execute(_TABLES if systems else _TABLES_ALONE).fetchall()
            if not tables:
                raise BadGeoFile(_waiting(path) or _("The GeoPackage holds no table with geometry."))
            if len(tables) > 1:
                raise BadGeoFile(
                    _(
                        "The GeoPackage holds several tables ({names}). Save the one you mean in a file of its own."
                    ).format(names=", ".join(row[0] for row in tables))
                )
            table, column, number, organisation, code = tables[0]
            if isinstance(code, str) and code.isdigit():
                code = int(code)
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
                        feature.problem = _curves()
                    else:
                        feature.geometry = shapely.from_wkb(wkb) if wkb else None
                except Exception:
                    feature.problem = _("The geometry cannot be read.")
                found.append(feature)
            if (waiting := _waiting(path)) and not _beside(path, "wal").exists():
                if not found:
                    raise BadGeoFile(waiting)
                notes.append(
                    _(
                        "The GeoPackage was left open by the program that wrote it. Look that nothing is missing: what was "
                        "written last may lie in a file {name}-wal, which is not here."
                    ).format(name=path.name)
                )
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
