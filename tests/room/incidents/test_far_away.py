"""Points far from the municipality are refused with how far and what to look at; all else of the file is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting import services as reporting
from samverkan.domain.incidents.api import Category, ensure_standard
from samverkan.domain.incidents.importing import Counts, import_files
from samverkan.domain.incidents.importing.mapping import Mapping, from_dict
from samverkan.domain.incidents.importing.run import rejects_file
from samverkan.domain.incidents.models import Incident, Precision
from samverkan.domain.places.api import Area, AreaEdition, AreaScheme, Place, Reach
from samverkan.domain.places.services import add
from samverkan.foundation import clock, geo, municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal

pytestmark = pytest.mark.django_db

#: Id, longitude, latitude: two that are near, and three that cannot be right.
ROWS = [("1", "16.5", "59.37"), ("2", "", ""), ("3", "0", "0"), ("4", "59.37", "16.5"), ("5", "19.5", "57.5")]


def _box(west: float, south: float, east: float, north: float) -> Area:
    """An area of these metres, in a division that counts no incidents."""
    scheme, _new = AreaScheme.objects.get_or_create(code="kommun", defaults={"name": "Kommun"})
    edition, _new = AreaEdition.objects.get_or_create(
        scheme=scheme, name="Påhittad", defaults={"valid_from": date(2020, 1, 1)}
    )
    return Area.objects.create(
        controller=home(),
        edition=edition,
        code=f"{west:.0f}",
        name=f"Påhittad {west:.0f}",
        geometry=shapely.to_wkb(shapely.box(west, south, east, north)),
        min_x=west,
        min_y=south,
        max_x=east,
        max_y=north,
        area_m2=1.0,
        valid_from=date(2020, 1, 1),
        is_invented=True,
    )


@pytest.fixture
def border(db: None) -> Area:
    """A municipality some kilometres around longitude 16.5, latitude 59.37."""
    x, y = (float(v[0]) for v in geo.current().to_metres([16.5], [59.37]))
    return _box(x - 5000, y - 5000, x + 5000, y + 5000)


def _rows(rows: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "id": i,
            "when": "2026-03-02 08:05",
            "what": "Klotter",
            "title": "Klotter",
            "lon": lon,
            "lat": lat,
            "seen": "",
            "grave": "",
        }
        for i, lon, lat in rows
    ]


def _reasons(counts: Counts) -> dict[str, str]:
    return {row["id"]: why for _file, _line, why, row in counts.rejects}


@pytest.mark.parametrize("dry", [False, True])
def test_each_mistake_has_a_sentence_of_its_own_and_the_rest_is_read(
    border: Area, write: Callable[..., Path], mapping: Mapping, dry: bool
) -> None:
    counts = import_files(SYSTEM, paths=[write(_rows(ROWS))], mapping=mapping, dry_run=dry)
    assert (counts.read, counts.created, counts.rejected) == (5, 2, 3)
    reasons = _reasons(counts)
    assert "0 och 0" in reasons["3"] and "platsen saknas" in reasons["3"]
    assert "verkar ha bytt plats" in reasons["4"]
    assert "ligger 266 km från kommunen, och gränsen är 50 km" in reasons["5"] and "minustecken" in reasons["5"]
    if dry:
        assert not Incident.objects.exists()
        return
    assert {i.external_id: i.precision for i in Incident.objects.all()} == {
        "1": Precision.POINT,
        "2": Precision.MUNICIPALITY,
    }
    table = list(csv.DictReader(io.StringIO(rejects_file(counts)), delimiter=";"))
    assert [row["id"] for row in table] == ["3", "4", "5"] and all(row["_fel"] for row in table)
    before = list(Incident.objects.order_by("pk").values())
    again = import_files(SYSTEM, paths=[write(_rows(ROWS))], mapping=mapping)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 2, 3)
    assert list(Incident.objects.order_by("pk").values()) == before


def test_x_and_y_that_have_changed_places_are_told_as_such(border: Area, write: Callable[..., Path]) -> None:
    mapping = from_dict(
        {
            "source": {"code": "prov", "name": "Prov"},
            "columns": {"id": "id", "started": "when", "category": "what", "x": "lon", "y": "lat"},
        }
    )
    rows = [("1", "585000", "6582000"), ("2", "6582000", "585000")]
    counts = import_files(SYSTEM, paths=[write(_rows(rows))], mapping=mapping)
    assert counts.created == 1
    assert "X 6582000.0 och y 585000.0 verkar ha bytt plats." in _reasons(counts)["2"]


def test_without_borders_nothing_is_too_far(write: Callable[..., Path], mapping: Mapping) -> None:
    counts = import_files(SYSTEM, paths=[write(_rows([("5", "19.5", "57.5")]))], mapping=mapping)
    assert (counts.created, counts.rejected) == (1, 0)


@pytest.mark.parametrize(("km", "read"), [(0, True), (266, True), (265, False), (1, False)])
def test_the_municipality_decides_how_far(
    cast: Any, border: Area, write: Callable[..., Path], mapping: Mapping, km: int, read: bool
) -> None:
    municipality.put(cast["samordnare"], key="geo.far_km", value=km, decision="Påhittat beslut")
    counts = import_files(SYSTEM, paths=[write(_rows([("5", "19.5", "57.5")]))], mapping=mapping)
    assert (counts.created == 1) is read


def test_other_municipalities_known_by_name_only_are_not_concerned(border: Area, write: Callable[..., Path]) -> None:
    mapping = from_dict(
        {
            "source": {"code": "prov", "name": "Prov"},
            "columns": {"id": "id", "started": "when", "category": "what", "municipality": "title"},
        }
    )
    rows = [{**row, "title": "Malmö"} for row in _rows(ROWS)]
    counts = import_files(SYSTEM, paths=[write(rows)], mapping=mapping)
    assert (counts.created, counts.rejected) == (5, 0)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(-120_000, 120_000), st.floats(-120_000, 120_000)), min_size=1, max_size=30))
def test_many_at_once_are_judged_as_each_by_its_distance(border: Area, offsets: list[tuple[float, float]]) -> None:
    reach = Reach()
    assert border.min_x is not None and border.min_y is not None
    x, y = np.array([border.min_x + dx for dx, _dy in offsets]), np.array([border.min_y + dy for _dx, dy in offsets])
    shape = shapely.from_wkb(bytes(border.geometry or b""))
    assert reach.beyond(x, y).tolist() == [
        bool(shapely.distance(shape, shapely.Point(a, b)) > 50_000) for a, b in zip(x, y, strict=True)
    ]


# --- what people mark ----------------------------------------------------------------------------


def test_a_report_marked_far_away_says_so_at_the_place(
    cast: Any, border: Area, client_for: Callable[..., Client]
) -> None:
    ensure_standard()
    x, y = (float(v[0]) for v in geo.current().to_metres([19.5], [57.5]))
    seen = reporting.Seen(
        category=Category.objects.get(code="klotter"),
        started_at=clock.now() - timedelta(hours=1),
        x=x,
        y=y,
        text="Klotter.",
    )
    with pytest.raises(Refusal) as refused:
        reporting.submit(cast["skola"], seen=seen)
    assert refused.value.field == "where"
    client = client_for(cast["skola"])
    said = {
        "category": "klotter",
        "when": "now",
        "lon": "19.5",
        "lat": "57.5",
        "trend": "new",
        "observation": "observed",
        "kind": "event",
        "text": "Klotter.",
    }
    answer = client.post("/rapportera/", said)
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and "Punkten ligger 266 km från kommunen" in page.split('id="id_where-error"')[1][:200]
    )
    assert not Report.objects.exists()


def test_a_named_place_far_away_is_refused_at_its_field(cast: Any, border: Area) -> None:
    x, y = (float(v[0]) for v in geo.current().to_metres([19.5], [57.5]))
    told = {"name": "Påhittad ö", "also_called": "", "kind": "square", "radius_m": 75}
    with pytest.raises(Refusal) as refused:
        add(cast["samordnare"], **told, x=x, y=y)
    assert (refused.value.field, refused.value.code) == ("x", "far")
    assert border.min_x is not None and border.min_y is not None
    assert add(cast["samordnare"], **told, x=border.min_x - 100, y=border.min_y).pk == Place.objects.get().pk
