"""Rows out of files: CSV, XLSX, JSON, JSONL, GeoJSON and gzip of these.

Every reader yields ``(line, row)`` where ``row`` is a dict of the file's own columns, or
``(line, BadRow)`` for a row that cannot be read, and raises :class:`BadFile` when nothing more can
be read. Memory is bounded: files are streamed and a single line has a limit.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

MAX_LINE = 1 << 20  # characters; the longest honest row seen is far below a tenth of this
MAX_UNPACKED = 8 << 30  # bytes out of a compressed file
MAX_SHEET = 600 << 20  # bytes of XML in one workbook
MAX_RATIO = 400  # times: spreadsheets seen in the field stay below 60
#: Quotation marks that are not closed, after which the lines they swallowed are read again. More are no mistake.
MAX_MENDED = 1000
#: Characters kept of a row that cannot be read, so that it can be mended.
KEPT = 10_000

Row = dict[str, Any]


class BadFile(Exception):
    """The file, or the rest of it, cannot be read. The message is for a person."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read, with the reason, what there was of it and the columns it should have had."""

    problem: str
    text: str = ""
    columns: tuple[str, ...] = ()


def sha256(path: Path) -> str:
    """Fingerprint of a file as it lies, without reading it into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Counted(io.RawIOBase):
    """An unpacking stream that stops at a limit instead of filling the disk or memory."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner, self.seen = inner, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            # What was unpacked before a damaged place is given first; read() would lose it.
            data = self.inner.read1(len(buffer))  # type: ignore[attr-defined]
        except (OSError, EOFError, zlib.error) as error:
            raise BadFile(_("The compressed file is damaged and ends too early.")) from error
        self.seen += len(data)
        if self.seen > MAX_UNPACKED:
            raise BadFile(_("The compressed file unpacks to more than 8 GB. Split it and try again."))
        buffer[: len(data)] = data
        return len(data)


class _Returns(io.RawIOBase):
    """A stream whose lines end with a carriage return only, as old spreadsheets on Macintosh write."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner = inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.inner.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(_Counted(gzip.open(path, "rb")), 1 << 20)  # type: ignore[arg-type]
    return path.open("rb", buffering=1 << 20)


def _kind(path: Path, head: bytes) -> str:
    names = [suffix.lower() for suffix in path.suffixes]
    if names and names[-1] == ".gz":
        names.pop()
    suffix = names[-1] if names else ""
    if head[:4] == b"PK\x03\x04":
        return "xlsx"
    if suffix == ".xlsx":
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again."))
    if suffix in {".xls", ".ods", ".pdf", ".docx"}:
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=suffix))
    if suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    if suffix in {".json", ".geojson"}:
        return "json"
    if suffix in {".csv", ".tsv", ".txt"}:
        return "csv"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[":
        return "json"
    if start == b"{":
        first, _sep, rest = head.partition(b"\n")
        return "jsonl" if rest.strip()[:1] == b"{" and first.rstrip().endswith(b"}") else "json"
    return "csv"


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    # Two bytes a character and no mark that says so: every other byte of plain text is zero.
    for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        half = head[start:400:2]
        if half.count(0) * 2 > len(half) and not head[1 - start : 400 : 2].count(0):
            return encoding
    return "utf-8"


def _lines(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, str | BadRow]]:
    """Physical lines with a limit. A line that is not valid text is reported, the rest is read."""
    if encoding.startswith("utf-16"):
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            yield number, line
        return
    number = 0
    while raw := stream.readline(4 * MAX_LINE):
        number += 1
        if len(raw) >= 4 * MAX_LINE and not raw.endswith(b"\n"):
            while (more := stream.readline(4 * MAX_LINE)) and not more.endswith(b"\n"):
                pass
            yield number, BadRow(_("The line is longer than {n} characters.").format(n=MAX_LINE))
            continue
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            try:
                # Spreadsheets of Western Europe save as Windows-1252 unless told otherwise.
                line = raw.decode("cp1252")
                if not line.isprintable() and any(ord(c) < 32 and c not in "\t\r\n" for c in line):
                    raise error
            except UnicodeDecodeError:
                yield number, BadRow(_("The line is not readable text. Save the file as UTF-8."), repr(raw[:80]))
                continue
        yield number, line


def _header(line: str, delimiter: str) -> list[str]:
    """The names of the columns, each once."""
    try:
        header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise BadFile(_("The header cannot be read. Save the file as CSV again.")) from error
    return _each_once(header)


def _each_once(header: list[str]) -> list[str]:
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise BadFile(_("The column “{name}” occurs twice. Give each column its own name.").format(name=twice))
    return header


def _csv(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, Row | BadRow]]:
    bad: list[tuple[int, BadRow]] = []
    source = _lines(stream, encoding)
    header: list[str] = []
    again: deque[tuple[int, str]] = deque()  # lines that a quotation mark swallowed, to be read by themselves
    taken: list[tuple[int, str]] = []  # lines of the row being read

    def clean() -> Iterator[str]:
        while True:
            if again:
                number, line = again.popleft()
            else:
                number, found = next(source, (0, None))
                if found is None:
                    return
                if isinstance(found, BadRow):
                    bad.append((number, found))
                    continue
                if "\x00" in found:
                    text = found.rstrip("\r\n")[:KEPT].replace("\x00", "␀")
                    bad.append((number, BadRow(_("The line holds a NUL character."), text, tuple(header))))
                    continue
                line = found
            taken.append((number, line))
            yield line

    first = next((line for line in clean() if line.strip()), None)
    if first is None:
        yield from bad
        return
    delimiter = max(";\t,|", key=first.count) if any(d in first for d in ";\t,|") else ","
    csv.field_size_limit(MAX_LINE)
    header = _header(first, delimiter)
    width, mended = len(header), 0
    reader = csv.reader(clean(), delimiter=delimiter)
    while True:
        taken.clear()
        problem, values = None, []
        try:
            values = next(reader)
        except StopIteration:
            yield from bad
            return
        except csv.Error:
            problem = _("A field is longer than {n} characters, or a quotation mark is not closed.").format(n=MAX_LINE)
        yield from bad
        bad.clear()
        line, text = taken[0]
        if not problem and not any(values):
            continue
        if not problem and len(values) > width and not any(v.strip() for v in values[width:]):
            del values[width:]
        if not problem and len(values) == width:
            yield line, dict(zip(header, values, strict=True))
            continue
        if len(taken) > 1 and mended < MAX_MENDED:
            # A quotation mark that nobody closed takes the following rows with it. They are read again.
            mended += 1
            again.extendleft(reversed(taken[1:]))
            yield line, BadRow(_("A quotation mark is not closed."), text.rstrip("\r\n")[:KEPT], tuple(header))
            reader = csv.reader(clean(), delimiter=delimiter)
        elif problem:
            yield line, BadRow(problem, text.rstrip("\r\n")[:KEPT], tuple(header))
        else:
            yield (
                line,
                BadRow(
                    _("The row has {n} fields but the header has {m}.").format(n=len(values), m=width),
                    text.rstrip("\r\n")[:KEPT],
                    tuple(header),
                ),
            )


def _xlsx(path: Path) -> Iterator[tuple[int, Row | BadRow]]:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            packed = max(1, sum(info.compress_size for info in infos))
    except (zipfile.BadZipFile, OSError) as error:
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from error
    if size > MAX_SHEET or (size > (32 << 20) and size / packed > MAX_RATIO):
        raise BadFile(_("The workbook unpacks to {n} MB. Save it as CSV and try again.").format(n=size >> 20))
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # the library raises many kinds for damaged files
        raise BadFile(_("The workbook cannot be read. Open it in a spreadsheet program and save it again.")) from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = _each_once([str(value).strip() if value is not None else "" for value in next(rows, ())])
        if not any(header):
            raise BadFile(_("The file is empty."))
        for line, values in enumerate(rows, start=2):
            if all(value is None or value == "" for value in values):
                continue
            yield line, {name: _plain(value) for name, value in zip(header, values, strict=False) if name}
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(_("The workbook is damaged. What came before is read.")) from error
    finally:
        book.close()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


def _whole(text: str) -> str | int:
    """A whole number; one of more digits than any honest value has stays as it is written."""
    return text if len(text) > 30 else int(text)


_DECODER = json.JSONDecoder(parse_int=_whole)


def _json_items(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, Row | BadRow]]:
    """The elements of a top-level array, or a GeoJSON's features, one at a time."""
    # What is not text becomes half characters, by which the row is known and refused.
    text = io.TextIOWrapper(stream, "utf-8-sig" if encoding == "utf-8" else encoding, errors="surrogateescape")
    try:
        buffer = text.read(1 << 20)
        head = buffer.lstrip()
        if not head:
            return
        if head[0] == "[":
            yield from _elements(text, head)
            return
        while (more := text.read(8 << 20)) and len(buffer) < (512 << 20):
            buffer += more
        try:
            whole = _DECODER.decode(buffer)
        except (ValueError, RecursionError) as error:
            raise BadFile(_("The file is not valid JSON.")) from error
    except UnicodeError as error:
        raise BadFile(_("The file is not valid JSON.")) from error
    if not isinstance(whole, dict):
        raise BadFile(_("The file is not valid JSON."))
    items = next((whole[name] for name in ("features", "results") if isinstance(whole.get(name), list)), [whole])
    for number, item in enumerate(items, 1):
        yield number, _flat(item)


def _elements(text: io.TextIOWrapper, buffer: str) -> Iterator[tuple[int, Row | BadRow]]:
    """The elements of an array whose beginning has been read."""
    position, number = 1, 0
    while True:
        while position < len(buffer) and buffer[position] in " \t\r\n,":
            position += 1
        if position >= len(buffer) and (more := text.read(1 << 20)):
            buffer, position = buffer[position:] + more, 0
            continue
        if position >= len(buffer):
            raise BadFile(_("The file ends in the middle. What came before is read."))
        if buffer[position] == "]":
            if buffer[position + 1 :].strip() or text.read(1 << 20).strip():
                raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number))
            return
        try:
            item, end = _DECODER.raw_decode(buffer, position)
        except ValueError as error:
            if len(buffer) - position < 16 * MAX_LINE and (more := text.read(1 << 20)):
                buffer, position = buffer[position:] + more, 0
                continue
            raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number)) from error
        except RecursionError as error:
            raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number)) from error
        if end == len(buffer) and not isinstance(item, dict) and (more := text.read(1 << 20)):
            buffer, position = buffer[position:] + more, 0
            continue
        number += 1
        position = end
        yield number, _flat(item)
        if position > (4 << 20):
            buffer, position = buffer[position:], 0


def _jsonl(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, Row | BadRow]]:
    for number, line in _lines(stream, encoding):
        if isinstance(line, BadRow):
            yield number, line
            continue
        if not line.strip():
            continue
        try:
            yield number, _flat(_DECODER.decode(line))
        except (ValueError, RecursionError):
            yield number, BadRow(_("The line is not valid JSON."), line.rstrip("\r\n")[:KEPT])


def _flat(item: Any) -> Row | BadRow:
    """One level: ``location.name`` for nested members, a GeoJSON feature's point as lon and lat."""
    if not isinstance(item, dict):
        return BadRow(_("The element is not an object."), _told(item))
    row: Row = {}
    if item.get("type") == "Feature" and isinstance(item.get("properties"), dict | None):
        row.update(item.get("properties") or {})
        if "id" in item:
            row.setdefault("id", item["id"])
        geometry = item.get("geometry") or {}
        kind, at = (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, dict) else ("", None)
        if kind == "Point" and isinstance(at, list) and len(at) >= 2:
            row["lon"], row["lat"] = at[:2]
        elif geometry:
            return BadRow(
                _("Only points can be read, not {type}.").format(type=str(kind)[:40]),
                _told(item),
                tuple(row),
            )
    else:
        for key, value in item.items():
            if isinstance(value, dict):
                row.update({f"{key}.{inner}": deep for inner, deep in value.items()})
                for inner, deep in value.items():
                    if isinstance(deep, dict):
                        row.update({f"{key}.{inner}.{name}": leaf for name, leaf in deep.items()})
            else:
                row[key] = value
    for key, value in row.items():
        if "\x00" in key or (isinstance(value, str) and "\x00" in value):
            words = _("The field “{name}” holds a NUL character.").format(name=key.replace("\x00", "␀"))
            return BadRow(words, _told(item), tuple(name.replace("\x00", "␀") for name in row))
        try:
            f"{key}{value}".encode()
        except (UnicodeEncodeError, RecursionError):
            return BadRow(_("The line is not readable text. Save the file as UTF-8."), json.dumps(item)[:KEPT])
    return row


def _told(item: Any) -> str:
    """An element as it stood in the file, for whoever mends it."""
    return json.dumps(item, ensure_ascii=False)[:KEPT].encode("utf-8", "replace").decode()


def read(path: Path) -> Iterator[tuple[int, Row | BadRow]]:
    """Every row of a file. Raises :class:`BadFile` with a sentence for a person."""
    try:
        yield from _read(path)
    except OSError as error:
        raise BadFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error


def _read(path: Path) -> Iterator[tuple[int, Row | BadRow]]:
    if not path.exists():
        raise BadFile(_("The file does not exist."))
    if path.is_dir():
        raise BadFile(_("This is a folder. Name the files in it."))
    if not path.is_file():
        raise BadFile(_("Only ordinary files can be read. Save what you have as a file first."))
    if path.stat().st_size == 0:
        raise BadFile(_("The file is empty."))
    with _open(path) as stream:
        head = stream.read(8192)
    if not head.strip():
        raise BadFile(_("The file is empty."))
    kind = _kind(path, head)
    if kind == "xlsx":
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if packed:
            raise BadFile(_("A compressed workbook cannot be read. Unpack it first."))
        yield from _xlsx(path)
        return
    with _open(path) as stream:
        encoding = _encoding(head)
        if encoding.startswith("utf-8") and b"\r" in head and b"\n" not in head:
            stream = io.BufferedReader(_Returns(stream), 1 << 20)
        if kind == "csv":
            yield from _csv(stream, encoding)
        elif kind == "jsonl":
            yield from _jsonl(stream, encoding)
        else:
            yield from _json_items(stream, encoding)
