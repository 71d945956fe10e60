# ruff: noqa: DTZ001 (what is read are times on a wall)
"""The one reader: what people's programs do to a table is understood, or told in words."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation import reading
from samverkan.foundation.reading import columns, numbers, times

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WANTED = ["Id", "Datum", "Text"]
GOOD = [["1", "2026-03-02", "ett"], ["2", "2026-03-03", "två"]]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def make(content: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return make


def rows(path: Path, wanted: list[str] | None = None) -> list[list[str]]:
    table = reading.table(path, wanted=wanted or [])
    found = [row for _line, row in table.rows]
    assert all(isinstance(row, list) for row in found), found
    return found  # type: ignore[return-value]


def problems(path: Path) -> list[str]:
    return [row.problem for _line, row in reading.table(path).rows if isinstance(row, reading.BadRow)]


# ------------------------------------------------------------------- tables

PLAIN = "Id;Datum;Text\n1;2026-03-02;ett\n2;2026-03-03;två\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        "sep=;\n" + PLAIN,
        '"sep=;"\r\n' + PLAIN.replace("\n", "\r\n"),
        "\ufeff\ufeff" + PLAIN,
        "\ufeffsep=;\r\n" + PLAIN,
        PLAIN.replace("\n", "\r"),
        "Id;Datum;Text\r\n1;2026-03-02;ett\r2;2026-03-03;två\n",
        PLAIN.replace(";", "\t"),
        PLAIN.replace(";", "|"),
        PLAIN.replace(";", ","),
        "Id;Datum;Text;\n1;2026-03-02;ett;\n2;2026-03-03;två;\n",
        "Id;Datum;Text;;;\n1;2026-03-02;ett\n2;2026-03-03;två;;;;;;;;;\n",
        PLAIN + ";;\n;;\n  ; ;\n\n",
        "Händelser vecka 10;;\nUttaget 2026-03-09;;\n;;\n" + PLAIN,
        "Händelser vecka 10\n\n" + PLAIN,
        "\n\n" + PLAIN,
        '"Id";"Datum";"Text"\n"1";"2026-03-02";"ett"\n"2";"2026-03-03";"två"\n',
        PLAIN.replace("å", "a\u030a"),
    ],
)
def test_one_table_written_in_many_ways(file: Callable[..., Path], content: str) -> None:
    path = file(content)
    assert rows(path, WANTED) == GOOD
    assert rows(path) == GOOD, "also when nobody says what the columns are called"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(file: Callable[..., Path], encoding: str) -> None:
    content = "Id;Händelse\n1;Skadegörelse på gården\n2;Ån i Årby, östra änden\n"
    assert rows(file(content, encoding=encoding)) == [["1", "Skadegörelse på gården"], ["2", "Ån i Årby, östra änden"]]


def test_an_old_code_page_far_down_is_told(file: Callable[..., Path]) -> None:
    content = b"Id;Text\n" + b"1;plain\n" * 20_000 + "2;Skadegörelse\n".encode("cp850") + "3;Stöld\n".encode("cp1252")
    assert [p for p in problems(file(content)) if "cp850" in p]
    assert len(rows(file(b"Id;Text\n3;" + "”Stöld” – sa hon\n".encode("cp1252")))) == 1


def test_letters_that_were_spoilt_are_told(file: Callable[..., Path]) -> None:
    content = (
        "Id;Text\n1;" + "Skadegörelse".encode().decode("cp1252") + "\n2;Sk\ufffddeg\ufffdrelse\n3;Château Ã la carte\n"
    )
    told = problems(file(content))
    assert len(told) == 2 and "två gånger" in told[0] + "två gånger" and "�" in told[1]
    with pytest.raises(reading.BadFile):
        reading.table(file("Id;" + "Händelse".encode().decode("cp1252") + "\n1;a\n"))


def test_headers_with_delimiters_and_line_breaks(file: Callable[..., Path]) -> None:
    table = reading.table(file('Id;"Datum\r\noch tid";"Plats; gata";"a ""b"""\n1;2;3;4\n'))
    assert table.header == ["Id", "Datum och tid", "Plats; gata", 'a "b"']


def test_a_column_twice_is_refused_only_when_it_is_asked_for(file: Callable[..., Path]) -> None:
    path = file("Id;Anm;Anm\n1;a;b\n")
    assert reading.table(path).header == ["Id", "Anm", "Anm (2)"]
    with pytest.raises(reading.BadFile, match="Anm"):
        reading.table(path, wanted=["Anm"])


def test_short_rows_are_filled_and_long_ones_told(file: Callable[..., Path]) -> None:
    found = [row for _line, row in reading.table(file("a;b;c\n1;2\n1\n1;2;3;;;\n1;2;3;4\n")).rows]
    assert found[:3] == [["1", "2", ""], ["1", "", ""], ["1", "2", "3"]]
    assert isinstance(found[3], reading.BadRow) and found[3].text == "1;2;3;4"


def test_cells_of_several_lines_with_missing_cells_after_them(file: Callable[..., Path]) -> None:
    assert rows(file('a;b;c\n1;"rad ett\nrad två"\n2;x;y\n')) == [["1", "rad ett\nrad två", ""], ["2", "x", "y"]]
    assert rows(file('a;b\r1;"rad ett\nrad två"\r2;x\r')) == [["1", "rad ett\nrad två"], ["2", "x"]]


def test_backslashes_before_quotation_marks(file: Callable[..., Path]) -> None:
    assert rows(file('a,b\n1,"sagt \\"så, ja\\" här"\n2,x\n')) == [["1", 'sagt "så, ja" här'], ["2", "x"]]
    assert rows(file('a,b\n1,"C:\\mapp\\"\n2,"så ""här"""\n')) == [["1", "C:\\mapp\\"], ["2", 'så "här"']]


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_characters="\0\r\n\ufffd\ufeffÃ", exclude_categories=["Cc", "Cs"]),
                max_size=8,
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_a_writer_of_csv_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    import csv
    import unicodedata

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([["första", "andra", "tredje"], *cells])
    path = tmp_path_factory.mktemp("t") / "a.csv"
    path.write_text(out.getvalue(), "utf-8", newline="")
    wanted = [[unicodedata.normalize("NFC", cell) for cell in row] for row in cells if any(c.strip() for c in row)]
    assert rows(path, ["första", "andra", "tredje"]) == wanted


# ---------------------------------------------------------------- workbooks


def workbook(
    path: Path,
    *sheets: tuple[str, list[list[Any]]],
    hidden: tuple[str, ...] = (),
    formats: dict[str, str] | None = None,
) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, values in sheets:
        sheet = book.create_sheet(name)
        for row in values:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for cell, form in (formats or {}).items():
        book.worksheets[-1][cell].number_format = form
    book.save(path)
    return path


def test_dates_in_a_workbook_are_as_they_are_shown(tmp_path: Path) -> None:
    values = [
        ["Dag", "Tid", "Båda", "Nummer"],
        [date(2026, 3, 2), time(10, 15), datetime(2026, 3, 2, 10, 15), 12],
        [datetime(2026, 3, 2), time(0, 0), datetime(2026, 3, 2), 12.0],
        ["2026-03-02", "kl 9", datetime(2026, 3, 2, 17, 59, 59, 999_900), 12.5],
    ]
    path = workbook(tmp_path / "a.xlsx", ("Blad", values), formats={"A3": "yyyy-mm-dd", "D2": "0000"})
    assert rows(path) == [
        ["2026-03-02", "10:15:00", "2026-03-02 10:15:00", "0012"],
        ["2026-03-02", "00:00:00", "2026-03-02 00:00:00", "12"],
        ["2026-03-02", "kl 9", "2026-03-02 18:00:00", "12,5"],
    ]


def test_titles_above_hidden_sheets_before_and_a_sheet_that_is_said(tmp_path: Path) -> None:
    table = [["Id", "Datum", "Text"], [1, "2026-03-02", "ett"], [2, "2026-03-03", "två"]]
    path = workbook(
        tmp_path / "a.xlsx",
        ("Listor", [["Klotter"], ["Stöld"]]),
        ("Läs mig", [["Det här är ett uttag"]]),
        ("Data", [["Händelser vecka 10"], [], *table]),
        hidden=("Listor",),
    )
    assert rows(path, WANTED) == GOOD
    found = reading.table(path, wanted=WANTED)
    assert (found.sheet, found.sheets, found.header_line) == ("Data", ["Listor", "Läs mig", "Data"], 3)
    assert reading.table(path, sheet="Listor").header == ["Klotter"]
    with pytest.raises(reading.BadFile, match="Läs mig"):
        reading.table(path, sheet="Finns inte")


@pytest.mark.parametrize("dimension", ['<dimension ref="A1"/>', "", '<dimension ref="A1:XFD1048576"/>'])
def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path, dimension: str) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Blad", [WANTED, *GOOD]))
    _changed(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub("<dimension[^>]*/>", dimension, xml))
    assert rows(path) == GOOD


def test_formulas_without_values_are_named_where_they_are_asked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Blad", [["Id", "Datum", "Summa"], [1, "2026-03-02", "=A2+1"]]))
    assert rows(path, ["Id", "Datum"]) == [["1", "2026-03-02", ""]]
    with pytest.raises(reading.BadFile, match=r"C2.*Summa"):
        reading.table(path, wanted=["Id", "Summa"])
    _changed(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("<v></v>", "<v>2</v>").replace("<v />", "<v>2</v>").replace("<v/>", "<v>2</v>"),
    )
    assert rows(path, ["Id", "Summa"]) == [["1", "2026-03-02", "2"]]


def _changed(path: Path, name: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = change(parts[name].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def _zip(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.ods", _zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", content="x"), "ods"),
        ("a.zip", _zip(data="a;b"), "zip"),
        ("a.csv.gz", gzip.compress(_zip(xl__workbook="x"), mtime=0), "acka|npack"),
        ("a.docx", _zip(word__document="x"), "docx"),
        ("a.xls", OLE + bytes(600), "xls"),
        ("a.xls", b"<html><table><tr><td>Id</td></tr></table></html>", "webb|web"),
        ("a.csv", b"\xef\xbb\xbf <!DOCTYPE html><html>", "webb|web"),
        ("a.xlsx", OLE + bytes(600), "lösenord|password"),
        ("a.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "lösenord|password"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "XML"),
        ("a.csv", b"%PDF-1.7", "pdf"),
        ("a.csv", b"SQLite format 3\0" + bytes(100), "GeoPackage"),
        ("a.csv", b"BZh91AY", "ompress|pack"),
        ("a.json", b'{"error": {"code": 400, "message": "Invalid query"}}', "Invalid query"),
        ("a.json", b'{"type": "Topology", "objects": {}}', "GeoJSON"),
        (
            "a.geojson",
            b'{"type": "FeatureCollection", "crs": {"properties": {"name": "hemligt"}}, "features": []}',
            "hemligt",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_right_words(
    file: Callable[..., Path], name: str, content: bytes, word: str
) -> None:
    with pytest.raises(reading.BadFile, match=word):
        list(reading.read(file(content, name)))


# ------------------------------------------------------------------ objects

ITEM = {"Id": 1, "Datum": "2026-03-02", "plats": {"namn": "A\u030arby"}}


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.txt", "a", "a.json", "a.geojsonl"])
def test_lines_of_json_whatever_the_file_is_called(file: Callable[..., Path], name: str) -> None:
    content = json.dumps(ITEM) + "\n\n" + json.dumps({"Id": 2}) + "\n"
    found = [row for _line, row in reading.read(file(content, name))]
    assert found == [{"Id": 1, "Datum": "2026-03-02", "plats.namn": "Årby"}, {"Id": 2}]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"Id": 1, **properties}}


@pytest.mark.parametrize(
    "content",
    [
        {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}, "features": [feature({"type": "Point", "coordinates": [584500, 6581000]})]},
        {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "SWEREF99 TM"}}, "features": [feature({"type": "MultiPoint", "coordinates": [[584500, 6581000, 7]]})]},
        {"type": "FeatureCollection", "features": [feature({"type": "Point", "coordinates": [16.4863772, 59.3592596, 12.5]})]},
        {"spatialReference": {"wkid": 3006}, "features": [{"attributes": {"Id": 1}, "geometry": {"x": 584500, "y": 6581000}}]},
        {"spatialReference": {"wkid": 102100, "latestWkid": 3857}, "features": [{"attributes": {"Id": 1}, "geometry": {"x": 1835255.1, "y": 8258445.2}}]},
    ],
)  # fmt: skip
def test_points_come_as_degrees_whatever_they_were(file: Callable[..., Path], content: dict[str, Any]) -> None:
    ((_number, row),) = reading.read(file(json.dumps(content), "a.json"))
    assert isinstance(row, dict) and row["Id"] == 1
    assert float(row["lon"]) == pytest.approx(16.4864, abs=2e-4)
    assert float(row["lat"]) == pytest.approx(59.3593, abs=2e-4)


def test_a_sequence_of_geojson_and_points_that_are_missing(file: Callable[..., Path]) -> None:
    parts = [
        feature({"type": "Point", "coordinates": [16.5, 59.4]}),
        feature(None),
        feature({"type": "Point", "coordinates": []}),
    ]
    content = "".join("\x1e" + json.dumps(part) + "\n" for part in parts)
    for name in ("a.geojsons", "a.geojson", "a.json"):
        found = [row for _line, row in reading.read(file(content, name))]
        assert [row.get("lon") for row in found if isinstance(row, dict)] == [16.5, None, None]
    said = dict(
        reading.read(
            file(json.dumps(feature({"type": "Point", "coordinates": [584500, 6581000]})), "b.geojson"), epsg=3006
        )
    )
    assert isinstance(said[1], dict) and said[1]["lon"] == pytest.approx(16.4864, abs=1e-3)


# ------------------------------------------------------- times and numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-02 14.30", "2026-03-02 14:30"),
        ("2026-03-02 9.05", "2026-03-02 09:05"),
        ("2026-03-02 09.05.30", "2026-03-02 09:05"),
        ("2026-03-02T14:30:15.123456", "2026-03-02 14:30"),
        ("2026-03-02 0905", "2026-03-02 09:05"),
        ("2026-03-02 kl 9", "2026-03-02 09:00"),
        ("2026-03-02 kl. 14:05", "2026-03-02 14:05"),
        ("2026-03-02 24:00", "2026-03-03 00:00"),
        ("2026-03-02 2:15 PM", "2026-03-02 14:15"),
        ("2026-03-02 12:15 AM", "2026-03-02 00:15"),
        ("2026/03/02", "2026-03-02"),
        ("20260302", "2026-03-02"),
        ("2026-3-2", "2026-03-02"),
        ("23/11 2026", "2026-11-23"),
        ("23/11 2026 kl. 14.30", "2026-11-23 14:30"),
        ("23/11-26", "2026-11-23"),
        ("23/11/2026", "2026-11-23"),
        ("11/23/2026 11:00:00 PM", "2026-11-23 23:00"),
        ("3.11.2026 08:00", "2026-11-03 08:00"),
        ("27 november 2026", "2026-11-27"),
        ("27 nov. 2026 14.05", "2026-11-27 14:05"),
        ("lördagen den 14 mars 2026 kl. 22.15", "2026-03-14 22:15"),
        ("Mon, 2 Mar 2026", "2026-03-02"),
        ("March 2, 2026", "2026-03-02"),
        ("2026-03-02\u00a014:30", "2026-03-02 14:30"),
        ("2026-03-02T14:30:00Z", "2026-03-02 15:30"),
        ("2026-03-02 14:30+0100", "2026-03-02 14:30"),
        ("2024-10-19 8:43:42 +02:00", "2024-10-19 08:43"),
    ],
)
def test_times_as_they_are_written(text: str, wanted: str) -> None:
    moment, day_only = times.moment(text, STOCKHOLM)
    assert moment.astimezone(STOCKHOLM).strftime("%Y-%m-%d" if day_only else "%Y-%m-%d %H:%M") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "19800101-1212", "198001011212", "800101-1212", "2026-W10", "2026-W10-1", "2026-061", "2026-03", "2026", "14.30", "igår",
        "2026-03-02 14", "2026-03-02 14.3", "2026-03-02 14,30", "2026-03-02 25:00", "2026-03-02 24:01", "2026-03-02 14:60",
        "2026-02-30", "31/4 2026", "03/04/2026", "27 november", "23/11", "46083.427083", "46084", "0000-00-00", "",
        "2026-03-02 14:30 eller senare", "2026-03-02-2026-03-04", "2026-03-29 02:30", "12 mumin 2026", "２０２６-03-02 14:30+99:00",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_time_is_refused(text: str) -> None:
    with pytest.raises(times.NotATime):
        times.moment(text, STOCKHOLM)


def test_a_day_that_can_be_two_is_decided_by_whoever_knows() -> None:
    assert times.written("03/04/2026", True).day == date(2026, 4, 3)
    assert times.written("03/04/2026", False).day == date(2026, 3, 4)


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)),
    st.sampled_from(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d %H%M", "%d.%m.%Y %H.%M", "%Y/%m/%d %H:%M:%S"]),
)
def test_every_minute_that_was_is_read_and_no_other(moment: datetime, form: str) -> None:
    moment = moment.replace(second=0, microsecond=0)
    local = moment.replace(tzinfo=STOCKHOLM)
    there = local.astimezone(UTC).astimezone(STOCKHOLM).replace(tzinfo=None) == moment
    try:
        found, day_only = times.moment(moment.strftime(form), STOCKHOLM)
    except times.NotATime:
        assert not there
    else:
        assert there and not day_only and found == local.astimezone(UTC)


def test_a_date_and_a_time_in_two_cells() -> None:
    assert times.joined("2026-03-02", "1899-12-30 10:15:00").clock == time(10, 15)
    assert times.joined("2026-03-02 00:00:00", "23.40").clock == time(23, 40)
    assert times.joined("2026-03-02", "24:00") == times.Written(date(2026, 3, 3), time(0))
    with pytest.raises(times.NotATime):
        times.joined("2026-03-02 10:15", "11:00")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16,4894", 16.4894), ("16.4894", 16.4894), ("584 500,5", 584500.5), ("6\u00a0580\u202f000,5", 6580000.5), ("\u221216,5", -16.5),
        ("6581000", 6581000.0), ("1e3", 1000.0), ("+5", 5.0), (".5", 0.5),
    ],
)  # fmt: skip
def test_numbers_as_they_are_written(text: str, value: float) -> None:
    assert numbers.number(text) == value


@pytest.mark.parametrize("text", ["", "1_000", "nan", "inf", "1,000,000", "1.234,5", "16,5°", "x", "５"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        numbers.number(text)
    assert numbers.number("1.234,5", ",") == 1234.5


def test_columns_are_known_by_what_files_call_them() -> None:
    found = columns.guess(
        ["Ärendenr", "Brottsdatum", "Klockan", "Brottstyp", "SWEREF N", "SWEREF E", "Plats", "Stadsdel"]
    )
    assert found == {
        "id": "Ärendenr", "date": "Brottsdatum", "time": "Klockan", "category": "Brottstyp", "y": "SWEREF N", "x": "SWEREF E",
        "place": "Plats", "area": "Stadsdel",
    }  # fmt: skip
    assert columns.guess(["fr.o.m.", "t.o.m.", "Latitud", "Longitud"]) == {
        "started": "fr.o.m.", "ended": "t.o.m.", "lat": "Latitud", "lon": "Longitud",
    }  # fmt: skip
    assert columns.guess(["ARENDENUMMER", "HANDELSETYP"]) == {"id": "ARENDENUMMER", "category": "HANDELSETYP"}
    assert "x" not in columns.guess(["X", "Datum"]), "coordinates come in pairs"
