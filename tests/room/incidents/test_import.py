"""Imports: nothing lost, twice changes nothing, versions in their order, every row counted once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from samverkan.domain.incidents.importing import Counts, import_files
from samverkan.domain.incidents.importing.mapping import Mapping, MappingError, from_dict
from samverkan.domain.incidents.importing.polisen import municipality_of
from samverkan.domain.incidents.importing.rows import BadValue, parse_time
from samverkan.domain.incidents.importing.run import rejects_file
from samverkan.domain.incidents.models import Category, Incident, IncidentVersion, Precision
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Refused
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db

ROWS = [
    {
        "id": "1",
        "when": "2026-03-02 8:05:00",
        "what": "Klotter",
        "title": "Klotter på vägg",
        "lon": "16.51",
        "lat": "59.37",
        "seen": "",
        "grave": "1",
    },
    {"id": "2", "when": "2026-03-03", "what": "Bråk", "title": "Bråk", "lon": "", "lat": "", "seen": "", "grave": ""},
    {
        "id": "3",
        "when": "2026-03-04T10:00:00+01:00",
        "what": "Våld i nära relation",
        "title": "Oro",
        "lon": "16.52",
        "lat": "59.38",
        "seen": "",
        "grave": "3",
    },
]


def figures(counts: Counts) -> tuple[int, ...]:
    return (counts.read, counts.created, counts.updated, counts.unchanged, counts.digests, counts.rejected)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "json", "xlsx"])
def test_every_kind_of_file_is_read_and_twice_changes_nothing(
    kind: str, write: Callable[..., Path], mapping: Mapping
) -> None:
    path = write(ROWS, kind)
    assert figures(import_files(SYSTEM, paths=[path], mapping=mapping)) == (3, 3, 0, 0, 0, 0)
    before = list(Incident.objects.order_by("pk").values())
    assert figures(import_files(SYSTEM, paths=[path], mapping=mapping)) == (3, 0, 0, 3, 0, 0)
    assert list(Incident.objects.order_by("pk").values()) == before
    assert not IncidentVersion.objects.exists()


def test_places_and_times_are_kept_as_precisely_as_they_are_known(write: Callable[..., Path], mapping: Mapping) -> None:
    import_files(SYSTEM, paths=[write(ROWS)], mapping=mapping)
    point, day, home = Incident.objects.order_by("external_id")
    assert point.precision == Precision.POINT and point.hexagon is not None
    assert point.started_at == datetime(2026, 3, 2, 7, 5, tzinfo=UTC)
    assert day.precision == Precision.MUNICIPALITY and day.x is None and day.time_precision == "day"
    # A dwelling identifies: the point that the file gave is nowhere.
    assert home.category.is_home_bound and home.x is None and home.hexagon is None
    assert point.week == Week.parse("2026-W10").index


def test_an_edit_becomes_a_version_and_an_older_observation_never_replaces(
    write: Callable[..., Path], mapping: Mapping
) -> None:
    def row(title: str, seen: str) -> dict[str, Any]:
        return {**ROWS[0], "title": title, "seen": seen}

    second = import_files(SYSTEM, paths=[write([row("andra", "2026-03-05 10:00:00")], name="b")], mapping=mapping)
    first = import_files(SYSTEM, paths=[write([row("första", "2026-03-05 09:00:00")], name="a")], mapping=mapping)
    third = import_files(SYSTEM, paths=[write([row("tredje", "2026-03-05 11:00:00")], name="c")], mapping=mapping)
    assert (second.created, first.updated, third.updated) == (1, 1, 1)
    incident = Incident.objects.get()
    assert incident.title == "tredje"
    assert list(incident.versions.order_by("observed_at").values_list("content__title", flat=True)) == [
        "första",
        "andra",
    ]
    for name in "abc":
        again = import_files(SYSTEM, paths=[Path(write([], name="none")).with_name(f"{name}.csv")], mapping=mapping)
        assert (again.updated, again.unchanged) == (0, 1)


def test_rows_without_identity_are_told_apart_by_content_and_ordinal(write: Callable[..., Path]) -> None:
    plain = from_dict({"source": {"code": "utan"}, "columns": {"date": "when", "category": "what"}})
    twins = [{"when": "2026-01-01", "what": "Rån"}] * 3 + [{"when": "2026-01-02", "what": "Rån"}]
    path = write(twins)
    assert import_files(SYSTEM, paths=[path], mapping=plain).created == 4
    assert figures(import_files(SYSTEM, paths=[path], mapping=plain)) == (4, 0, 0, 4, 0, 0)


def test_rejected_rows_can_be_mended_and_given_again(
    write: Callable[..., Path], mapping: Mapping, tmp_path: Path
) -> None:
    bad = [
        {**ROWS[0], "id": "10", "when": "2026-02-31"},
        {**ROWS[0], "id": "11", "lon": "59.37", "lat": "16.51"},
        {**ROWS[0], "id": "12", "lon": "0", "lat": "0"},
        {**ROWS[0], "id": "13", "grave": "mycket"},
        {**ROWS[0], "id": "14", "when": "0202-01-01"},
        {**ROWS[0], "id": "15"},
    ]
    counts = import_files(SYSTEM, paths=[write(bad)], mapping=mapping)
    assert (counts.read, counts.created, counts.rejected) == (6, 1, 5)
    assert [line for _f, line, _w, _r in sorted(counts.rejects, key=lambda r: r[1])] == [2, 3, 4, 5, 6]
    assert any("bytt plats" in why for _f, _l, why, _r in counts.rejects)
    mended = tmp_path / "mended.csv"
    mended.write_text(
        rejects_file(counts)
        .replace("2026-02-31", "2026-02-28")
        .replace("59.37;16.51", "16.51;59.37")
        .replace(";0;0;", ";16.5;59.3;")
        .replace("mycket", "2")
        .replace("0202-01-01", "2026-01-01"),
        "utf-8",
    )
    assert figures(import_files(SYSTEM, paths=[mended], mapping=mapping)) == (5, 5, 0, 0, 0, 0)


def test_rows_that_fit_no_columns_can_be_mended_and_given_again_and_again(mapping: Mapping, tmp_path: Path) -> None:
    head = "id;when;what;title;lon;lat;seen;grave\n"
    broken = tmp_path / "a.csv"
    broken.write_text(
        head + "1;2026-01-01;Klotter;två; fält för mycket;;;;1\n3;2026-01-03;Klot\0ter;;;;;\n"
        "4;igår;Klotter;=1+1;-16,5;;;\n",
        "utf-8",
    )
    path = broken
    for number in range(2):
        counts = import_files(SYSTEM, paths=[path], mapping=mapping)
        assert (counts.read, counts.rejected) == (3, 3), (
            "what was not mended is rejected again, with nothing taken from it"
        )
        path = tmp_path / f"again-{number}.csv"
        path.write_text(rejects_file(counts), "utf-8")
        rows = list(csv.DictReader(io.StringIO(rejects_file(counts)), delimiter=";"))
        assert list(rows[0]) == ["_fil", "_rad", "_fel", "_innehåll", *head.strip().split(";")]
        assert sorted(row["title"] for row in rows) == ["", "", "'=1+1"], "a spreadsheet runs nothing"
        if number == 0:
            assert {row["_innehåll"] for row in rows} == {
                "",
                "1;2026-01-01;Klotter;två; fält för mycket;;;;1",
                "3;2026-01-03;Klot␀ter;;;;;",
            }
    mended = path.read_text("utf-8").replace("igår", "2026-01-04").replace(";-16,5;", ";;")
    path.write_text(mended, "utf-8")
    assert import_files(SYSTEM, paths=[path], mapping=mapping).created == 1
    assert Incident.objects.get().title == "=1+1"


def test_what_json_held_comes_with_the_rejected_row(mapping: Mapping, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    line = {"type": "LineString", "coordinates": [[16, 59], [17, 59]]}
    feature = {
        "type": "Feature",
        "geometry": line,
        "properties": {"id": "2", "when": "2026-03-02", "what": "Nedskräpning"},
    }
    path.write_text(json.dumps({"features": [feature]}))
    row = next(
        csv.DictReader(io.StringIO(rejects_file(import_files(SYSTEM, paths=[path], mapping=mapping))), delimiter=";")
    )
    assert json.loads(row["_innehåll"]) == feature and {"id", "when", "what"} <= set(row)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"source": {"code": "x"}, "columns": {"date": "d"}}, "kategori"),
        ({"source": {"code": "x"}, "columns": {"datum": "d", "category": "c"}}, "datum"),
        ({"source": {"code": "x"}, "columns": {"category": "c"}}, "date"),
        ({"source": {}, "columns": {"date": "d"}}, "code"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c", "lon": "x"}}, "lat"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c"}, "formats": {"timezone": "Mars"}}, "Mars"),
        ({"källa": {}}, "källa"),
        ({"source": "x"}, "source"),
        ({"source": {"code": "x"}, "columns": {"date": 5, "category": "c"}}, "date"),
        ({"source": {"code": "x"}, "columns": {"date": [], "category": "c"}}, "date"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": ["c", 5]}}, "category"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c"}, "formats": {"date": 5}}, "date"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c"}, "formats": {"decimal": []}}, "Decimal"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c"}, "formats": {"epsg": 99999}}, "99999"),
        ({"source": {"code": "x"}, "columns": {"date": "d", "category": "c"}, "formats": {"epsg": "tre"}}, "tre"),
    ],
)
def test_a_wrong_mapping_is_refused_by_name(data: dict[str, Any], word: str) -> None:
    with pytest.raises(MappingError, match=word):
        from_dict(data)


def test_only_those_who_may_import(cast: Any, write: Callable[..., Path], mapping: Mapping) -> None:
    for role in ("est_reporter", "municipal_police", "auditor", "dpo"):
        with pytest.raises(Refused):
            import_files(cast[role], paths=[write(ROWS)], mapping=mapping)
    assert import_files(cast["coordinator"], paths=[write(ROWS)], mapping=mapping).created == 3


@pytest.mark.parametrize("text", ["2026-W40", "2026-W40-1", "2026W401"])
def test_a_week_is_no_day(text: str) -> None:
    with pytest.raises(BadValue, match="finns inte som datum"):
        parse_time(text, (), clock.STOCKHOLM)


@pytest.mark.parametrize(
    ("title", "location", "town"),
    [
        ("20 maj 13.09, Rån, Flen", "Södermanlands län", "Flen"),
        ("20 maj 13.09, Rån, Upplands-Bro", "Järfälla", "Järfälla"),
        ("20 maj 13.09, Rån, Södermanlands län", "Södermanlands län", ""),
        ("20 maj 13.09, Trafikkontroll,", "Västerbottens län", ""),
    ],
)
def test_the_title_tells_the_municipality_where_the_place_is_a_county(title: str, location: str, town: str) -> None:
    assert municipality_of(title, location) == town


@pytest.mark.parametrize(
    "text", ["2024-10-19 8:43:42 +02:00", "2024-10-19 08:43:42 +02:00", "2024-10-19T08:43:42+02:00"]
)
def test_the_polices_hour_without_its_zero(text: str) -> None:
    moment, day_only = parse_time(text, (), clock.STOCKHOLM)
    assert moment == datetime(2024, 10, 19, 6, 43, 42, tzinfo=UTC) and not day_only


def test_changed_weeks_are_noted(write: Callable[..., Path], mapping: Mapping) -> None:
    import_files(SYSTEM, paths=[write(ROWS)], mapping=mapping)
    with connection.cursor() as cursor:
        cursor.execute("SELECT week, change FROM incidents_weekchange")
        first = dict(cursor.fetchall())
        assert set(first) == set(Incident.objects.values_list("week", flat=True))
        import_files(SYSTEM, paths=[write(ROWS)], mapping=mapping)
        cursor.execute("SELECT week, change FROM incidents_weekchange")
        assert dict(cursor.fetchall()) == first


def test_categories_that_nobody_had_are_told(write: Callable[..., Path], mapping: Mapping) -> None:
    """They are made as they come; a misspelt one should be seen before it has a year of rows."""
    path = write(
        [
            *ROWS,
            {**ROWS[0], "id": "4", "what": "Klåtter"},
            {**ROWS[0], "id": "5", "what": "klotter"},
            {**ROWS[0], "id": "6", "what": "klåtter"},
        ]
    )
    before = Category.objects.count()
    trial = import_files(SYSTEM, paths=[path], mapping=mapping, dry_run=True)
    assert trial.new_categories == ["Klåtter"] and Category.objects.count() == before
    counts = import_files(SYSTEM, paths=[path], mapping=mapping)
    assert counts.new_categories == ["Klåtter"]
    assert counts.run is not None and counts.run.counts["new_categories"] == ["Klåtter"]
    assert counts.as_dict()["new_categories"] == counts.new_categories
    assert import_files(SYSTEM, paths=[path], mapping=mapping).new_categories == []
