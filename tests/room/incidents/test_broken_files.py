"""Files that are broken in the ways that programs and people break them: every row counted, the rest imported."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import openpyxl
import pytest
from django.db import connection

from samverkan.domain.incidents.categories import Lookup
from samverkan.domain.incidents.importing import import_files, interrupted
from samverkan.domain.incidents.importing.mapping import Mapping
from samverkan.domain.incidents.models import Category, ImportRun, Incident
from samverkan.domain.incidents.placing import Municipalities
from samverkan.domain.places.models import Municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.services import home

pytestmark = pytest.mark.django_db
HEAD = "id,when,what,title,lon,lat,seen,grave\n"


def row(number: int | str, **more: str) -> str:
    values = {
        "when": "2026-03-02 08:05",
        "what": "Klotter",
        "title": "T",
        "lon": "16.51",
        "lat": "59.37",
        "seen": "",
        "grave": "",
    }
    return ",".join([str(number), *(values | more).values()]) + "\n"


def take(path: Path, mapping: Mapping) -> tuple[int, int, int, list[str]]:
    """(read, created, rejected, problems of files); the rows must add up."""
    counts = import_files(SYSTEM, paths=[path], mapping=mapping)
    assert counts.read == counts.created + counts.updated + counts.unchanged + counts.digests + counts.rejected
    assert len(counts.rejects) == counts.rejected
    return counts.read, counts.created, counts.rejected, [f["problem"] for f in counts.files]


def taken(tmp_path: Path, mapping: Mapping, name: str, content: bytes) -> tuple[int, int, int, list[str]]:
    path = tmp_path / name
    path.write_bytes(content)
    return take(path, mapping)


def test_lines_that_end_with_a_return_only(tmp_path: Path, mapping: Mapping) -> None:
    content = (HEAD + row(1) + row(2)).replace("\n", "\r").encode()
    assert taken(tmp_path, mapping, "a.csv", content) == (2, 2, 0, [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_two_bytes_a_character_with_and_without_a_mark(
    tmp_path: Path, mapping: Mapping, encoding: str, kind: str
) -> None:
    item = {"id": 1, "when": "2026-03-02 08:05", "what": "Klotter", "lon": 16.51, "lat": 59.37}
    text = {"csv": HEAD + row(1), "json": json.dumps([item]), "jsonl": json.dumps(item) + "\n"}[kind]
    assert taken(tmp_path, mapping, f"a.{kind}", text.encode(encoding)) == (1, 1, 0, [])


def test_a_quotation_mark_that_is_not_closed_takes_one_row_only(tmp_path: Path, mapping: Mapping) -> None:
    rows = [row(n) for n in range(1, 60)]
    rows[9] = row(10, what='"Klotter')
    rows[29] = row(30, title='"sagt "så"')
    read, created, rejected, problems = taken(tmp_path, mapping, "a.csv", (HEAD + "".join(rows)).encode())
    assert (read, problems) == (59, [])
    assert created >= 57
    assert created + rejected == 59
    assert set(Incident.objects.values_list("external_id", flat=True)) >= {
        str(n) for n in range(1, 60) if n not in (10, 30)
    }


def test_a_row_that_rightly_holds_many_lines_is_one(tmp_path: Path, mapping: Mapping) -> None:
    content = HEAD + row(1, title='"rad ett\nrad två\nrad tre"') + row(2)
    assert taken(tmp_path, mapping, "a.csv", content.encode()) == (2, 2, 0, [])
    assert Incident.objects.get(external_id="1").title == "rad ett\nrad två\nrad tre"


def test_empty_lines_before_the_header(tmp_path: Path, mapping: Mapping) -> None:
    assert taken(tmp_path, mapping, "a.csv", ("\n\n" + HEAD + row(1)).encode()) == (1, 1, 0, [])


def test_half_characters_and_other_bytes_reject_their_row(tmp_path: Path, mapping: Mapping) -> None:
    good = '"when": "2026-03-02", "what": "Klotter"'
    content = f'[{{"id": "\\ud800", {good}}}, {{"id": 2, {good}, "x\\udc00": 1}}, {{"id": "K\xf6", {good}}}, {{"id": 4, {good}}}]'
    assert taken(tmp_path, mapping, "a.json", content.encode("latin-1")) == (4, 1, 3, [])
    lines = f'{{"id": "\\udfff", {good}}}\n{{"id": 5, {good}}}\n'
    assert taken(tmp_path, mapping, "a.jsonl", lines.encode()) == (2, 1, 1, [])


@pytest.mark.parametrize(
    "content",
    [b"[" * 500_000, b'{"a":' * 300_000, b"5", b"null", b'"text"', b'[{"id": 1}] and more'],
)
def test_json_that_is_not_what_it_seems(tmp_path: Path, mapping: Mapping, content: bytes) -> None:
    _read, created, _rejected, problems = taken(tmp_path, mapping, "a.json", content)
    assert created == 0
    assert len(problems) == 1


def test_what_came_before_too_deep_json_is_kept(tmp_path: Path, mapping: Mapping) -> None:
    content = b'[{"id": 1, "when": "2026-03-02", "what": "Klotter"}, {"id": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]"
    read, created, rejected, problems = taken(tmp_path, mapping, "a.json", content)
    assert (read, created, rejected, len(problems)) == (1, 1, 0, 1)


def test_a_number_of_thousands_of_digits(tmp_path: Path, mapping: Mapping) -> None:
    content = f'[{{"id": {"9" * 5000}, "when": "2026-03-02", "what": "Klotter"}}, {{"id": 2, "when": "2026-03-02", "what": "Klotter"}}]'
    assert taken(tmp_path, mapping, "a.json", content.encode()) == (2, 2, 0, [])


def test_geometry_of_any_shape(tmp_path: Path, mapping: Mapping) -> None:
    shapes = [
        "abc",
        [1],
        {"type": "Point", "coordinates": 5},
        {"type": "Point", "coordinates": {"a": 1}},
        {"type": "Point", "coordinates": [[1], {}]},
    ]
    features = [
        {"type": "Feature", "geometry": g, "properties": {"id": n, "when": "2026-03-02", "what": "Klotter"}}
        for n, g in enumerate(shapes)
    ]
    features.append(
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [16.51, 59.37, 3]},
            "properties": {"id": 9, "when": "2026-03-02", "what": "Klotter"},
        }
    )
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert taken(tmp_path, mapping, "a.geojson", content) == (6, 1, 5, [])
    assert taken(tmp_path, mapping, "b.geojson", b'{"type": "FeatureCollection", "features": 5}')[1] == 0


def test_a_workbook_with_a_column_twice_and_one_with_nothing(tmp_path: Path, mapping: Mapping) -> None:
    for rows in ([["id", "when", "id"], [1, "2026-03-02", 2]], []):
        book, out = openpyxl.Workbook(), io.BytesIO()
        for values in rows:
            book.active.append(values)
        book.save(out)
        read, created, _rejected, problems = taken(tmp_path, mapping, "a.xlsx", out.getvalue())
        assert (read, created, len(problems)) == (0, 0, 1)


def test_what_is_no_ordinary_file_is_named(tmp_path: Path, mapping: Mapping) -> None:
    os.mkfifo(tmp_path / "ror.csv")
    for path in (tmp_path / "ror.csv", tmp_path, tmp_path / "saknas.csv", tmp_path / ("x" * 300), Path("/dev/null")):
        read, created, _rejected, problems = take(path, mapping)
        assert (read, created, len(problems)) == (0, 0, 1)


def test_times_outside_all_reason(tmp_path: Path, mapping: Mapping) -> None:
    """An end or an observation in the year 9999 would break pages, or never let a correction through."""
    columns = {**mapping.columns, "ended": ("grave",)}
    columns.pop("seriousness")
    wide = Mapping(**{**mapping.__dict__, "columns": columns})
    content = (
        HEAD
        + row(1, grave="9999-12-31")
        + row(2, seen="9999-12-31")
        + row(3, seen="0001-01-01")
        + row(4, lon="1_6.5")
        + row(5)
    )
    assert taken(tmp_path, wide, "a.csv", content.encode()) == (5, 1, 4, [])


def test_names_longer_than_the_tables_hold_are_the_same_next_time(tmp_path: Path, mapping: Mapping) -> None:
    for _time in range(2):
        Lookup().find("Bråk " + "å" * 200, "Huvud " + "ö" * 200)
        assert Municipalities().find("Kommun " + "x" * 200) is not None
    assert Category.objects.filter(name_sv__startswith="Bråk ").count() == 1
    assert Category.objects.filter(name_sv__startswith="Huvud ").count() == 1
    assert Municipality.objects.filter(name__startswith="Kommun ").count() == 1


def test_two_imports_that_meet_the_same_new_category_make_it_once() -> None:
    first, second = Lookup(), Lookup()
    assert first.find("Alldeles nytt", "En huvudkategori") == second.find("Alldeles nytt", "En huvudkategori")
    assert second.find("alldeles  NYTT") == first.find("Alldeles nytt")


def test_an_import_that_was_killed_is_told_of(tmp_path: Path, mapping: Mapping) -> None:
    killed, at_work = (
        ImportRun.objects.create(controller=home(), profile="dödad"),
        ImportRun.objects.create(controller=home(), profile="arbetar"),
    )
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(7003, %s::bigint::int)", [at_work.pk])
        assert taken(tmp_path, mapping, "a.csv", (HEAD + row(1)).encode()) == (1, 1, 0, [])
    finally:
        session = other.connection.info.backend_pid
        other.close()
    killed.refresh_from_db()
    at_work.refresh_from_db()
    assert killed.ended_at is not None
    assert killed.counts == {"interrupted": True}
    assert at_work.ended_at is None
    _until_gone(session)
    assert interrupted.mark() == 1, "nobody works on it any more"
    assert interrupted.mark() == 0


def _until_gone(session: int) -> None:
    """Wait until the server, too, has ended a session that was closed."""
    for _attempt in range(300):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s", [session])
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the closed session lives on")
