"""Writes content in the four formats."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from samverkan.foundation import clock
from samverkan.foundation.tables import safe_cell

from .content import Content, Value


def write(content: Content, form: str) -> bytes:
    """The file, in a format of ``FORMATS``."""
    return {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson, "gpkg": _gpkg}[form](content)


def _csv(content: Content) -> bytes:
    """Semicolons and comma as Excel in Swedish reads it. What the file says of itself stands in every row."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    # A column of the rows and what the file says of itself may have the same name, as the source has.
    file = _("the file")
    about = [f"{label} ({file})" if label in content.columns else label for label in content.about]
    writer.writerow([*content.columns, *about])
    said = [safe_cell(text) for text in content.about.values()]
    for row in content.rows or [[None] * len(content.columns)]:
        writer.writerow(["" if v is None else _comma(v) for v in (*map(safe_cell, row), *said)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _comma(value: Value) -> Value:
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _xlsx(content: Content) -> bytes:
    book = Workbook(write_only=True)
    for title, columns, rows in (
        (content.name, content.columns, content.rows),
        ("Om filen", ["", ""], [[key, text] for key, text in content.about.items()]),
    ):
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        head = []
        for label in columns:
            cell = WriteOnlyCell(sheet, value=label)
            cell.font = Font(bold=True)
            head.append(cell)
        sheet.append(head)
        for row in rows:
            sheet.append([_plain(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(sheet: Any, value: Value) -> Any:
    """A cell that is text when the value is text, whatever it begins with."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value="")
    # Control characters cannot be written in XML.
    cell.value = "".join(c for c in str(safe_cell(value)) if c >= " " or c in "\n\t")
    cell.data_type = "s"
    return cell


def _geojson(content: Content) -> bytes:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "metadata": content.about,
            "features": [
                {
                    "type": "Feature",
                    "geometry": {"type": f.kind, "coordinates": f.coordinates} if f.kind else None,
                    "properties": f.properties,
                }
                for f in content.features
            ],
        },
        ensure_ascii=False,
    ).encode()


_GPKG = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL);
"""
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]]'
)


def _gpkg(content: Content) -> bytes:
    """OGC GeoPackage 1.3 (OGC 12-128r17): shapes in longitude and latitude, and a table of what the file is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.gpkg"
        base = sqlite3.connect(path)
        try:
            base.executescript(_GPKG)
            base.executemany(
                "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
                [
                    ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
                    ("Undefined geographic", 0, "NONE", 0, "undefined", None),
                    ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84, "longitude and latitude"),
                ],
            )
            _features(base, content)
            _attributes(base, "om_filen", ["label", "text"], [[k, v] for k, v in content.about.items()])
            _attributes(base, "rows", content.columns, content.rows)
            base.commit()
        finally:
            base.close()
        return path.read_bytes()


def _moment() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _typed(name: str, values: Iterable[Value]) -> str:
    """A column with the type that GeoPackage has for what is in it (12-128r17, table 1), so that maps can count by it."""
    told = [value for value in values if value is not None]
    if told and all(isinstance(value, int) for value in told):
        kind = "INTEGER"
    elif told and all(isinstance(value, int | float) for value in told):
        kind = "REAL"
    elif told and all(isinstance(value, str) and _DATE.fullmatch(value) for value in told):
        kind = "DATE"
    else:
        kind = "TEXT"
    return f"{_quoted(name)} {kind}"


def _features(base: sqlite3.Connection, content: Content) -> None:
    shapes = [f for f in content.features if f.kind]
    kinds = {str(f.kind).upper() for f in shapes}
    kind = kinds.pop() if len(kinds) == 1 else "GEOMETRY"
    names = list(shapes[0].properties) if shapes else []
    base.execute(
        f"CREATE TABLE features (fid INTEGER PRIMARY KEY AUTOINCREMENT, geom {kind}"
        + "".join(f", {_typed(name, (f.properties[name] for f in shapes))}" for name in names)
        + ")"
    )
    drawn = [shape({"type": f.kind, "coordinates": f.coordinates}) for f in shapes]
    box = map(float, shapely.total_bounds(drawn)) if drawn else (None,) * 4
    told = "\n".join(f"{key}: {text}" for key, text in content.about.items())
    base.execute(
        "INSERT INTO gpkg_contents VALUES ('features', 'features', 'features', ?, ?, ?, ?, ?, ?, 4326)",
        (told, _moment(), *box),
    )
    base.execute("INSERT INTO gpkg_geometry_columns VALUES ('features', 'geom', ?, 4326, 0, 0)", (kind,))
    marks = ", ".join("?" * (len(names) + 1))
    columns = ", ".join(["geom", *map(_quoted, names)])
    base.executemany(
        f"INSERT INTO features ({columns}) VALUES ({marks})",  # noqa: S608 (names are quoted)
        [(_blob(geometry), *map(safe_cell, f.properties.values())) for geometry, f in zip(drawn, shapes, strict=True)],
    )


def _attributes(base: sqlite3.Connection, table: str, columns: list[str], rows: list[list[Value]]) -> None:
    names = ", ".join(map(_quoted, columns))
    typed = ", ".join(_typed(name, (row[n] for row in rows)) for n, name in enumerate(columns))
    base.execute(f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT, {typed})")
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?, 'attributes', ?, ?, 0)",
        (table, table, _moment()),
    )
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (names are quoted)
    base.executemany(insert, [[safe_cell(v) for v in row] for row in rows])


def _blob(geometry: BaseGeometry) -> bytes:
    """GeoPackage's header (little-endian, no envelope) and the shape as WKB."""
    return b"GP\x00\x01" + struct.pack("<i", 4326) + bytes(shapely.to_wkb(geometry, byte_order=1))
