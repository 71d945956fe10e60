"""Files as people have them, through an import: what cannot be used is told with its row, nothing is lost in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from samverkan.cli import main as command
from samverkan.domain.incidents import uploads
from samverkan.domain.incidents.importing import Counts, import_files
from samverkan.domain.incidents.importing.mapping import Mapping, MappingError, from_dict
from samverkan.domain.incidents.importing.proposal import as_stored, checked, propose
from samverkan.domain.incidents.importing.told import sentences
from samverkan.domain.incidents.models import Incident, Upload
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from tests.harness.raw_workbooks import raw_workbook

pytestmark = pytest.mark.django_db
Make = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Make:
    def make(content: str | bytes | dict[str, Any] | list[Any], name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(
            content
            if isinstance(content, bytes)
            else (content if isinstance(content, str) else json.dumps(content)).encode()
        )
        return path

    return make


def mapping(*pairs: str, **columns: str) -> Mapping:
    """The usual columns and those of a test."""
    usual = {"id": "Id", "started": "Datum", "category": "Kategori"}
    return from_dict({"source": {"code": "prov"}, "columns": {**usual, **{name: name for name in pairs}, **columns}})


def take(path: Path, rules: Mapping) -> Counts:
    """An import, of which a dry run has told the same."""
    trial = import_files(SYSTEM, paths=[path], mapping=rules, dry_run=True)
    counts = import_files(SYSTEM, paths=[path], mapping=rules)
    assert trial.as_dict() == counts.as_dict()
    return counts


def reasons(counts: Counts) -> list[str]:
    return [why for _file, _line, why, _row in sorted(counts.rejects, key=lambda reject: reject[1])]


def point(x: Any, y: Any, number: int = 1) -> dict[str, Any]:
    said = {"Id": str(number), "Datum": "2026-03-02 10:15", "Kategori": "Klotter"}
    return {"type": "Feature", "properties": said, "geometry": {"type": "Point", "coordinates": [x, y]}}


def test_points_in_metres_without_a_system_are_told_what_to_say(file: Make) -> None:
    bare = file({"type": "FeatureCollection", "features": [point(584500, 6581000)]}, "a.geojson")
    rules = mapping("lon", "lat")
    assert "--epsg" in reasons(take(bare, rules))[0]
    assert take(bare, rules.in_system(3006)).created == 1
    assert Incident.objects.get().x == pytest.approx(584500, abs=0.1)
    with pytest.raises(MappingError, match="9999"):
        rules.in_system(9999)
    table = file("Id;Datum;Kategori;lon;lat\n1;2026-03-02;Klotter;585000;6581000\n2;2026-03-02;Klotter;16,5;\n")
    assert [word in why for word, why in zip(("--epsg", "lat"), reasons(take(table, rules)), strict=True)] == [
        True,
        True,
    ]
    degrees = file("Id;Datum;Kategori;x;y\n1;2026-03-02;Klotter;16,5;59,37\n")
    assert "grader" in reasons(take(degrees, mapping("x", "y")))[0]


def test_the_command_takes_the_system_that_its_advice_asks_for(
    file: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import nullcontext

    from samverkan.cli import import_

    monkeypatch.setattr(import_, "installation", lambda args: nullcontext())
    named = {"type": "name", "properties": {"name": "Lokalt"}}
    path = file({"type": "FeatureCollection", "crs": named, "features": [point(584500, 6581000)]}, "a.geojson")
    rules = file(
        '[source]\ncode="prov"\n[columns]\nid="Id"\nstarted="Datum"\ncategory="Kategori"\nlon="lon"\nlat="lat"\n',
        "m.toml",
    )
    given = ["import", "incidents", str(path), "--mapping", str(rules), "--json"]
    assert command(given) == 1
    assert "--epsg" in json.loads(capsys.readouterr().out)["files"][0]["problem"]
    assert command([*given, "--epsg", "3006"]) == 0
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert command([*given, "--epsg", "9999"]) == 2


def test_a_column_that_no_row_has_is_told(file: Make) -> None:
    path = file({"type": "FeatureCollection", "features": [point(16.5, 59.37), point(16.5, 59.37, 2)]}, "a.geojson")
    counts = take(path, mapping(x="X", y="Y"))
    assert (counts.created, counts.told.absent) == (2, [("a.geojson", ["X", "Y"])])
    assert "X, Y" in " ".join(sentences(counts.as_dict()))
    assert take(path, mapping("lon", "lat")).told.absent == []


def test_a_header_without_rows_is_looked_at_all_the_same(file: Make) -> None:
    assert take(file("Id;Datum;Kategori\n"), mapping()).files == []
    assert "Kategori" in take(file("Id;Datum;Typ\n"), mapping()).files[0]["problem"]


def test_sheets_that_are_not_read_are_told(file: Make) -> None:
    rows: list[list[Any]] = [["Id", "Datum", "Kategori"], ["1", (46083.5, 2), "Klotter"]]
    path = file(raw_workbook(("jan", rows), ("feb", rows), ("listor", [["a"], ["b"]])), "a.xlsx")
    counts = take(path, mapping())
    assert counts.told.sheets == [("a.xlsx", "jan", ["feb"])]
    assert "feb" in " ".join(sentences(counts.as_dict()))


def test_cells_that_lost_their_value_are_told_and_missing_ones_are_missing(file: Make) -> None:
    path = file(
        "Id;Datum;Kategori;Text\n1;2026-03-02;Klotter;<Null>\n2;########;Klotter;\n3;2026-03-02;Klotter;#VÄRDEFEL!\n"
        '="0012";2026-03-02;Klotter;n/a\n1E5;2026-03-02;Klotter;-\n2,02603E+11;2026-03-02;Klotter;\n'
    )
    counts = take(path, mapping(description="Text"))
    assert sorted(Incident.objects.values_list("external_id", "description")) == [("0012", ""), ("1", ""), ("1E5", "")]
    for word, why in zip(("####", "#VÄRDEFEL!", "2,02603E+11"), reasons(counts), strict=True):
        assert word in why


def test_what_has_not_been_yet_today_is_refused(file: Make) -> None:
    later = clock.local(clock.now() + timedelta(hours=2))
    path = file(f"Id;Datum;Kategori\n1;{clock.today()};Klotter\n2;{later:%Y-%m-%d %H:%M};Klotter\n")
    counts = take(path, mapping())
    assert (counts.created, counts.rejected) == (1, 1) and "framtiden" in reasons(counts)[0]


def test_a_proposal_tells_how_the_file_was_understood(file: Make) -> None:
    path = file(
        "Händelser\n\nÄrendenr;Brottsdatum;Klockan;Brottstyp;Latitud;Longitud\n"
        "1;13/04/2026;14.30;Klotter;59,37;16,5\n2;03/04/2026;9.05;Klotter;59,37;16,5\n".encode("utf-16").decode(
            "utf-16"
        )
    )
    proposal = propose(path)
    assert proposal.questions == [] and proposal.mapping["formats"] == {"decimal": ","}
    words = " ".join(proposal.in_words())
    assert all(word in words for word in ("semikolon", "rad 3", "decimalkomma", "dagen först"))
    rules = checked(proposal)
    assert rules is not None and [row.when for row in as_stored(path, rules)] == [
        "2026-04-13 14:30",
        "2026-04-03 09:05",
    ]
    named = {"type": "name", "properties": {"name": "Lokalt"}}
    unknown = file({"type": "FeatureCollection", "crs": named, "features": [point(584500, 6581000)]}, "a.geojson")
    assert "Lokalt" in propose(unknown).questions[0] and propose(unknown, epsg=3006).questions == []
    assert uploads._preview(Upload(), unknown)["columns"], (
        "the columns can be chosen in the browser, and the system said"
    )
    spoilt = file("Id;Datum;Kategori\n1;2026-03-02;SkadegÃ¶relse\n")
    assert "kodats två gånger" in uploads._preview(Upload(), spoilt)["problem"]
