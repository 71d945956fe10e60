"""What an import tells beside its rejects: areas and places that nobody knows, identities twice, and the truth beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samverkan.domain.incidents.importing import Counts, import_files
from samverkan.domain.incidents.importing.mapping import Mapping, from_dict
from samverkan.domain.incidents.importing.proposal import as_stored, checked, propose
from samverkan.domain.incidents.importing.told import sentences
from samverkan.domain.incidents.models import Incident, Precision
from samverkan.domain.places.models import AreaScheme, Place
from samverkan.domain.places.services.importing import import_areas, import_places
from samverkan.foundation.access import SYSTEM

pytestmark = pytest.mark.django_db

NAMED = from_dict(
    {
        "source": {"code": "namn"},
        "columns": {"id": "Ärendenr", "date": "Datum", "category": "Typ", "area": "Stadsdel", "place": "Plats"},
    }
)


@pytest.fixture
def ground(tmp_path: Path) -> None:
    """An invented district and two places in it."""
    ring = [[584000, 6580000], [586000, 6580000], [586000, 6582000], [584000, 6582000], [584000, 6580000]]
    feature = {
        "type": "Feature",
        "properties": {"namn": "Söder"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "omraden.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    assert import_areas(SYSTEM, paths=[path], scheme="district", edition="2026", counted=True, epsg=3006).created == 1
    places = tmp_path / "platser.csv"
    places.write_text(
        "namn;typ;kallas;x;y\nPåhittade torget;torg;Torget;585000;6581000\nPrövvägen 1;adress;;585100;6581100\n"
        "Dubbelplatsen;park;;585200;6581200\nDubbelplatsen;park;;585300;6581300\n",
        "utf-8",
    )
    assert import_places(SYSTEM, paths=[places]).created == 4


def rows(path: Path, *lines: str) -> Path:
    path.write_text("Ärendenr;Datum;Typ;Stadsdel;Plats\n" + "".join(line + "\n" for line in lines), "utf-8")
    return path


def figures(counts: Counts) -> dict[str, Any]:
    return counts.as_dict()


@pytest.mark.usefixtures("ground")
def test_names_that_match_nothing_are_told_with_counts_and_examples(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.csv",
        "1;2026-03-02;Klotter;SÖDER;",
        *(f"{n};2026-03-02;Klotter;Mars;" for n in range(2, 9)),
        "9;2026-03-02;Klotter;;Månens baksida",
        "10;2026-03-02;Klotter;;",
        "11;2026-03-02;Klotter;;Dubbelplatsen",
    )
    trial = import_files(SYSTEM, paths=[path], mapping=NAMED, dry_run=True)
    counts = import_files(SYSTEM, paths=[path], mapping=NAMED)
    assert figures(trial) == figures(counts), "the trial tells what the import does"
    assert counts.told.as_dict() == {
        "without_place": 1,
        "waiting_categories": {"rows": 0, "examples": []},
        "unknown_areas": {"rows": 7, "examples": ["Mars"]},
        "unknown_places": {"rows": 2, "examples": ["Månens baksida", "Dubbelplatsen"]},
        "repeated_ids": {"rows": 0, "examples": []},
        "other_sheets": [],
        "absent_columns": [],
    }
    assert counts.run is not None and counts.run.counts["unknown_areas"]["rows"] == 7
    told = " ".join(sentences(counts.run.counts))
    assert "registret: 7" in told and "Mars" in told and "Månens baksida" in told
    assert Incident.objects.filter(precision=Precision.AREA).count() == 1


@pytest.mark.usefixtures("ground")
def test_a_place_by_its_name_gives_the_point(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.csv",
        "1;2026-03-02;Klotter;;påhittade  TORGET",
        "2;2026-03-02;Klotter;;Torget",
        "3;2026-03-02;Klotter;;Prövvägen 1",
        "4;2026-03-02;Våld i nära relation;;Torget",
        "5;2026-03-02;Klotter;;Söder",
    )
    assert import_files(SYSTEM, paths=[path], mapping=NAMED).created == 5
    square, same, address, home, area = Incident.objects.order_by("external_id")
    torget = Place.objects.get(name="Påhittade torget")
    assert (square.x, square.y, square.radius_m, square.place) == (585000, 6581000, 75, torget)
    assert (square.precision, same.place, address.precision) == ("approximate", torget, "point")
    assert square.area is not None and square.hexagon is not None
    # A dwelling identifies, also by the name of a place.
    assert home.x is None and home.place is None and home.area == square.area
    assert (area.precision, area.area) == ("area", square.area)


def test_several_rows_with_one_identity_are_told(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.csv",
        "1;2026-03-02;Klotter;;",
        "2;2026-03-03;Klotter;;",
        "1;2026-03-04;Stöld;;",
        "2;2026-03-03;Klotter;;",
        "0012;2026-03-05;Klotter;;",
        "12;2026-03-05;Klotter;;",
    )
    for dry in (True, False):
        counts = import_files(SYSTEM, paths=[path], mapping=NAMED, dry_run=dry)
        assert (counts.created, counts.updated, counts.unchanged) == (4, 1, 1)
        assert counts.told.as_dict()["repeated_ids"] == {"rows": 1, "examples": [{"file": "a.csv", "rows": [2, 4]}]}
    assert "raderna 2 och 4" in " ".join(sentences(counts.told.as_dict()))
    assert Incident.objects.filter(external_id__in=["0012", "12"]).count() == 2


def test_a_trial_tells_what_the_import_does(write: Callable[..., Path], mapping: Mapping) -> None:
    """Whatever is stored already, in whatever order observations come."""

    def row(number: int, title: str, seen: str) -> dict[str, Any]:
        return {
            "id": number,
            "when": "2026-03-02 08:05",
            "what": "Klotter",
            "title": title,
            "lon": "",
            "lat": "",
            "seen": seen,
            "grave": "",
        }

    files = [
        [row(1, "a", "2026-03-05 10:00"), row(2, "a", "2026-03-05 10:00")],
        [row(1, "a", "2026-03-05 10:00"), row(2, "b", "2026-03-05 11:00"), row(3, "a", "2026-03-05 11:00")],
        [row(2, "c", "2026-03-05 09:00"), row(2, "a", "2026-03-05 08:00"), row(1, "a", "2026-03-05 12:00")],
        [row(4, "x", "2026-03-05 12:00"), row(4, "y", "2026-03-05 11:00"), row(4, "x", "2026-03-05 12:00")],
        [row(4, "y", "2026-03-05 11:00"), row(2, "c", "2026-03-05 13:00"), row(5, "", "2099-01-01")],
    ]
    for number, content in enumerate([*files, *files]):
        path = write(content, name=f"fil{number}")
        trial = import_files(SYSTEM, paths=[path], mapping=mapping, dry_run=True)
        before = Incident.objects.count()
        done = import_files(SYSTEM, paths=[path], mapping=mapping)
        assert figures(trial) == figures(done), number
        assert Incident.objects.count() == before + done.created


@pytest.mark.usefixtures("ground")
def test_a_file_alone_is_understood_and_asks_only_what_it_cannot_know(tmp_path: Path) -> None:
    path = tmp_path / "Ärenden mars.csv"
    path.write_text(
        "Ärenden i mars;;;;;\n;;;;;\nÄrendenr;Brottsdatum;Klockan;Brottstyp;X;Y\n"
        "0012;13/04/2026;14.30;Klotter;6581000;585000\n0013;03/04/2026;9.05;Klotter;6 581 100;585 100,5\n0014;31/02/2026;;;;\n",
        "cp1252",
    )
    proposal = propose(path)
    assert proposal.questions == [] and proposal.understood["header_line"] == 3
    assert proposal.mapping["columns"]["x"] == ["Y"], "in Sweden x has long been the way north"
    mapping = checked(proposal)
    assert mapping is not None and mapping.source_code == "arenden-mars"
    first, second, third = as_stored(path, mapping)
    assert (first.when, first.category) == ("2026-04-13 14:30", "Klotter") and "585000, 6581000" in first.where
    assert second.when == "2026-04-03 09:05", "another row tells which number is the day"
    assert third.problem
    path.write_text("Nr;När;Vad\n1;03/04/2026;Klotter\n", "utf-8")
    asked = propose(path)
    assert len(asked.questions) == 1 and "03/04/2026" in asked.questions[0]
    path.write_text("Nr;Kod\n1;A\n", "utf-8")
    assert len(propose(path).questions) == 2 and checked(propose(path)) is None


def test_what_a_proposal_shows_can_be_given_as_a_mapping(tmp_path: Path) -> None:
    import tomllib

    path = tmp_path / "a.csv"
    path.write_text('Nr;När;"Vad; ""egentligen"""\n1;2026-03-02;Klotter\n', "utf-8")
    data = tomllib.loads(propose(path).as_toml())
    data["columns"]["category"] = 'Vad; "egentligen"'
    assert import_files(SYSTEM, paths=[path], mapping=from_dict(data)).created == 1


@pytest.mark.parametrize(
    ("times", "precision"),
    [(["00:00", "00:00:00", "0.00"], "day"), (["00:00", "08:05", "00:00"], "minute"), (["24:00", "00:00", ""], "day")],
)
def test_a_column_of_midnights_tells_days(tmp_path: Path, times: list[str], precision: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n;d;t;k\n" + "".join(f"{n};2026-03-0{n + 1};{t};Klotter\n" for n, t in enumerate(times)), "utf-8")
    mapping = from_dict({"source": {"code": "tid"}, "columns": {"id": "n", "date": "d", "time": "t", "category": "k"}})
    assert import_files(SYSTEM, paths=[path], mapping=mapping).created == 3
    assert set(Incident.objects.values_list("time_precision", flat=True)) == {precision}


def test_what_has_not_been_is_refused(tmp_path: Path) -> None:
    from datetime import timedelta

    from samverkan.foundation import clock

    today = clock.today()
    path = rows(
        tmp_path / "a.csv",
        f"1;{today};Klotter;;",
        f"2;{today + timedelta(days=1)};Klotter;;",
        "3;NULL;Klotter;;",
        "4;#REF!;Klotter;;",
    )
    counts = import_files(SYSTEM, paths=[path], mapping=NAMED)
    assert (counts.created, counts.rejected) == (1, 3)
    reasons = [why for _f, _l, why, _r in sorted(counts.rejects, key=lambda r: r[1])]
    assert "framtiden" in reasons[0] and "saknas" in reasons[1] and "#REF!" in reasons[2]


@pytest.mark.usefixtures("ground")
def test_areas_that_cannot_be_read_change_nothing(tmp_path: Path) -> None:
    """Least of all in which areas incidents are counted."""
    good, empty = tmp_path / "omraden.geojson", tmp_path / "tom.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    line = tmp_path / "linje.geojson"
    shape = {"type": "LineString", "coordinates": [[16.5, 59.3], [16.6, 59.4]]}
    line.write_text(json.dumps({"type": "Feature", "properties": {"namn": "x"}, "geometry": shape}), "utf-8")
    for paths in ([tmp_path / "saknas.geojson"], [empty], [good, empty], [line]):
        result = import_areas(SYSTEM, paths=paths, scheme="ny", edition="2026", counted=True, epsg=3006)
        assert result.created == 0 and result.problems
        assert list(AreaScheme.objects.filter(counts_incidents=True).values_list("code", flat=True)) == ["district"]
        assert not AreaScheme.objects.filter(code="ny").exists()
    result = import_areas(SYSTEM, paths=[good], scheme="ny", edition="2026", counted=True, epsg=3006)
    assert result.created == 1 and any("Stadsdelar" in note for note in result.notes), (
        "what is counted from now on is told"
    )


@pytest.mark.usefixtures("ground")
def test_places_of_one_name_stay_apart_and_unknown_kinds_are_told(tmp_path: Path) -> None:
    path = tmp_path / "platser.csv"
    before = dict(Place.objects.values_list("external_id", "version"))
    again = import_places(SYSTEM, paths=[path])
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4), "namesakes do not swap for ever"
    assert dict(Place.objects.values_list("external_id", "version")) == before
    assert any("Dubbelplatsen" in note for note in again.notes)
    path.write_text("namn;typ;x;y\nA;rymdbas;585000;6581000\nB;skola;6581000;585000\nC;skola;585000;\n", "utf-8")
    result = import_places(SYSTEM, paths=[path], source="annan")
    assert (result.read, result.created, len(result.problems)) == (3, 1, 2)
    assert any("rymdbas" in note for note in result.notes) and "bytt plats" in result.problems[0]
