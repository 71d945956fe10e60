"""Files in and out of `samverkan analyse`: CSV, JSON, GeoJSON, plots and progress."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime as dt
import io
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

Table = dict[str, np.ndarray]

# What a column holds follows from the name it has in the method; anything else is a number.
_KINDS = {"date": "date", "id": "text", "start": "time", "end": "time", "from": "text", "to": "text"}


class FileProblem(ValueError):
    """A file that cannot be read as asked; the sentence names file, line and column."""


# ------------------------------------------------------------------ CSV in


def read_csv(
    paths: Sequence[str | Path],
    columns: Mapping[str, str],
    kinds: Mapping[str, str] | None = None,
    *,
    zone: str | None = None,
) -> Table:
    """Read named columns of one or more CSV files, one after the other.

    Parameters
    ----------
    paths : files with a header row; "-" is standard input. Comma, semicolon
        or tab between the columns; with semicolon or tab, decimal comma is
        understood. UTF-8 (with or without mark), else Windows-1252.
    columns : {name in the method: header in the file}.
    kinds : {name: "number" | "count" | "date" | "time" | "text" | "optional_time"},
        for names whose kind does not follow from the name itself.
    zone : times without a mark are local times of this zone, and all become
        UTC. Without a zone they stay as they are, and marks are refused.

    Returns
    -------
    {name: array} of equal lengths: number → float64, count → int64 (whole,
    not negative), date → datetime64[D] (or int64 when the column holds plain
    day numbers), time → datetime64[s], text → object. An empty optional_time
    is NaT.

    Raises
    ------
    FileProblem naming file, line and column.
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in columns}
    for path in paths:
        header, rows, lines, comma = _rows(path)
        for name, wanted in columns.items():
            if header.count(wanted) > 1:
                raise FileProblem(
                    f"{path}, line 1: there are {header.count(wanted)} columns {wanted!r}; give each a name."
                )
            if wanted not in header:
                raise FileProblem(
                    f"{path}, line 1: there is no column {wanted!r} (for {name}); "
                    f"the columns are {', '.join(repr(h) for h in header)}."
                )
            at = header.index(wanted)
            kind = (kinds or {}).get(name) or _KINDS.get(name, "number")
            where = _Where(str(path), lines, wanted, zone)
            found[name].append(_READERS[kind]([row[at].strip() for row in rows], where, comma))
    table: Table = {}
    for name, parts in found.items():
        if len({p.dtype.kind for p in parts}) > 1:
            raise FileProblem(f"column {columns[name]!r} holds dates in one file and day numbers in another.")
        table[name] = np.concatenate(parts) if parts else np.empty(0)
    return table


def columns_of(path: str | Path) -> list[str]:
    """The headers of a CSV file."""
    return _rows(path)[0]


@dataclasses.dataclass(frozen=True)
class _Where:
    path: str
    lines: list[int]
    column: str
    zone: str | None

    def problem(self, row: int, text: str) -> FileProblem:
        return FileProblem(f"{self.path}, line {self.lines[row]}, column {self.column!r}: {text}")


def _rows(path: str | Path) -> tuple[list[str], list[list[str]], list[int], bool]:
    text = _text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [h.strip() for h in next(reader, [])]
        if not any(header):
            raise FileProblem(f"{path}: the file is empty; the first line must name the columns.")
        rows: list[list[str]] = []
        lines: list[int] = []
        width = len(header)
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue  # an empty line, as editors leave at the end
            if len(row) != width:
                raise FileProblem(
                    f"{path}, line {reader.line_num}: {len(row)} columns, but the first line names {width}."
                )
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise FileProblem(f"{path}, line {reader.line_num}: {error}.") from error
    return header, rows, lines, delimiter != ","


def _text(path: str | Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise FileProblem(f"{path}: {error.strerror or error}.") from error
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))  # "Unicode text", as Excel calls it
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileProblem(f"{path}: not readable as text; save it as CSV UTF-8.")


def _each(cells: list[str], where: _Where, parse: Callable[[str], Any], expected: str) -> list[Any]:
    """Parse cell by cell; the slow way, which can say where it went wrong."""
    values = []
    for i, cell in enumerate(cells):
        if not cell:
            raise where.problem(i, f"the cell is empty, expected {expected}.")
        try:
            values.append(parse(cell))
        except (ValueError, OverflowError):
            raise where.problem(i, f"{cell!r} is not {expected}.") from None
    return values


def _number(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    if comma:
        cells = [c.replace(",", ".") for c in cells]
    try:
        values = np.array(cells, dtype=np.float64) if cells else np.empty(0)
    except ValueError:
        values = np.array(_each(cells, where, float, "a number"))
    odd = [i for i, cell in enumerate(cells) if "_" in cell] if "_" in "".join(cells) else []
    if odd:  # Python's own way of writing thousands
        raise where.problem(odd[0], f"{cells[odd[0]]!r} is not a number.")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise where.problem(int(bad[0]), f"{cells[bad[0]]!r} is not a finite number.")
    return values


def _count(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    values = _number(cells, where, comma)
    bad = np.flatnonzero((values < 0) | (values != np.floor(values)) | (values >= 2.0**53))
    if bad.size:
        raise where.problem(int(bad[0]), f"{cells[bad[0]]!r} is not a whole number of at least 0.")
    return values.astype(np.int64)


def _date(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    if cells and all(_is_integer(c) for c in cells):
        if all(len(c) == 8 and c[0] in "12" for c in cells):
            return np.array(_each(cells, where, dt.date.fromisoformat, "a date"), "datetime64[D]")
        return np.array(_each(cells, where, _day_number, "a date or a day number"), dtype=np.int64)

    def parse(cell: str) -> dt.date:
        if len(cell) > 10:
            return dt.datetime.fromisoformat(cell).date()  # a local time: its own calendar day
        parts = cell.replace("/", "-").split("-")
        if len(parts) == 3 and len(parts[0]) == 4:
            return dt.date(int(parts[0]), int(parts[1]), int(parts[2]))
        raise ValueError(cell)

    return np.array(_each(cells, where, parse, "a date like 2026-03-29 or a day number"), "datetime64[D]")


def _day_number(cell: str) -> int:
    number = int(cell)
    if abs(number) >= 2**53:
        raise ValueError(cell)
    return number


def _is_integer(cell: str) -> bool:
    return cell.removeprefix("-").isascii() and cell.removeprefix("-").isdigit()


_TIME = "a time like 2026-03-29 01:30"


def _time(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    if cells and {len(c) for c in cells} <= {10, 16, 19} and all("T" in c or " " in c for c in cells):
        try:
            # A million rows in this one call; anything unusual goes the slow way below.
            return _from_wall(np.array(cells, "datetime64[s]"), where)
        except ValueError:
            pass
    values = _each(cells, where, dt.datetime.fromisoformat, _TIME)
    marked = [i for i, v in enumerate(values) if v.tzinfo is not None]
    if marked and where.zone is None:
        raise where.problem(marked[0], f"{cells[marked[0]]!r} has a time zone; give --zone.")
    naive = [(v.astimezone(dt.UTC) if v.tzinfo else v).replace(tzinfo=None) for v in values]
    result = np.array(naive, "datetime64[s]")
    rest = np.ones(result.size, dtype=bool)
    rest[marked] = False
    result[rest] = _from_wall(result[rest], where)
    return result


def _from_wall(wall: np.ndarray, where: _Where) -> np.ndarray:
    if where.zone is None or not wall.size:
        return wall
    from samverkan.analysis.rhythm import to_utc

    return to_utc(wall, where.zone)


def _optional_time(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    known = [i for i, c in enumerate(cells) if c]
    result = np.full(len(cells), np.datetime64("NaT", "s"))
    part = dataclasses.replace(where, lines=[where.lines[i] for i in known])
    result[known] = _time([cells[i] for i in known], part, comma)
    return result


def _text_column(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    return np.array(_each(cells, where, str, "a text"), dtype=object)


_READERS: dict[str, Callable[[list[str], _Where, bool], np.ndarray]] = {
    "number": _number,
    "count": _count,
    "date": _date,
    "time": _time,
    "optional_time": _optional_time,
    "text": _text_column,
}


def day_numbers(dates: np.ndarray) -> np.ndarray:
    """Days as int64: days since 1970-01-01 for dates, as they stand for day numbers."""
    if dates.dtype.kind == "M":
        return dates.astype("datetime64[D]").astype(np.int64)
    return np.asarray(dates, dtype=np.int64)


def day_label(day: int, dates: np.ndarray) -> str | int:
    """A day number in the form the column had: an ISO date, or the number itself."""
    return str(np.datetime64(int(day), "D")) if dates.dtype.kind == "M" else int(day)


# ----------------------------------------------------------------- options


def add_input(parser: argparse.ArgumentParser, *, nargs: str = "+") -> None:
    """FILE…, the CSV files read one after the other."""
    parser.add_argument("files", nargs=nargs, metavar="FILE", help="CSV with a header; - is stdin")


def add_output(parser: argparse.ArgumentParser, *, map_: bool = False, plot: bool = True) -> None:
    """--json, and where they make sense --map and --plot."""
    parser.add_argument("--json", action="store_true", help="every number, at full precision")
    if map_:
        parser.add_argument("--map", metavar="FILE.geojson", help="write the result as a map")
        parser.add_argument("--crs", metavar="EPSG:3006", help="what --x and --y are in; the map is then WGS 84")
    if plot:
        parser.add_argument("--plot", metavar="FILE.svg|png", help="draw the result")


def integers(text: str) -> list[int]:
    """An option holding whole numbers with commas between, for argparse."""
    return [int(part) for part in text.split(",")]


def numbers(text: str) -> list[float]:
    """An option holding numbers with commas between, `inf` allowed, for argparse."""
    values = [float(part) for part in text.split(",")]
    if any(math.isnan(v) for v in values):
        raise ValueError(text)
    return values


# --------------------------------------------------------------------- out


def jsonable(obj: Any) -> Any:
    """Plain Python for json: arrays as lists, days as ISO dates, what is not finite as null."""
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        return {f.name: jsonable(getattr(obj, f.name)) for f in dataclasses.fields(obj)}
    if isinstance(obj, Mapping):
        return {str(k): jsonable(v) for k, v in obj.items()}
    if isinstance(obj, np.ndarray):
        return [jsonable(v) for v in (obj if obj.dtype.kind in "Mm" else obj.tolist())]
    if isinstance(obj, list | tuple):
        return [jsonable(v) for v in obj]
    if isinstance(obj, np.datetime64):
        return None if np.isnat(obj) else str(obj)
    if isinstance(obj, dt.date):
        return obj.isoformat()
    if isinstance(obj, np.generic):
        return jsonable(obj.item())
    if isinstance(obj, float):
        return obj if math.isfinite(obj) else None
    return obj


def write_json(obj: Any, stream: TextIO | None = None) -> None:
    """Write an object as JSON; floats in the shortest form that reads back exactly."""
    out = stream or sys.stdout
    json.dump(jsonable(obj), out, ensure_ascii=False, allow_nan=False, indent=1)
    out.write("\n")
    out.flush()


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it is either all there or not at all."""
    target = Path(path)
    raw = content.encode() if isinstance(content, str) else content
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(raw)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileProblem(f"{path}: cannot be written: {error.strerror or error}.") from error


def point(x: float, y: float) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [float(x), float(y)]}


def polygon(ring: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """A GeoJSON polygon of one outer ring, closed here when it is open."""
    corners = [[float(x), float(y)] for x, y in ring]
    if corners[0] != corners[-1]:
        corners.append(corners[0])
    return {"type": "Polygon", "coordinates": [corners]}


def write_map(
    path: str | Path,
    features: Iterable[tuple[dict[str, Any], Mapping[str, Any]]],
    *,
    crs: str | None = None,
) -> None:
    """Write (geometry, properties) pairs as GeoJSON, converted from `crs` to WGS 84.

    Without `crs` the coordinates are written as they stand, which is right
    for longitude and latitude.
    """
    convert = _to_wgs84(crs) if crs else (lambda xy: xy)

    def converted(coordinates: Any) -> Any:
        if coordinates and isinstance(coordinates[0], list):
            return [converted(c) for c in coordinates]
        return convert(coordinates)

    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": geometry | {"coordinates": converted(geometry["coordinates"])},
                "properties": jsonable(properties),
            }
            for geometry, properties in features
        ],
    }
    write_whole(path, json.dumps(collection, ensure_ascii=False, allow_nan=False))


def _to_wgs84(crs: str) -> Callable[[list[float]], list[float]]:
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        transform = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    except ProjError:
        raise FileProblem(f"--crs: {crs!r} is not a coordinate system; try EPSG:3006.") from None
    return lambda xy: [float(v) for v in transform(xy[0], xy[1])]


def write_plot(path: str | Path, svg: str) -> None:
    """Write a drawing as .svg, or as .png at 144 dots per inch."""
    suffix = Path(path).suffix.lower()
    if suffix == ".svg":
        write_whole(path, svg)
    elif suffix == ".png":
        write_whole(path, _raster(svg))
    else:
        raise FileProblem(f"{path}: --plot writes .svg or .png, not {suffix or 'a nameless kind'}.")


def _raster(svg: str) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plot.svg").write_text(svg, encoding="utf-8")
        page = Path(folder) / "page.typ"
        page.write_text('#set page(width: auto, height: auto, margin: 0pt)\n#image("plot.svg")', "utf-8")
        raw = typst.compile(str(page), format="png", ppi=144.0)
    return raw[0] if isinstance(raw, list) else raw


def progress(total: int, label: str) -> Any:
    """A progress bar on standard error with update(n) and close(); silent when not a terminal."""
    from tqdm import tqdm

    return tqdm(total=total, desc=label, leave=False, disable=None, file=sys.stderr)


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns: text to the left, numbers to the right."""
    cells = [[_cell(v) for v in row] for row in rows]
    widths = [max([len(h), *(len(r[i]) for r in cells)]) for i, h in enumerate(head)]
    for row in [list(head), *cells]:
        padded = [c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float | np.floating):
        return "–" if not math.isfinite(value) else f"{value:.4g}"
    return str(value)


def print_warnings(warnings: Iterable[str]) -> None:
    """Print the warnings of a result on standard error."""
    for text in warnings:
        print(f"Note: {text}", file=sys.stderr)
