"""Areas and places from files: any coordinate system, old habits understood, the rest refused in clear words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from samverkan.domain.places.models import Area, AreaScheme, Place
from samverkan.domain.places.selectors import area_at
from samverkan.domain.places.services.importing import Result, import_areas, import_places
from samverkan.foundation.access import SYSTEM, Actor, Refused
from tests.harness.geopackage import geopackage_geometry

pytestmark = pytest.mark.django_db

#: An invented square of a kilometre, in SWEREF 99 TM.
WEST, SOUTH, SIDE = 585_000.0, 6_580_000.0, 1_000.0
SQUARE = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
_TO_DEGREES = Transformer.from_crs(3006, 4326, always_xy=True)


def _in(geometry: Any, epsg: int) -> Any:
    """The geometry in another coordinate system, east before north."""
    mover = Transformer.from_crs(3006, epsg, always_xy=True)
    return shapely.transform(geometry, lambda p: np.column_stack(mover.transform(p[:, 0], p[:, 1])))


def _swapped(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda p: p[:, ::-1])


def _geojson(path: Path, *geometries: Any, crs: str = "", **properties: Any) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"namn": f"Påhittat {n}", "kod": f"P{n}", **properties},
            "geometry": json.loads(shapely.to_geojson(geometry)) if geometry is not None else None,
        }
        for n, geometry in enumerate(geometries, 1)
    ]
    data: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(data), "utf-8")
    return path


def _take(*paths: Path, **options: Any) -> Result:
    return import_areas(SYSTEM, paths=list(paths), scheme="prov", edition="2026", **options)


def _stored(code: str = "P1") -> Any:
    return shapely.from_wkb(bytes(Area.objects.get(code=code).geometry))


def _same(geometry: Any, metres: float = 0.5) -> bool:
    return bool(shapely.hausdorff_distance(geometry.boundary, SQUARE.boundary) < metres)


@pytest.mark.parametrize(
    ("epsg", "crs"),
    [
        (3006, "urn:ogc:def:crs:EPSG::3006"),
        (3006, "EPSG:3006"),
        (3011, "urn:ogc:def:crs:EPSG::3011"),
        (4326, "urn:ogc:def:crs:OGC:1.3:CRS84"),
        (4326, ""),
        (3857, "urn:ogc:def:crs:EPSG:6.9:3857"),
    ],
)
def test_any_coordinate_system_lands_in_the_same_place(tmp_path: Path, epsg: int, crs: str) -> None:
    """Also the old member ``crs``, which the police's and many municipalities' files still have."""
    result = _take(_geojson(tmp_path / "a.geojson", _in(SQUARE, epsg), crs=crs))
    assert (result.read, result.created, result.problems) == (1, 1, [])
    assert _same(_stored()), shapely.to_wkt(_stored())
    assert Area.objects.get().area_m2 == pytest.approx(SIDE**2, rel=0.002)


def test_twice_changes_nothing_and_a_mended_file_updates(tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", _in(SQUARE, 4326))
    _take(path)
    again = _take(path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    before = Area.objects.get()
    larger = _take(_geojson(path, _in(SQUARE.buffer(100), 4326)))
    assert (larger.created, larger.updated, larger.unchanged) == (0, 1, 0)
    after = Area.objects.get()
    assert (after.pk, after.public_id, after.version) == (before.pk, before.public_id, before.version + 1)


def test_latitude_and_longitude_that_changed_places_are_put_right_and_said(tmp_path: Path) -> None:
    result = _take(_geojson(tmp_path / "a.geojson", _swapped(_in(SQUARE, 4326))))
    assert (result.created, len(result.notes)) == (1, 1) and "a.geojson" in result.notes[0]
    assert _same(_stored())


def test_north_before_east_in_metres_is_put_right(tmp_path: Path) -> None:
    result = _take(_geojson(tmp_path / "a.geojson", _swapped(SQUARE), crs="EPSG:3006"))
    assert result.created == 1 and result.notes and _same(_stored())


def test_lines_that_cross_themselves_are_mended_and_said(tmp_path: Path) -> None:
    bow = shapely.Polygon([(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE), (WEST + SIDE, SOUTH), (WEST, SOUTH + SIDE)])
    assert not bow.is_valid
    result = _take(_geojson(tmp_path / "a.geojson", bow, crs="EPSG:3006"))
    assert result.created == 1 and len(result.notes) == 1
    assert _stored().is_valid and _stored().area == pytest.approx(SIDE**2 / 2)


def test_metres_without_a_system_are_refused_and_accepted_when_it_is_said(tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", SQUARE)
    refused = _take(path)
    assert refused.created == 0 and "--epsg 3006" in refused.problems[0]
    assert _take(path, epsg=3006).created == 1
    assert _same(_stored())


def test_points_are_no_areas(tmp_path: Path) -> None:
    result = _take(_geojson(tmp_path / "a.geojson", shapely.Point(16.5, 59.4), _in(SQUARE, 4326)))
    assert (result.read, result.created) == (2, 1), "the rest is imported"
    assert "Point" in result.problems[0] and "import places" in result.problems[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tom"),
        (b"{", "GeoJSON"),
        (b"[1, 2]", "GeoJSON"),
        (b'{"type": "Topology"}', "GeoJSON"),
        (b"\xff\xfe\x00", "GeoJSON"),
        (b"SQLite format 3\x00" + b"x" * 200, "GeoPackage"),
        (b'{"type": "FeatureCollection", "features": null}', "GeoJSON"),
        (b'{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:99999"}}, "features": []}', "99999"),
        (b'{"type": "FeatureCollection", "crs": {"properties": {"name": "hemligt"}}, "features": []}', "hemligt"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "konstig.geojson"
    path.write_bytes(content)
    result = _take(path)
    assert result.created == 0 and len(result.problems) == 1
    assert "konstig.geojson" in result.problems[0] and says in result.problems[0]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": "nej"},
        {"type": "Polygon", "coordinates": [[[16.5, 59.4]]]},
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[-30, 40], [-31, 40], [-31, 41], [-30, 40]]]},
    ],
)
def test_a_bad_feature_is_told_by_its_number_and_the_rest_imported(tmp_path: Path, geometry: Any) -> None:
    good = {
        "type": "Feature",
        "properties": {"namn": "Bra"},
        "geometry": json.loads(shapely.to_geojson(_in(SQUARE, 4326))),
    }
    bad = {"type": "Feature", "properties": {"namn": "Dålig"}, "geometry": geometry}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [bad, good]}), "utf-8")
    result = _take(path)
    assert result.created == 1 and Area.objects.get().name == "Bra"
    assert len(result.problems) == 1 and "1" in result.problems[0]


def test_an_area_must_have_a_name_or_a_code(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shape = json.loads(shapely.to_geojson(_in(SQUARE, 4326)))
    path.write_text(
        json.dumps({"type": "Feature", "properties": {"SPALT": "Östra \xa0ån"}, "geometry": shape}), "utf-8"
    )
    result = _take(path)
    assert result.created == 0 and "SPALT" in result.problems[0]
    assert _take(path, name_column="spalt").created == 1
    assert Area.objects.get().name == "Östra ån", "no-break spaces are collapsed"


@pytest.mark.parametrize("code", [3006, 3011, 4326])
def test_a_geopackage_goes_round(tmp_path: Path, code: int) -> None:
    path = tmp_path / "omraden.gpkg"
    _geopackage(path, code, {"omraden": [("Påhittat åäö", _in(SQUARE, code))]})
    result = _take(path)
    assert (result.created, result.problems) == (1, [])
    assert _same(_stored("Påhittat åäö"))


def test_a_geopackage_with_several_tables_is_refused_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "tva.gpkg"
    _geopackage(path, 3006, {"ett": [("A", SQUARE)], "tva": [("B", SQUARE)]})
    result = _take(path)
    assert result.created == 0 and "ett, tva" in result.problems[0]


def _geopackage(path: Path, code: int, tables: Mapping[str, list[tuple[str, Any]]]) -> None:
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,"
        " organization_coordsys_id INTEGER, definition TEXT);"
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,"
        " srs_id INTEGER, z TINYINT, m TINYINT);"
    )
    base.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('s', ?, 'EPSG', ?, '')", [code, code])
    for table, rows in tables.items():
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ?, 0, 0)", [table, code])
        base.execute(f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY, namn TEXT, geom BLOB)")
        for name, geometry in rows:
            blob = geopackage_geometry(geometry, code)
            base.execute(f"INSERT INTO {table} (namn, geom) VALUES (?, ?)", [name, blob])
    base.commit()
    base.close()


def test_incidents_are_counted_in_one_scheme_at_a_time(tmp_path: Path) -> None:
    path = _geojson(tmp_path / "a.geojson", _in(SQUARE, 4326))
    _take(path, counted=True)
    import_areas(SYSTEM, paths=[path], scheme="annan", edition="2026", counted=True)
    assert [s.code for s in AreaScheme.objects.filter(counts_incidents=True)] == ["annan"]
    inside = area_at(WEST + 10, SOUTH + 10)
    assert inside is not None and inside.edition.scheme.code == "annan"
    assert area_at(WEST - 10, SOUTH) is None


def test_an_ended_area_holds_nothing_any_more(tmp_path: Path) -> None:
    path = _geojson(
        tmp_path / "a.geojson", _in(SQUARE, 4326), AKTUALITET_START="2019-01-01", AKTUALITET_SLUT="2020-01-01"
    )
    _take(path, counted=True)
    assert area_at(WEST + 10, SOUTH + 10) is None
    assert str(Area.objects.get().valid_to) == "2020-01-01"


def test_places_come_from_tables_once(tmp_path: Path) -> None:
    lon, lat = _TO_DEGREES.transform(WEST + 500, SOUTH + 500)
    path = tmp_path / "platser.csv"
    path.write_text(
        f"id;namn;typ;lon;lat\n1;Påhittade torget;square;{lon};{lat}\n2;Bortbytt;square;{lat};{lon}\n"
        f"3;;square;{lon};{lat}\n4;Till sjöss;square;-30;40\n5;Utan tal;square;x;y\n",
        "utf-8",
    )
    result = import_places(SYSTEM, paths=[path], source="prov")
    assert (result.read, result.created, len(result.problems)) == (5, 1, 4)
    place = Place.objects.get()
    assert (place.name, place.kind) == ("Påhittade torget", "square")
    assert (place.x, place.y) == (pytest.approx(WEST + 500, abs=0.1), pytest.approx(SOUTH + 500, abs=0.1))
    again = import_places(SYSTEM, paths=[path], source="prov")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_only_those_who_manage_import(cast: Mapping[str, Actor], tmp_path: Path) -> None:
    with pytest.raises(Refused):
        import_areas(cast["granskare"], paths=[_geojson(tmp_path / "a.geojson", SQUARE)], scheme="x", edition="2026")
    with pytest.raises(Refused):
        import_places(cast["hyresvard"], paths=[])
