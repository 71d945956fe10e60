"""Geodata as people have them: areas and places are read, or refused in the right words, whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from samverkan.domain.places.models import Area, AreaScheme, Place
from samverkan.domain.places.services.importing import Result, import_areas, import_places
from samverkan.foundation.access import SYSTEM

pytestmark = pytest.mark.django_db
Make = Callable[..., Path]
SQUARE = [[584500, 6581000], [585000, 6581000], [585000, 6581500], [584500, 6581500], [584500, 6581000]]
DEGREES = [[16.4863772, 59.3592596], [16.4951688, 59.3591591], [16.4953663, 59.3636476], [16.4865735, 59.3637482]]


@pytest.fixture
def file(tmp_path: Path) -> Make:
    def make(content: str | bytes | dict[str, Any] | list[Any], name: str = "a.geojson") -> Path:
        path = tmp_path / name
        path.write_bytes(
            content
            if isinstance(content, bytes)
            else (content if isinstance(content, str) else json.dumps(content)).encode()
        )
        return path

    return make


def areas(path: Path, **more: Any) -> Result:
    return import_areas(SYSTEM, paths=[path], scheme="district", edition="2026", **more)


def area(ring: list[list[Any]] = DEGREES, **properties: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "properties": properties or {"namn": "Ett"}, "geometry": shape}


def collection(*features: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **more, "features": list(features)}


def crs(name: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": name}}}


# -------------------------------------------------------------------- areas


def test_areas_written_in_many_ways(file: Make) -> None:
    one, two = area(namn="Ett"), area(namn="Två")
    for content, name in (
        (collection(one, two), "a.geojson"),
        ([one, two], "a.json"),
        ("\n".join(map(json.dumps, (one, two))), "a.geojsonl"),
        ("".join("\x1e" + json.dumps(item, indent=1) + "\n" for item in (one, two)), "a.geojsons"),
        (gzip.compress(json.dumps(collection(one, two)).encode()), "a.geojson.gz"),
        (json.dumps(collection(one, two)).encode("utf-16"), "a.geojson"),
    ):
        result = areas(file(content, name))
        assert (result.created + result.unchanged, result.problems) == (2, []), name
    assert "2" in areas(file(json.dumps(one) + "\n{\n" + json.dumps(two), "b.geojsonl")).problems[0]


def test_the_system_is_where_files_put_it_and_can_always_be_said(file: Make) -> None:
    assert areas(file(collection(area(SQUARE), **crs("http://www.opengis.net/def/crs/EPSG/0/3006")))).created == 1
    assert areas(file(collection({**area(SQUARE), **crs("EPSG:3006")}))).unchanged == 1
    for wrong in ({}, crs("urn:ogc:def:crs:OGC:1.3:CRS84"), crs("EPSG:999999"), crs("Lokalt")):
        path = file(collection(area(SQUARE), **wrong))
        assert "--epsg" in areas(path).problems[0]
        assert areas(path, epsg=3006).problems == []


def test_features_of_esri(file: Make) -> None:
    hole = [[584600, 6581100], [584700, 6581100], [584700, 6581200], [584600, 6581200], [584600, 6581100]]

    def of(geometry: Any, **system: Any) -> Path:
        return file({"features": [{"attributes": {"namn": "Ett"}, "geometry": geometry}], **system}, "a.json")

    assert areas(of({"rings": [SQUARE[::-1], hole]}, spatialReference={"wkid": 3006})).created == 1
    assert Area.objects.get().area_m2 == pytest.approx(240_000)
    assert "--epsg" in areas(of({"rings": [SQUARE]})).problems[0]
    assert areas(of({"rings": [SQUARE]}), epsg=3006).updated == 1
    curves = areas(of({"curveRings": [[[584500, 6581000], {"c": []}]]}, spatialReference={"wkid": 3006}))
    assert "kurvor" in curves.problems[0]
    part = areas(of({"rings": [SQUARE]}, spatialReference={"wkid": 3006}, exceededTransferLimit=True))
    assert any("bara en del" in note for note in part.notes)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (zipped("a.shp", "a.dbf"), "a.zip", "Shapefile"),
        (zipped("doc.kml"), "a.kmz", r".kmz"),
        (b"\x00\x00\x27\x0a" + b"\0" * 200, "a.shp", ".shp"),
        ("<?xml version='1.0'?><kml/>", "a.kml", "GeoPackage"),
        ("<?xml version='1.0'?><ows:ExceptionReport/>", "a.geojson", "GeoPackage"),
        ("<!DOCTYPE html><html/>", "a.geojson", "webbsida"),
        ("namn;x;y\nA;1;2\n", "a.csv", "tabell utan områden"),
        (b"", "a.geojson", "tom"),
        ({"type": "Topology", "objects": {}}, "a.json", "TopoJSON"),
        ({"error": {"code": 400, "message": "Invalid URL"}}, "a.json", "Invalid URL"),
        ({"exceptions": [{"text": "Unknown layer"}]}, "a.json", "Unknown layer"),
    ],
)
def test_what_holds_no_areas_is_refused_in_its_own_words(file: Make, content: Any, name: str, says: str) -> None:
    result = areas(file(content, name), counted=True)
    assert result.created == 0 and says in result.problems[0]
    assert not AreaScheme.objects.exists()


def test_codes_and_names(file: Make) -> None:
    def codes(*features: dict[str, Any]) -> list[tuple[str, str]]:
        Area.objects.all().delete()
        areas(file(collection(*features)))
        return sorted(Area.objects.values_list("code", "name"))

    assert codes(area(namn="A", id=17), area(namn="B", id=42), area(namn="C", id=99)) == [(n, n) for n in "ABC"]
    assert codes(area(namn="A", kod=1.0), area(namn="B", kod="0180")) == [("0180", "B"), ("1", "A")]
    assert codes(area(namn="A", kod="<Null>"), area(namn="B", kod="-"), area(namn="C", kod="NULL")) == [
        (n, n) for n in "ABC"
    ]
    assert codes(area(Stadsdel="Norr", Stadsdelskod="N1"), area(OMRADESNAMN="Söder", OMRKOD="S1")) == [
        ("N1", "Norr"),
        ("S1", "Söder"),
    ]
    assert codes(area(namn="Ã„rla"), area(namn="\ufffdsby"), area(namn="Hel")) == [("Hel", "Hel")]


def test_a_trial_of_areas_tells_the_same_and_stores_nothing(file: Make) -> None:
    path = file(collection(area(namn="A"), area(namn="B")))
    trial = areas(path, counted=True, dry_run=True)
    assert not AreaScheme.objects.exists()
    assert trial.as_dict() == areas(path, counted=True).as_dict() and trial.created == 2
    assert areas(path, dry_run=True).unchanged == 2


# -------------------------------------------------------------- GeoPackages

WKB = shapely.to_wkb(shapely.Polygon(SQUARE))


def geometry(wkb: bytes = WKB) -> bytes:
    return b"GP\0\x01" + struct.pack("<i", 3006) + wkb


def geopackage(path: Path, *statements: str, system: tuple[Any, ...] | None = (3006, "EPSG", 3006), number: int = 3006, wal: bool = False, blobs: tuple[bytes, ...] = ()) -> sqlite3.Connection:  # fmt: skip
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    made = sqlite3.connect(path, isolation_level=None)
    if wal:
        made.execute("PRAGMA journal_mode=WAL")
    made.execute(
        "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id)"
    )
    if system:
        made.execute("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?)", system)
    made.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER)")
    made.execute("INSERT INTO gpkg_geometry_columns VALUES ('omraden', 'geom', ?)", [number])
    made.execute("CREATE TABLE omraden (fid INTEGER PRIMARY KEY, GEOM BLOB, namn TEXT)")
    for n, blob in enumerate(blobs or (geometry(),), 1):
        made.execute("INSERT INTO omraden VALUES (?, ?, ?)", [n, blob, f"Område {n}"])
    for statement in statements:
        made.execute(statement)
    return made


@pytest.mark.parametrize(
    ("statements", "more"),
    [
        ((), {}),
        (("UPDATE gpkg_geometry_columns SET table_name = 'OMRADEN', column_name = 'Geom'",), {}),
        ((), {"system": None}),
        ((), {"system": (3006, "epsg", "3006")}),
        (("DROP TABLE gpkg_spatial_ref_sys",), {}),
        (("ALTER TABLE omraden RENAME TO o", "CREATE VIEW omraden AS SELECT * FROM o"), {}),
    ],
)
def test_geopackages_as_programs_write_them(tmp_path: Path, statements: tuple[str, ...], more: dict[str, Any]) -> None:
    geopackage(tmp_path / "a.gpkg", *statements, **more).close()
    result = areas(tmp_path / "a.gpkg")
    assert (result.created, result.problems) == (1, [])


@pytest.mark.parametrize("system", [(-1, "NONE", -1), (0, "NONE", 0), (100001, "QGIS", 100001), None])
def test_a_geopackage_without_a_system_takes_the_one_that_is_said(
    tmp_path: Path, system: tuple[Any, ...] | None
) -> None:
    geopackage(tmp_path / "a.gpkg", system=system, number=system[0] if system else 100001).close()
    assert "--epsg" in areas(tmp_path / "a.gpkg").problems[0]
    assert areas(tmp_path / "a.gpkg", epsg=3006).created == 1


def test_a_curve_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    curve = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 3) + struct.pack("<6d", *range(6))
    geopackage(tmp_path / "a.gpkg", blobs=(geometry(curve), geometry())).close()
    result = areas(tmp_path / "a.gpkg")
    assert result.created == 1 and "kurvor" in result.problems[0]


def test_what_lies_beside_a_geopackage_that_is_open(tmp_path: Path) -> None:
    path, copied = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    made = geopackage(path, "PRAGMA wal_checkpoint(TRUNCATE)", "UPDATE omraden SET namn = 'Nytt'", wal=True)
    for end in ("", "-wal"):
        Path(f"{copied}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
    made.close()
    assert areas(copied).notes == [] and Area.objects.get().name == "Nytt"
    Path(f"{copied}-wal").unlink()
    assert any("-wal" in note for note in areas(copied).notes), "the old content is never read in silence"


# ------------------------------------------------------------------- places


def test_places_as_people_write_them(file: Make) -> None:
    for content, notes in (
        ("Namn;N (SWEREF 99 TM);E (SWEREF 99 TM)\nA;6 581 000;585 000,5\n", 0),
        ("Namn;X;Y\nA;6581000;585000,5\n", 1),
        ("Platsnamn;Latitud;Longitud\nA;59,35908;16,49509\n", 0),
        ("Namn;x;y\nA;16,49509;59,35908\n", 0),
    ):
        Place.objects.all().delete()
        result = import_places(SYSTEM, paths=[file(content, "a.csv")])
        assert (result.created, result.problems, len(result.notes)) == (1, [], notes), content
        place = Place.objects.get()
        assert (place.x, place.y) == (pytest.approx(585000, abs=15), pytest.approx(6581000, abs=15))


def test_rows_without_coordinates_are_counted_with_examples(file: Make) -> None:
    lines = "".join(f"P{n};torg;;\n" for n in range(50)) + "A;torg;0;0\nB;rymdbas;16,5;59,37\nC;NULL;16,5;59,37\n"
    path = file("namn;typ;lon;lat\n" + lines, "a.csv")
    trial = import_places(SYSTEM, paths=[path], dry_run=True)
    assert not Place.objects.exists()
    result = import_places(SYSTEM, paths=[path])
    assert trial.as_dict() == result.as_dict() and (result.read, result.created) == (53, 2)
    assert len(result.problems) == 2 and "50 rader (2, 3, 4" in result.problems[0] and "0 och 0" in result.problems[1]
    assert any("rymdbas" in note and "NULL" not in note for note in result.notes)


def test_places_far_away_and_identities_that_lost_their_digits_are_refused(file: Make) -> None:
    assert areas(file(collection(area()))).created == 1
    path = file("id;namn;lon;lat\n1;Nära;16,5;59,37\n2;Kiruna;20,2;67,8\n2,02603E+11;Fel;16,5;59,37\n", "a.csv")
    result = import_places(SYSTEM, paths=[path])
    assert result.created == 1 and "km" in result.problems[0] and "2,02603E+11" in result.problems[1]
    assert "inga rader" in import_places(SYSTEM, paths=[file(collection())]).problems[0]
