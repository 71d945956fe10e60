"""Troubles of files that people have, each made here with its truth known: the reader alone, without a database."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from samverkan.foundation import reading
from samverkan.foundation.files.images import Unreadable, normalise
from samverkan.foundation.reading import columns, letters, times, values
from tests.harness.raw_workbooks import Cell, raw_workbook

Make = Callable[..., Path]
HEAD = "Id;Datum;Kategori\n"
ROWS = "1;2026-03-02 10:15;Klotter\n2;2026-03-03 11:00;Stöld\n"


@pytest.fixture
def file(tmp_path: Path) -> Make:
    def make(content: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return make


def rows(path: Path, **more: Any) -> list[Any]:
    return [row if isinstance(row, dict) else row.problem for _line, row in reading.read(path, **more)]


# ------------------------------------------------------------------ letters


@pytest.mark.parametrize("page", ["cp850", "cp437", "mac_roman", "utf-8", "cp1252", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", ["Skadegörelse på gården", "Åverkan;Övrigt", "STÖLD I ÄRLA PÅ ÅSÖN"])
def test_letters_arrive_whatever_the_code_page(file: Make, page: str, text: str) -> None:
    ending = "\r" if page == "mac_roman" else "\n"
    found = rows(file(f"a;b{ending}1;{text}{ending}".replace(";Övrigt", " Övrigt"), encoding=page))
    assert found == [{"a": "1", "b": text.replace(";", " ")}]


@pytest.mark.parametrize(
    "text", ["han sa ”hej” och – gick … till café’t", "”Hej”, sa hon", "it’s a ‘test’", "€50 per man™"]
)
def test_quotation_marks_are_no_old_code_page(text: str) -> None:
    assert letters.encoding_of(text.encode("cp1252")) == "utf-8"


@pytest.mark.parametrize("wrong", ["cp1252", "latin-1", "mac_roman", "cp850"])
def test_letters_that_were_read_in_the_wrong_code_page_are_told(file: Make, wrong: str) -> None:
    twice = "Skadegörelse på Åsö".encode().decode(wrong)
    assert all("kodats två gånger" in str(row) for row in rows(file(f"a;b\n1;{twice}\n2;{twice}\n")))
    thrice = twice.encode().decode(wrong)
    assert "kodats två gånger" in str(rows(file(f"a;b\n1;{thrice}\n"))[0])


def test_an_old_code_page_far_down_is_told_by_its_name(file: Make) -> None:
    content = b"a;b\n" + b"1;x\n" * 20_000 + "2;Skadegörelse på gård\n".encode("mac_roman")
    assert "mac_roman" in str(rows(file(content))[-1])


# ------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    "content",
    [
        "sep=,\n" + HEAD + ROWS,
        "sep=;;\n" + HEAD + ROWS,
        "SEP=;\r\n" + (HEAD + ROWS).replace("\n", "\r\n"),
        "\u200bId;Datum\u00a0;Kate\u00adgori\ufeff\n" + ROWS,
        (HEAD + ROWS).replace("\n", "\r\r\n"),
    ],
)
def test_hints_that_no_longer_hold_and_signs_that_are_not_seen(file: Make, content: str) -> None:
    found = rows(file(content), wanted=["Id", "Datum", "Kategori"])
    assert [list(row.values()) for row in found] == [line.split(";") for line in ROWS.splitlines()]


def test_a_quotation_mark_that_nobody_closes_takes_no_rows_with_it(file: Make) -> None:
    found = rows(file(HEAD + '1;2026-03-02;"Klotter\n2;2026-03-02;Stöld\n3;2026-03-02;Bråk\n'))
    assert "citattecken" in found[0] and [row["Id"] for row in found[1:]] == ["2", "3"]
    whole = rows(file(HEAD + '1;2026-03-02;"Klotter\noch mer"\n2;2026-03-02;"Stöld\nigen"'))
    assert [row["Kategori"] for row in whole] == ["Klotter\noch mer", "Stöld\nigen"]


@pytest.mark.parametrize(
    "text",
    ["NULL", "null", "(null)", "<Null>", "#N/A", "#SAKNAS!", "N/A", "n/a", "NA", "NaN", "-", "–", "--", "..", "uppgift saknas", " - "],
)  # fmt: skip
def test_what_says_that_a_value_is_missing(text: str) -> None:
    assert values.plain(text) == ""


def test_what_is_a_value() -> None:
    kept = {'="0012"': "0012", "0012": "0012", 12.0: "12", 12.5: "12.5", "0": "0", 0: "0", "Nana": "Nana", "-1": "-1"}
    assert {given: values.plain(given) for given in kept} == kept
    assert [values.ruined(text) for text in ("2,02603E+11", "2.02603E11", "2E+11", "1E5", "0012", "5000-K1-26")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert values.error("#VÄRDEFEL!") and values.error("#DIVISION/0!") and values.narrow("#####")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("K-nummer;Brottsdatum fr.o.m.;Brottsdatum t.o.m.;Brottsrubricering;Plats", "id started ended category place"),
        ("Ärende;Datum;Klockslag;Brottskod;X-koordinat (SWEREF 99 TM);Y-koordinat (SWEREF 99 TM)", "id date time category x y"),
        ("Löpnr;Datum och tid;Typ av händelse;N (SWEREF 99 TM);E (SWEREF 99 TM);Gatuadress", "id started category y x place"),
        ("Anmälningsnummer;Brottsdag;Brottstid;Brottsrubrik;Brottsplats;Kommun", "id date time category place municipality"),
        ("Ärendenr;Fr.o.m. datum;Fr.o.m. tid;Brottstyp;Sweref_nord;Sweref_ost", "id date time category y x"),
        ("Ärendenr;Datum;Kl.;Vad har hänt;Var;Koordinat N;Koordinat E", "id date time category place y x"),
        ("Dnr;Inträffat;Rubricering;Latitud (WGS84);Longitud (WGS84)", "id started category lat lon"),
        ("Rapport-id;Händelsedatum;Klockslag;Huvudkategori;Underkategori", "id date time main_category category"),
        ("Ärendenr;Anmälningsdatum;Brottstyp", "id - category"),
    ],
)  # fmt: skip
def test_columns_by_their_swedish_names(header: str, found: str) -> None:
    wanted = {field: name for field, name in zip(found.split(), header.split(";"), strict=True) if field != "-"}
    assert columns.guess(header.split(";")) == wanted


# -------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("27/11-2025", date(2025, 11, 27), None),
        ("27-nov-25", date(2025, 11, 27), None),
        ("27-nov-2025 18.30", date(2025, 11, 27), time(18, 30)),
        ("2025–11–27", date(2025, 11, 27), None),
        ("2025-11-27 930", date(2025, 11, 27), time(9, 30)),
        ("2025-11-27T22:00-02:00", date(2025, 11, 27), time(22)),
        ("2025-11-27 22:00:00-05", date(2025, 11, 27), time(22)),
    ],
)
def test_more_ways_to_write_a_day(text: str, day: date, clock: time | None) -> None:
    told = times.written(text)
    assert (told.day, told.clock) == (day, clock)


@pytest.mark.parametrize(
    "text", ["22:00-02:00", "14:30-15:00", "2200-0200", "14,30", "0,25", "60:00", "natt", "2025-11-28 14:30"]
)
def test_a_night_or_a_number_is_no_time_of_day(text: str) -> None:
    with pytest.raises(times.NotATime, match="finns inte som klockslag"):
        times.joined("2025-11-27", text)


def test_a_time_cell_may_hold_its_day_too() -> None:
    assert times.joined("2025-11-27", "2025-11-27 14:30").clock == time(14, 30)
    assert times.joined("2025-11-27 10:00", "10.00").clock == time(10)


# ---------------------------------------------------------------- workbooks

NAMES: list[Cell] = ["Id", "Datum", "Kategori"]
ROW: list[Cell] = ["1", (46083.5, 2), "Klotter"]


def test_numbers_are_no_times_of_day(file: Make) -> None:
    table: list[list[Cell]] = [
        ["Id", "Tid"],
        ["1", (0.25, 3)],
        ["2", 0.25],
        ["3", 14.35],
        ["4", 930],
        ["5", (46083.5, 3)],
    ]
    found = [row["Tid"] for row in rows(file(raw_workbook(("Blad", table)), "a.xlsx"))]
    assert found == ["06:00:00", "0,25", "14,35", "930", "2026-03-02 12:00:00"]


def test_a_formula_whose_value_is_an_empty_text_is_saved(file: Make) -> None:
    saved: list[list[Cell]] = [[*NAMES, "Text"], [*ROW, b'<c@ t="str"><f>IF(1,"","x")</f><v></v></c>']]
    assert rows(file(raw_workbook(("Blad", saved)), "a.xlsx"), wanted=["Id", "Text"])[0]["Text"] == ""
    for lost in (b"<c@><f>TODAY()</f></c>", b"<c@><f>TODAY()</f><v/></c>", b'<c@ t="str"><f>A1</f></c>'):
        path = file(raw_workbook(("Blad", [[*NAMES, "Räkning"], [*ROW, lost]])), "b.xlsx")
        with pytest.raises(reading.BadFile, match=r"D2.*Räkning"):
            rows(path, wanted=["Id", "Räkning"])
        assert rows(path, wanted=["Id", "Datum"]), "a column that nobody asks for stops nothing"
        assert rows(path), "nor one that no file of incidents has"


def test_the_sheet_with_the_data_is_found_and_the_others_told(file: Make) -> None:
    cover: list[list[Cell]] = [["Rapport"], ["Skapad av en människa"]]
    content = raw_workbook(("Omslag", cover), ("jan", [NAMES, ROW]), ("feb", [NAMES, ROW]), ("tom", [NAMES]))
    table = reading.table(file(content, "a.xlsx"))
    assert (table.sheet, table.alike) == ("jan", ["feb"])
    assert reading.table(file(content, "a.xlsx"), sheet="feb").alike == []
    hidden = raw_workbook(("Mall", [NAMES, ROW]), ("feb", [NAMES, ROW]), states={"Mall": "veryHidden"})
    assert (table := reading.table(file(hidden, "a.xlsx"))).sheet == "feb" and table.alike == []


def test_titles_above_the_header_of_a_workbook(file: Make) -> None:
    table: list[list[Cell]] = [["Händelser i mars"], [], ["Utskrivet", (46090, 1)], [], NAMES, ROW]
    assert reading.table(file(raw_workbook(("Blad", table)), "a.xlsx")).header_line == 5
    escaped = rows(file(raw_workbook(("Blad", [NAMES, ["1", "2026-03-02", "rad_x000D_\nett"]])), "a.xlsx"))
    assert escaped[0]["Kategori"] == "rad\nett"


# ------------------------------------------------------ what cannot be read


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (archive("content.xml", "META-INF/manifest.xml"), "a.ods", r"\.ods"),
        (archive("Index/Document.iwa"), "a.numbers", r"\.numbers"),
        (archive("a.shp", "a.dbf"), "a.zip", "Shapefile"),
        (archive("a.csv"), "a.zip", "zip-arkiv"),
        (archive(), "a.zip", "zip-arkiv"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "a.csv", "ingen tabell"),
        (b"\x00\x00\x27\x0a" + b"\0" * 200, "a.shp", r"\.shp"),
        (b"<?xml version='1.0'?><Workbook/>", "a.xls", "XML"),
    ],
)
def test_what_is_refused_in_its_own_words(file: Make, content: bytes, name: str, says: str) -> None:
    with pytest.raises(reading.BadFile, match=says):
        rows(file(content, name))


def test_a_table_of_text_is_read_whatever_it_is_called(file: Make) -> None:
    for content, name in (
        ((HEAD + ROWS).replace(";", "\t"), "a.xls"),
        (json.dumps([{"Id": "1"}, {"Id": "2"}]), "a.csv"),
    ):
        assert [row["Id"] for row in rows(file(content, name))] == ["1", "2"]


# ------------------------------------------------------------------ geodata


def feature(coordinates: Any, kind: str = "Point", **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"Id": "1"},
        "geometry": {"type": kind, "coordinates": coordinates},
        **more,
    }


def crs(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


METRES, DEGREES = [584500, 6581000], (16.4864, 59.3593)


@pytest.mark.parametrize(
    "name",
    ["EPSG:3006", "urn:ogc:def:crs:EPSG::3006", "urn:ogc:def:crs:EPSG:9.8:3006", "http://www.opengis.net/def/crs/EPSG/0/3006",
     "http://spatialreference.org/ref/epsg/3006/", "SWEREF99 TM", "SWEREF 99 TM", "EPSG 3006", "3006"],
)  # fmt: skip
def test_systems_by_the_names_that_files_give_them(file: Make, name: str) -> None:
    for whole in (
        {"type": "FeatureCollection", "crs": crs(name), "features": [feature(METRES)]},
        {"type": "FeatureCollection", "features": [feature(METRES, crs=crs(name))]},
        {
            "type": "FeatureCollection",
            "crs": {"type": "link", "properties": {"href": name}},
            "features": [feature(METRES)],
        },
    ):
        row = rows(file(json.dumps(whole), "a.geojson"))[0]
        assert (row["lon"], row["lat"]) == pytest.approx(DEGREES, abs=1e-4)


def test_a_system_that_is_not_known_is_asked_for_and_can_be_said(file: Make) -> None:
    path = file(
        json.dumps({"type": "FeatureCollection", "crs": crs("Lokalt"), "features": [feature(METRES)]}), "a.geojson"
    )
    with pytest.raises(reading.UnknownSystem, match="--epsg"):
        rows(path)
    assert rows(path, epsg=3006)[0]["lat"] == pytest.approx(DEGREES[1], abs=1e-4)


def test_a_sequence_whose_records_take_several_lines(file: Make) -> None:
    text = "".join("\x1e" + json.dumps(feature([16.5, 59.37], id=n), indent=1) + "\n" for n in range(3))
    assert [row["lon"] for row in rows(file(text, "a.geojsons"))] == [16.5] * 3
    broken = text.replace('"geometry"', '"geometry', 1)
    assert [isinstance(row, dict) for row in rows(file(broken, "a.geojsons"))] == [False, True, True]


def esri(geometry: Any, system: dict[str, Any], **more: Any) -> str:
    return json.dumps({"spatialReference": system, "features": [{"attributes": {"Id": "1", "Tid": 1772442900000}, "geometry": geometry}], **more})  # fmt: skip


def test_features_of_esri(file: Make) -> None:
    fields = [{"name": "Tid", "type": "esriFieldTypeDate"}]
    found = rows(file(esri({"x": 584500, "y": 6581000}, {"wkid": 3006}, fields=fields), "a.json"))[0]
    assert (found["lon"], found["lat"]) == pytest.approx(DEGREES, abs=1e-4)
    assert found["Tid"] == "2026-03-02T09:15:00+00:00"
    for system in ({"wkid": 102100}, {"wkid": 102100, "latestWkid": 3857}):
        assert rows(file(esri({"x": 1836000, "y": 8262000}, system), "a.json"))[0]["lon"] == pytest.approx(
            16.493, abs=0.01
        )
    assert rows(file(esri({"points": [[16.5, 59.37]]}, {"wkid": 4326}), "a.json"))[0]["lon"] == 16.5
    assert "LineString" in rows(file(esri({"paths": [[[16.5, 59.37]]]}, {"wkid": 4326}), "a.json"))[0]


def test_an_answer_that_is_only_a_part_is_told_after_its_rows(file: Make) -> None:
    whole = {"type": "FeatureCollection", "features": [feature([16.5, 59.37])]}
    for more in (
        {"exceededTransferLimit": True},
        {"properties": {"exceededTransferLimit": True}},
        {"numberMatched": 9, "numberReturned": 1},
    ):
        found = []
        with pytest.raises(reading.BadFile, match="bara en del"):
            for _line, row in reading.read(file(json.dumps(whole | more), "a.geojson")):
                found.append(row)
        assert len(found) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": 498, "message": "nej"}},
        {"error": "nej"},
        {"errors": [{"message": "nej"}]},
        {"exceptions": [{"code": "x", "text": "nej"}]},
        {"code": "NotFound", "description": "nej"},
        {"status": "error", "message": "nej"},
        {"success": False, "message": "nej", "data": []},
        {"type": "about:blank", "title": "nej", "status": 404},
        {"error": {"message": "nej"}, "features": []},
    ],
)
def test_an_error_that_a_server_answered_as_if_all_were_well(file: Make, answer: dict[str, Any]) -> None:
    with pytest.raises(reading.BadFile, match=r"felmeddelande.*nej"):
        rows(file(json.dumps(answer), "a.json"))


# ------------------------------------------------------------------- photos


def segment(kind: int, content: bytes, length: int | None = None) -> bytes:
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(content) + 2 if length is None else length) + content


def jpeg(**more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 40, 30)).save(out, "JPEG", **more)
    return out.getvalue()


@pytest.mark.parametrize(
    "hanging",
    [
        segment(0xE1, b"Exif\0\0" + bytes(range(256))),
        segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xf0"),
        segment(0xE1, b"", 0xFFFF),
        segment(0xE1, b"", 0),
        segment(0xE1, b"Exif\0\0MM\0*" + jpeg()[:2000] + b"\xff\xd9", 0xFFFF),
        segment(0xED, b"Photoshop 3.0\x008BIM" + bytes(50)),
        segment(0xE2, b"ICC_PROFILE\0\x02\x03" + bytes(300)),
        b"".join(segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) for _ in range(60)),
        b"".join(segment(0xFE, bytes(65_000)) for _ in range(60)),
    ],
)
def test_metadata_that_is_broken_or_long_refuses_no_picture(hanging: bytes) -> None:
    plain = jpeg()
    made = normalise(plain[:2] + hanging + plain[2:])
    assert (made.width, made.height) == (640, 480)


def chunk(kind: bytes, content: bytes, check: int | None = None) -> bytes:
    checked = zlib.crc32(kind + content) if check is None else check
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checked)


@pytest.mark.parametrize(
    "hanging",
    [
        chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(64 << 20))),
        chunk(b"iCCP", b"x\0\0rubbish"),
        chunk(b"gAMA", bytes(4), check=0),
        chunk(b"tEXt", b"a\0b", check=0),
        chunk(b"eXIf", bytes(40)),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 << 20))),
    ],
)
def test_the_same_of_png(hanging: bytes) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 30)).save(out, "PNG")
    plain = out.getvalue()
    assert normalise(plain[:33] + hanging + plain[33:]).width == 64


def test_a_picture_that_is_broken_itself_is_refused() -> None:
    with pytest.raises(Unreadable):
        normalise(jpeg()[:3000])
