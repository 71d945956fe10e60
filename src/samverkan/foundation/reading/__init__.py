"""One reader of people's files: rows out of CSV, XLSX, JSON, JSONL, GeoJSON and gzip of these.

Imports, places and ``analyse`` read through it, in pages and in commands. It finds encoding,
delimiter, sheet and header by itself, gives ``(line, row)`` where ``row`` is a dict of the file's own
columns, or ``(line, BadRow)`` for a row that cannot be read, and raises :class:`BadFile` when nothing
more can be read. Memory is bounded: files are streamed and a single line has a limit. No Django here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from . import letters, objects, opening, workbooks
from . import tables as _tables
from .opening import sha256
from .problems import BadFile, BadRow, Row, UnknownSystem
from .tables import Table
from .words import _

__all__ = ["BadFile", "BadRow", "Row", "Table", "UnknownSystem", "is_table", "read", "sha256", "table"]


def read(
    path: Path, *, wanted: Collection[str] = (), sheet: str = "", epsg: int | None = None
) -> Iterator[tuple[int, Row | BadRow]]:
    """Every row of a file. Raises :class:`BadFile` with a sentence for a person.

    ``wanted`` are names of columns that the file should have, by which sheet and header are found;
    ``sheet`` is a workbook's, when a person has said it; ``epsg`` the system of GeoJSON's points.
    """
    try:
        kind, head = _kind(path)
        if kind in {"csv", "xlsx"}:
            found = _table(path, kind, head, wanted, sheet)
            header, whole = found.header, all(found.header)
            for line, values in found.rows:
                if isinstance(values, BadRow):
                    yield line, values
                elif whole:
                    yield line, dict(zip(header, values, strict=True))
                else:
                    yield line, {name: value for name, value in zip(header, values, strict=True) if name}
            return
        with opening.stream(path) as stream:
            reader = objects.by_line if kind == "jsonl" else objects.items
            yield from reader(stream, letters.encoding_of(head), epsg)
    except OSError as error:
        raise BadFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error


def table(path: Path, *, wanted: Collection[str] = (), sheet: str = "") -> Table:
    """A file's header and rows as lists of texts, and how it was understood. Raises :class:`BadFile`.

    Objects of JSON have the columns of the first hundred of them.
    """
    try:
        kind, head = _kind(path)
        if kind in {"csv", "xlsx"}:
            return _table(path, kind, head, wanted, sheet)
    except OSError as error:
        raise BadFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error
    header: dict[str, None] = {}
    for number, (_line, row) in enumerate(read(path), 1):
        if isinstance(row, dict):
            header.update(dict.fromkeys(row))
        if number == 100:
            break
    names = list(header)
    rows = (
        (line, row if isinstance(row, BadRow) else ["" if row.get(n) is None else str(row[n]) for n in names])
        for line, row in read(path)
    )
    return Table(names, rows)


def is_table(path: Path) -> bool:
    """Whether a file has columns that every row shares. Raises :class:`BadFile`."""
    return _kind(path)[0] in {"csv", "xlsx"}


def _kind(path: Path) -> tuple[str, bytes]:
    try:
        head = opening.head_of(path)
        return opening.kind_of(path, head), head
    except OSError as error:
        raise BadFile(_("The file cannot be read: {why}.").format(why=error.strerror or error)) from error


def _table(path: Path, kind: str, head: bytes, wanted: Collection[str], sheet: str) -> Table:
    if kind == "xlsx":
        return workbooks.open_workbook(path, wanted, sheet)
    return _tables.open_table(opening.stream(path), letters.encoding_of(head), wanted)
