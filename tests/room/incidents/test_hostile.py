"""Files that are wrong or mean harm: refused in clear words, with the rest imported."""

from __future__ import annotations

import gzip
import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.mapping import Mapping
from samverkan.domain.incidents.models import Incident
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.reading import limits

pytestmark = pytest.mark.django_db
HEAD = "id,when,what,title,lon,lat,seen,grave\n"
GOOD = "1,2026-03-02 08:05,Klotter,Titel,16.51,59.37,,\n"


def take(path: Path, mapping: Mapping) -> tuple[int, int, int, list[str]]:
    counts = import_files(SYSTEM, paths=[path], mapping=mapping)
    assert counts.read == counts.created + counts.updated + counts.unchanged + counts.digests + counts.rejected
    return counts.read, counts.created, counts.rejected, [f["problem"] for f in counts.files]


def test_nul_long_lines_and_broken_text_lose_only_their_row(
    tmp_path: Path, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_LINE", 5000)
    path = tmp_path / "a.csv"
    path.write_bytes(
        (HEAD + GOOD).encode()
        + b"2,2026-03-02 08:05,Klo\x00tter,Titel,16.51,59.37,,\n"
        + b"3,2026-03-02 08:05,Klotter,"
        + b"x" * 40_000
        + b",16.51,59.37,,\n"
        + b"4,2026-03-02 08:05,Klotter,\x81\x8d\xff,16.51,59.37,,\n"
        + GOOD.replace("1,", "5,", 1).encode()
    )
    read, created, rejected, files = take(path, mapping)
    assert (read, created, rejected, files) == (5, 2, 3, [])


def test_windows_1252_is_understood(tmp_path: Path, mapping: Mapping) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + GOOD.replace("Titel", "Störning på gården")).encode("cp1252"))
    assert take(path, mapping)[:2] == (1, 1)
    assert Incident.objects.get().title == "Störning på gården"


def test_utf_16_and_semicolons(tmp_path: Path, mapping: Mapping) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + GOOD).replace(",", ";").encode("utf-16"))
    assert take(path, mapping)[:2] == (1, 1)


def test_formulas_are_text(tmp_path: Path, mapping: Mapping) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + GOOD.replace("Titel", "=cmd|' /C calc'!A0"))
    take(path, mapping)
    assert Incident.objects.get().title.startswith("=cmd")


@pytest.mark.parametrize(
    ("name", "body", "word"),
    [
        ("tom.csv", b"", "tom"),
        ("tom.json.gz", gzip.compress(b"", mtime=0), "tom"),
        ("bild.pdf", b"%PDF-1.7 ...", "pdf"),
        ("dubbel.csv", b"id,id,when\n1,1,2026-01-01\n", "två gånger"),
        ("kolumn.csv", b"identitet,when\n1,2026-01-01\n", "saknas|finns inte"),
        ("trasig.xlsx", b"PK\x03\x04" + b"0" * 200, "skadad"),
        ("bild.xlsx", b"\x89PNG\r\n", "skadad"),
        ("trasig.json", b'[{"id": 1}, {"id": ', "JSON|slutar"),
        ("trasig.gz.csv.gz", gzip.compress((HEAD + GOOD * 3000).encode(), mtime=0)[:15], "skadad"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    name: str, body: bytes, word: str, tmp_path: Path, mapping: Mapping
) -> None:
    import re

    path = tmp_path / name
    path.write_bytes(body)
    other = tmp_path / "annan.csv"
    other.write_text(HEAD + GOOD)
    counts = import_files(SYSTEM, paths=[path, other], mapping=mapping)
    assert [f["name"] for f in counts.files] == [name]
    assert re.search(word, counts.files[0]["problem"]), counts.files
    assert counts.created == 1


def test_what_came_before_the_damage_in_a_compressed_file_is_kept(tmp_path: Path, mapping: Mapping) -> None:
    rows = "".join(
        GOOD.replace("1,", f"{n},", 1).replace("Titel", sha256(str(n).encode()).hexdigest()) for n in range(1, 3001)
    )
    packed = gzip.compress((HEAD + rows).encode(), mtime=0)
    path = tmp_path / "a.csv.gz"
    for damaged in (
        packed[: len(packed) // 2],
        packed[: len(packed) // 2] + bytes(50) + packed[len(packed) // 2 + 50 :],
    ):
        path.write_bytes(damaged)
        counts = import_files(SYSTEM, paths=[path], mapping=mapping)
        assert 1000 < counts.read <= 3000 and "skadad" in counts.files[0]["problem"]
    assert Incident.objects.count() > 1000


def test_bombs_are_refused_before_they_are_unpacked(
    tmp_path: Path, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (40 << 20))
    assert "MB" in import_files(SYSTEM, paths=[bomb], mapping=mapping).files[0]["problem"]
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1 << 20)
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress((HEAD + GOOD * 60_000).encode()))
    assert "GB" in import_files(SYSTEM, paths=[packed], mapping=mapping).files[0]["problem"]


def test_deep_and_odd_json_is_rejected_row_by_row(tmp_path: Path, mapping: Mapping) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(
        {"id": "1", "when": "2026-03-02", "what": "Klotter", "title": "", "lon": "", "lat": "", "seen": "", "grave": ""}
    )
    path.write_text(
        "\n".join(
            [
                good,
                "[" * 100_000,
                '"text"',
                "{",
                json.dumps({"id": "2", "when": None, "what": "x"}),
                '{"id": "3", "when": "2026-01-01\\u0000", "what": "x"}',
            ]
        )
    )
    read, created, rejected, _files = take(path, mapping)
    assert (read, created, rejected) == (6, 1, 5)


def test_geojson_points_are_incidents(tmp_path: Path, mapping: Mapping) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [16.51, 59.37]},
            "properties": {"id": "1", "when": "2026-03-02", "what": "Klotter"},
        },
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[16, 59], [17, 59]]},
            "properties": {"id": "2", "when": "2026-03-02", "what": "Klotter"},
        },
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert take(path, mapping)[:3] == (2, 1, 1)
    assert Incident.objects.get().precision == "point"


def test_one_identity_over_and_over_is_read_in_time(tmp_path: Path, mapping: Mapping) -> None:
    path = tmp_path / "samma.csv"
    path.write_text(HEAD + GOOD * 20_000 + "".join(GOOD.replace("2026", str(1960 + n)) for n in range(60)), "utf-8")
    counts = import_files(SYSTEM, paths=[path], mapping=mapping)
    assert (counts.read, counts.created, counts.updated, counts.unchanged) == (20_060, 1, 60, 19_999)
