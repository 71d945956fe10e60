"""Tables of what is published, as text: of pages, Word files, tagged PDF, spreadsheets and files for maps."""

from __future__ import annotations

import csv
import io
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
from docx import Document
from openpyxl import load_workbook

from tests.harness.pdf import texts_by_mark


@dataclass(frozen=True)
class Table:
    """The first row, which says what stands below, and the others."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _table(rows: Iterable[Iterable[Any]]) -> Table:
    head, *rest = (tuple("" if v is None else " ".join(str(v).split()) for v in row) for row in rows)
    return Table(head, tuple(rest))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def of_page(page: str) -> list[Table]:
    """Every table of a page of HTML."""
    reader = _Page()
    reader.feed(page)
    return [_table(rows) for rows in reader.tables if rows]


def of_word(file: bytes) -> list[Table]:
    """Every table of a Word file."""
    return [_table([c.text for c in row.cells] for row in table.rows) for table in Document(io.BytesIO(file)).tables]


def of_pdf(file: bytes) -> list[Table]:
    """Every table of a tagged PDF, by its tags."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        texts = {page.objgen: texts_by_mark(page) for page in pdf.pages}

        def text(node: Any, page: Any = None) -> str:
            if isinstance(node, pikepdf.Array):
                return "".join(text(kid, page) for kid in node)
            if not isinstance(node, pikepdf.Dictionary):
                return texts[page.objgen].get(int(node), "")
            page = node.get("/Pg", page)
            if node.get("/Type") == "/MCR":
                return texts[page.objgen].get(int(node.MCID), "")
            return text(node.K, page) if "/K" in node else ""

        return [
            _table([text(cell) for cell in _tagged(row, "/TH", "/TD")] for row in _tagged(table, "/TR"))
            for table in _tagged(pdf.Root.StructTreeRoot, "/Table")
        ]


def _tagged(node: Any, *tags: str) -> Iterator[Any]:
    """What lies below a tag and has one of others, in order."""
    for kid in node.K if isinstance(node.K, pikepdf.Array) else [node.K]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/S") in tags:
            yield kid
        elif isinstance(kid, pikepdf.Dictionary) and "/K" in kid:
            yield from _tagged(kid, *tags)


def of_csv(file: bytes) -> Table:
    """A file of values with semicolons between."""
    return _table(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))


def of_book(file: bytes) -> list[Table]:
    """Every sheet."""
    return [_table(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(file)).worksheets]


def of_package(file: bytes) -> list[Table]:
    """Every table of a GeoPackage that is listed in it, without shapes."""
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as copy:
        Path(copy.name).write_bytes(file)
        with sqlite3.connect(copy.name) as base:
            base.row_factory = sqlite3.Row
            found = []
            for (name,) in base.execute("SELECT table_name FROM gpkg_contents").fetchall():
                rows = [dict(row) for row in base.execute(f'SELECT * FROM "{name}"')]
                names = [key for key in rows[0] if key not in {"fid", "geom"}] if rows else []
                found.append(_table([names, *([row[key] for key in names] for row in rows)]))
    return found


def of_geojson(content: dict[str, Any]) -> Table:
    """The properties of every feature."""
    names = list(dict.fromkeys(key for feature in content["features"] for key in feature["properties"]))
    return _table([names, *([f["properties"].get(key) for key in names] for f in content["features"])])
