"""Tables in workbooks (XLSX): the visible sheet, dates as they are shown, nothing lost in silence."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from . import headers, letters, limits
from .columns import guess
from .problems import BadFile, BadRow
from .tables import Table
from .words import _

#: A formula with nothing after it, or with an empty value that is not said to be an empty text.
_NOT_SAVED = re.compile(
    rb'<(?:\w{1,20}:)?c\b(?P<before>[^<>]{0,300})\br="(?P<column>[A-Z]{1,3})(?P<row>\d{1,7})"(?P<after>[^<>]{0,300})>\s*'
    rb"<(?:\w{1,20}:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w{1,20}:)?f>)\s*"
    rb"(?P<value><(?:\w{1,20}:)?v\s*/>|<(?:\w{1,20}:)?v\s*>\s*</(?:\w{1,20}:)?v>)?\s*</(?:\w{1,20}:)?c>"
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TIME_SIGNS = re.compile(r'"[^"]*"|\\.|\[\$[^\[\]]*\]|\[(?!h)[^\[\]]*\]', re.IGNORECASE)


def open_workbook(path: Path, wanted: Collection[str] = (), sheet: str = "") -> Table:
    """The table of a workbook's sheet: the one named, else the visible one that holds the wanted columns.

    Raises BadFile.
    """
    import openpyxl

    _sized(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # the library raises many kinds for damaged files
        raise BadFile(_("The workbook cannot be read. Open it in a spreadsheet program and save it again.")) from error
    try:
        shown = [s for s in book.worksheets if s.sheet_state == "visible"] or list(book.worksheets)
        if sheet:
            shown = [s for s in book.worksheets if s.title == sheet]
            if not shown:
                raise BadFile(
                    _("There is no sheet “{name}”. There is: {names}.").format(
                        name=sheet, names=", ".join(s.title for s in book.worksheets)
                    )
                )
        chosen = _chosen(shown, wanted)
        header, header_line = _header(chosen, wanted)
    except BadFile:
        book.close()
        raise
    except Exception as error:
        book.close()
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from error
    try:
        _saved(path, chosen, header, header_line, wanted)
    except BadFile:
        book.close()
        raise
    alike = [] if sheet else _alike([s for s in shown if s is not chosen], wanted or _known(header))
    rows = _rows(book, chosen, header, header_line)
    return Table(
        header,
        rows,
        header_line=header_line,
        sheet=chosen.title,
        sheets=[s.title for s in book.worksheets],
        alike=alike,
    )


def _sized(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            packed = max(1, sum(info.compress_size for info in infos))
            book = (
                archive.read("xl/workbook.xml")
                if "xl/workbook.xml" in archive.namelist() and size < limits.MAX_SHEET
                else b""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from error
    if size > limits.MAX_SHEET or (size > (32 << 20) and size / packed > limits.MAX_RATIO):
        raise BadFile(_("The workbook unpacks to {n} MB. Save it as CSV and try again.").format(n=size >> 20))
    if b"purl.oclc.org/ooxml" in book:
        raise BadFile(
            _("The workbook is of the kind “Strict Open XML”. Save it as an ordinary workbook (.xlsx) or as CSV.")
        )


def _top(sheet: Any) -> list[list[str]]:
    """The first rows of a sheet as texts. What the sheet says of its own size is not believed."""
    sheet.reset_dimensions()
    return [[shown(cell) for cell in row] for row in islice(sheet.iter_rows(), limits.LOOKED_AT)]


def _chosen(sheets: list[Any], wanted: Collection[str]) -> Any:
    """The first sheet with most of the wanted columns, else with most that files are known to have, else with anything."""
    names = {headers.named(name) for name in wanted}
    tops = [(sheet, rows) for sheet, rows in ((sheet, _top(sheet)) for sheet in sheets) if any(map(any, rows))]
    if not tops:
        raise BadFile(_("The file is empty."))

    def worth(rows: list[list[str]]) -> int:
        if names:
            return max(len(names & {headers.named(cell) for cell in row}) for row in rows)
        return len(guess(rows[headers.line_of(rows)]))

    return max(tops, key=lambda top: worth(top[1]))[0]


def _known(header: list[str]) -> list[str]:
    """The columns of a sheet by which another would be known to go on with the same."""
    return list(guess(header).values())


def _alike(sheets: list[Any], wanted: Collection[str]) -> list[str]:
    """Other sheets that are shown and have the same columns, and rows below them."""
    names = {headers.named(name) for name in wanted}
    found = []
    for sheet in sheets if len(names) > 1 else []:
        rows = _top(sheet)
        at = next((n for n, row in enumerate(rows) if names <= {headers.named(cell) for cell in row}), None)
        if at is not None and any(any(row) for row in rows[at + 1 :]):
            found.append(sheet.title)
    return found


def _header(sheet: Any, wanted: Collection[str]) -> tuple[list[str], int]:
    rows = _top(sheet)
    at = headers.line_of(rows, wanted)
    header = headers.each_once(rows[at], wanted) if rows else []
    if not any(header):
        raise BadFile(_("The file is empty."))
    return header, at + 1


def _rows(book: Any, sheet: Any, header: list[str], header_line: int) -> Iterator[tuple[int, list[str] | BadRow]]:
    width = len(header)
    try:
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(min_row=header_line + 1), start=header_line + 1):
            values = [shown(cell) for cell in cells]
            if not any(values):
                continue
            if len(values) > width:
                if any(values[width:]):
                    problem = _("The row has {n} fields but the header has {m}.").format(n=len(values), m=width)
                    yield line, BadRow(problem, ";".join(values)[: limits.KEPT], tuple(header))
                    continue
                del values[width:]
            values += [""] * (width - len(values))
            text = "".join(values)
            if problem := letters.spoilt(text) if not text.isascii() else "":
                yield line, BadRow(problem, ";".join(values)[: limits.KEPT], tuple(header))
                continue
            yield line, values
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(_("The workbook is damaged. What came before is read.")) from error
    finally:
        book.close()


def shown(cell: Any) -> str:
    """A cell as text: a date alone where its format shows no hour, whole seconds, numbers without a tail."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if "_x" in value:
            value = _ESCAPED.sub(_unescaped, value)
        return letters.composed(value).strip()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        # Spreadsheets count parts of a day: 17:59:59.9999 is how they keep 18:00.
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        if value.time() == time(0) and not _tells_hour(cell.number_format):
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + (value.microsecond >= 500_000)
        return _clock(seconds)
    if isinstance(value, timedelta):
        return _clock(round(value.total_seconds()))
    if isinstance(value, int | float) and float(value).is_integer() and abs(value) < 1e15:
        # A number shown as 0012 is one that somebody writes so.
        zeros = re.fullmatch("0+", cell.number_format or "")
        return str(int(value)).zfill(len(zeros[0]) if zeros else 0)
    # With a comma, as it is shown: 14.35 in a column of times is somebody's number, and no time of day.
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _unescaped(match: re.Match[str]) -> str:
    """A sign that a workbook may not hold itself. Returns before line feeds go."""
    sign = chr(int(match[1], 16))
    return sign if sign.isprintable() or sign in "\t\n" else ""


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _tells_hour(pattern: str) -> bool:
    return bool(re.search("[hs]", _TIME_SIGNS.sub("", (pattern or "").split(";")[0]), re.IGNORECASE))


def _saved(path: Path, sheet: Any, header: list[str], header_line: int, wanted: Collection[str]) -> None:
    """Refuse formulas whose values were never saved: the cells would be read as empty."""
    from openpyxl.utils import column_index_from_string

    asked = {headers.named(name) for name in wanted or _known(header)}
    try:
        with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path.lstrip("/")) as xml:
            rest = b""
            while data := xml.read(1 << 20):
                data = rest + data
                if b"<f" in data or b":f" in data:
                    for cell in _NOT_SAVED.finditer(data):
                        if cell["value"] and b't="str"' in cell["before"] + cell["after"]:
                            continue  # the formula's value is an empty text
                        at = column_index_from_string(cell["column"].decode()) - 1
                        name = header[at] if at < len(header) else ""
                        if int(cell["row"]) > header_line and name and (not asked or name in asked):
                            raise BadFile(
                                _(
                                    "Cell {cell} in the column “{name}” holds a formula whose value was not saved. "
                                    "Open the workbook in a spreadsheet program and save it again."
                                ).format(cell=(cell["column"] + cell["row"]).decode(), name=name)
                            )
                begins = max(data.rfind(b"<c "), data.rfind(b":c ") - 20)
                rest = data[begins:][-100_000:] if begins > 0 else b""
    except (KeyError, AttributeError, zipfile.BadZipFile, OSError):
        return  # the reader itself tells of damage
