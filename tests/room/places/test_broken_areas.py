"""Files of areas and places that are broken: the broken feature is named, the others are kept."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from samverkan.domain.places.models import Area, Place
from samverkan.domain.places.services.importing import Result, import_areas, import_places
from samverkan.foundation.access import SYSTEM
from tests.harness.geopackage import geopackage_geometry

pytestmark = pytest.mark.django_db
SQUARE = {"type": "Polygon", "coordinates": [[[16.5, 59.36], [16.52, 59.36], [16.52, 59.38], [16.5, 59.36]]]}


def feature(geometry: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def take(path: Path, **more: Any) -> Result:
    result = import_areas(SYSTEM, paths=[path], scheme="district", edition="2026", **more)
    assert result.read == result.created + result.updated + result.unchanged + len(result.problems) or not result.read
    return result


def written(tmp_path: Path, *features: dict[str, Any], **members: Any) -> Path:
    path = tmp_path / "omraden.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **members}), "utf-8")
    return path


@pytest.mark.parametrize(
    "bad",
    [
        feature(name="N\x00ord"),
        feature(name="Nord\ud800"),
        feature(**{"name": "Nord", "k\x00": 1}),
        feature({"type": "Polygon", "coordinates": "x"}, name="Nord"),
        feature({"type": "Polygon", "coordinates": [[[16.5, 59.36]]]}, name="Nord"),
        feature({"type": "Polygon", "coordinates": []}, name="Nord"),
        feature([1], name="Nord"),
        feature(None, name="Nord"),
        feature({"type": "Point", "coordinates": [16.5, 59.36]}, name="Nord"),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, name="Nord"),
        feature(
            {"type": "Polygon", "coordinates": [[[16.5, 59.36], [float("nan"), 59.36], [16.52, 59.38], [16.5, 59.36]]]},
            name="Nord",
        ),
        feature(),
        feature(name="Söder", code="S2", AKTUALITET_START="2026-01-01", AKTUALITET_SLUT="2020-01-01"),
        feature(name="Öster", code="S"),
    ],
)
def test_one_broken_feature_is_named_and_the_rest_kept(tmp_path: Path, bad: dict[str, Any]) -> None:
    path = written(tmp_path, feature(name="Söder", code="S"), bad, feature(name="Väster", code="V"))
    result = take(path)
    assert (result.read, result.created, len(result.problems)) == (3, 2, 1)
    assert set(Area.objects.values_list("name", flat=True)) == {"Söder", "Väster"}
    again = take(path)
    assert (again.unchanged, len(again.problems)) == (2, 1)


def test_numbers_that_are_none_are_left_out(tmp_path: Path) -> None:
    take(written(tmp_path, feature(name="Söder", yta=float("nan"), längd=float("inf"), antal=3)))
    assert Area.objects.get().attributes == {"name": "Söder", "antal": 3}


@pytest.mark.parametrize("crs", [{"properties": "EPSG:3006"}, {"properties": {"name": "något"}}, {"properties": 5}])
def test_coordinate_systems_said_in_odd_ways(tmp_path: Path, crs: Any) -> None:
    result = take(written(tmp_path, feature(name="Söder"), crs=crs))
    assert result.created == 0
    assert result.problems


def test_holes_many_parts_height_and_crossed_lines(tmp_path: Path) -> None:
    ring = [[16.5, 59.36], [16.54, 59.36], [16.54, 59.38], [16.5, 59.38], [16.5, 59.36]]
    hole = [[16.51, 59.365], [16.52, 59.365], [16.52, 59.37], [16.51, 59.365]]
    high = [[*point, 12.5] for point in ring]
    crossed = [[16.5, 59.36], [16.52, 59.38], [16.52, 59.36], [16.5, 59.38], [16.5, 59.36]]
    path = written(
        tmp_path,
        feature({"type": "Polygon", "coordinates": [ring, hole]}, name="hål"),
        feature({"type": "Polygon", "coordinates": [high]}, name="höjd"),
        feature(
            {
                "type": "MultiPolygon",
                "coordinates": [[ring], [[[16.6, 59.36], [16.62, 59.36], [16.62, 59.38], [16.6, 59.36]]]],
            },
            name="flera",
        ),
        feature({"type": "Polygon", "coordinates": [crossed]}, name="korsat"),
    )
    result = take(path)
    assert (result.created, result.problems) == (4, [])
    areas = dict(Area.objects.values_list("name", "area_m2"))
    assert (areas["hål"] or 0) < (areas["höjd"] or 0) < (areas["flera"] or 0)
    assert len(result.notes) == 1


def test_a_geopackage_in_a_folder_with_any_name_and_broken_ones(tmp_path: Path) -> None:
    from shapely.geometry import box

    folder = tmp_path / "100 % säkert? #1"
    folder.mkdir()
    path = folder / "a.gpkg"
    book = sqlite3.connect(path)
    book.executescript(
        "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id); CREATE TABLE gpkg_spatial_ref_sys (srs_id, organization, organization_coordsys_id);"
        "INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom', 3006); INSERT INTO gpkg_spatial_ref_sys VALUES (3006, 'EPSG', 3006); CREATE TABLE t (name, geom)"
    )
    good = geopackage_geometry(box(585000, 6581000, 586000, 6582000), 3006)
    book.executemany(
        "INSERT INTO t VALUES (?, ?)",
        [("Söder", good), ("Norr", b"XX"), ("Väst", b"GP\x00\x0e"), ("Öst", 5), ("Trasig", good[:40])],
    )
    book.commit()
    result = take(path)
    assert (result.read, result.created, len(result.problems)) == (5, 1, 4)
    book.execute("UPDATE gpkg_geometry_columns SET column_name = 'finns_inte'")
    book.commit()
    assert take(path).problems
    book.execute("UPDATE gpkg_geometry_columns SET column_name = 'geom'")
    book.execute("UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 'abc'")
    book.commit()
    book.close()
    assert take(path).problems
    path.write_bytes(path.read_bytes()[:5000])
    assert take(path).problems


def test_a_place_with_an_odd_radius_is_a_place(tmp_path: Path) -> None:
    path = tmp_path / "platser.csv"
    path.write_text(
        "id,namn,lon,lat,radius_m\n1,A,16.51,59.37,²\n2,B,16.51,59.37,99999999999999999999\n3,C,16.51,59.37,-5\n4,D,16.51,59.37,80\n",
        "utf-8",
    )
    result = import_places(SYSTEM, paths=[path])
    assert (result.read, result.created, result.problems) == (4, 4, [])
    assert set(Place.objects.filter(source="file").values_list("radius_m", flat=True)) == {75, 80}
