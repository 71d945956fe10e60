"""Files in and out of `samverkan analyse`: CSV, JSON, GeoJSON, plots and progress."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import numpy as np

from samverkan.foundation import reading
from samverkan.foundation.reading import headers, times
from samverkan.foundation.reading import numbers as numbers_of_people

STOCKHOLM = ZoneInfo("Europe/Stockholm")
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
    notes: list[str] | None = None,
) -> Table:
    """Read named columns of one or more files, one after the other, with the reader that imports use.

    Parameters
    ----------
    paths : tables with a header: CSV, XLSX, JSON or gzip of these; "-" is standard input. Delimiter,
        encoding and header are found; with semicolon or tab, decimal comma is understood.
    columns : {name in the method: header in the file}.
    kinds : {name: "number" | "count" | "date" | "time" | "text" | "optional_time"},
        for names whose kind does not follow from the name itself.
    zone : times without a mark are local times of this zone, and all become
        UTC. Without a zone they stay as they are, and marks are refused.
    notes : what whoever reads the result should know is added here; on standard error without it.

    Returns
    -------
    {name: array} of equal lengths: number → float64, count → int64 (whole,
    not negative), date → datetime64[D] (or int64 when the column holds plain
    day numbers), time → datetime64[s], text → object. An empty optional_time, and a time that
    the clock leaps over in `zone`, is NaT.

    Raises
    ------
    FileProblem naming file, line and column.
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in columns}
    told: list[str] = []
    for path in paths:
        table = _open(path, list(columns.values()))
        header, rows, lines = table.header, *_rows(path, table)
        for name, wanted in columns.items():
            asked = headers.named(wanted)
            if asked not in header:
                raise FileProblem(
                    f"{path}, line {table.header_line}: there is no column {wanted!r} (for {name}); "
                    f"the columns are {', '.join(repr(h) for h in header)}."
                )
            at = header.index(asked)
            kind = (kinds or {}).get(name) or _KINDS.get(name, "number")
            where = _Where(str(path), lines, wanted, zone, told)
            cells = [row[at].strip() for row in rows]
            found[name].append(_READERS[kind](cells, where, table.delimiter not in ("", ",")))
    result: Table = {}
    for name, parts in found.items():
        if len({p.dtype.kind for p in parts}) > 1:
            raise FileProblem(f"column {columns[name]!r} holds dates in one file and day numbers in another.")
        result[name] = np.concatenate(parts) if parts else np.empty(0)
    told += _doubts(result)
    if notes is None:
        print_warnings(told)
    else:
        notes += told
    return result


def _doubts(table: Table) -> list[str]:
    """What in the places of a table is hardly meant so."""
    x, y = table.get("x"), table.get("y")
    if x is None or y is None or not len(x) or x.dtype.kind != "f" or y.dtype.kind != "f":
        return []
    told = []
    nowhere = int(((x == 0) & (y == 0)).sum())
    if nowhere and len(x) > nowhere and np.hypot(x, y).max() > 10_000:
        told.append(
            f"{nowhere} of {len(x)} rows lie at 0, 0, which programs write where the place is missing. Take them out."
        )
    if (
        len(x) > 1
        and (np.abs(x) <= 180).all()
        and (np.abs(y) <= 90).all()
        and (x % 1 != 0).any()
        and (y % 1 != 0).any()
    ):
        told.append(
            "x and y look like degrees, and distances are counted in metres. Convert them to SWEREF 99 TM first."
        )
    when = next((table[name] for name in ("date", "start") if name in table and table[name].dtype.kind in "Mi"), None)
    if when is not None and len(x) > 1:
        moments = when.astype(np.int64)
        order = np.lexsort((moments, y, x))
        twins = (np.diff(x[order]) == 0) & (np.diff(y[order]) == 0) & (np.diff(moments[order]) == 0)
        if twins.any():
            told.append(
                f"{int(twins.sum())} rows have the same place and day as another row. Events that are registered twice "
                "look like a repeat: take the doubles out if they are the same event."
            )
    return told


def columns_of(path: str | Path) -> list[str]:
    """The headers of a table."""
    return _open(path, ()).header


@dataclasses.dataclass(frozen=True)
class _Where:
    path: str
    lines: list[int]
    column: str
    zone: str | None
    notes: list[str]

    def problem(self, row: int, text: str) -> FileProblem:
        return FileProblem(f"{self.path}, line {self.lines[row]}, column {self.column!r}: {text}")

    def some(self, rows: Sequence[int], cells: list[str]) -> str:
        """Up to three of the cells that are spoken of, with their lines."""
        shown = ", ".join(f"line {self.lines[i]}: {cells[i]}" for i in rows[:3])
        return f"{shown}, …" if len(rows) > 3 else shown


def _open(path: str | Path, wanted: Sequence[str]) -> reading.Table:
    try:
        if str(path) != "-":
            return reading.table(Path(path), wanted=wanted)
        with tempfile.NamedTemporaryFile(prefix="samverkan-stdin-") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
            # The stream that the table reads from is open and outlives the name.
            return reading.table(Path(file.name), wanted=wanted)
    except reading.BadFile as problem:
        raise FileProblem(f"{path}: {problem}") from None


def _rows(path: str | Path, table: reading.Table) -> tuple[list[list[str]], list[int]]:
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for line, row in table.rows:
            if isinstance(row, reading.BadRow):
                raise FileProblem(f"{path}, line {line}: {row.problem}")
            rows.append(row)
            lines.append(line)
    except reading.BadFile as problem:
        raise FileProblem(f"{path}: {problem}") from None
    return rows, lines


def _each(cells: list[str], where: _Where, parse: Callable[[str], Any], expected: str) -> list[Any]:
    """Parse cell by cell; the slow way, which can say where it went wrong."""
    values = []
    for i, cell in enumerate(cells):
        if not cell:
            raise where.problem(i, f"the cell is empty, expected {expected}.")
        try:
            values.append(parse(cell))
        except times.NotATime as problem:
            raise where.problem(i, str(problem)) from None
        except (ValueError, OverflowError):
            raise where.problem(i, f"{cell!r} is not {expected}.") from None
    return values


def _number(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    def parse(cell: str) -> float:
        if not comma and "," in cell:
            raise ValueError(cell)  # thousands or decimals: nobody can know
        return numbers_of_people.number(cell)

    plain = [c.replace(",", ".") for c in cells] if comma else cells
    try:
        values = np.array(plain, dtype=np.float64) if plain else np.empty(0)
        if "_" in "".join(plain):  # Python's own way of writing thousands
            raise ValueError
    except ValueError:
        values = np.array(_each(cells, where, parse, "a number"))
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


#: A day's number, also as programs write whole numbers: 413.0.
_DAY_NUMBER = re.compile(r"-?\d+(?:[.,]0+)?", re.ASCII)
_SLASHES = re.compile(r"\D{0,12}(\d{1,2})/(\d{1,2})/\d{4}")


def _date(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    eight = all(len(c) == 8 and c[0] in "12" for c in cells)
    if cells and not eight and all(_DAY_NUMBER.fullmatch(c) for c in cells):
        return np.array(_each(cells, where, _day_number, "a date or a day number"), dtype=np.int64)
    day_first = _day_first(cells)
    marked = 0

    def parse(cell: str) -> dt.date:
        nonlocal marked
        told = times.written(cell, day_first)
        if told.clock is not None and told.offset == dt.timedelta(0):
            marked += 1
            return times.resolve(told, STOCKHOLM, cell)[0].astimezone(STOCKHOLM).date()
        return told.day  # a local time: its own calendar day

    days = np.array(_each(cells, where, parse, "a date like 2026-03-29 or a day number"), "datetime64[D]")
    if marked:
        where.notes.append(
            f"{marked} times of column {where.column!r} are in UTC. The day is that of {STOCKHOLM.key}, which begins before."
        )
    return days


def _day_first(cells: list[str]) -> bool | None:
    """Whether 03/04/2026 is the third of April, by what the column itself shows."""
    for cell in cells:
        match = _SLASHES.match(cell)
        if match and (int(match[1]) > 12) != (int(match[2]) > 12):
            return int(match[1]) > 12
    return None


def _day_number(cell: str) -> int:
    number = int(re.split("[.,]", cell)[0])
    if abs(number) >= 2**53:
        raise ValueError(cell)
    return number


_TIME = "a time like 2026-03-29 01:30"


def _time(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    if cells and {len(c) for c in cells} <= {16, 19} and all(c[10] in "T " and c[13] == ":" for c in cells):
        try:
            # A million rows in this one call; anything unusual goes the slow way below.
            return _from_wall(np.array(cells, "datetime64[s]"), where, cells)
        except ValueError:
            pass
    day_first = _day_first(cells)
    values = _each(cells, where, lambda cell: times.written(cell, day_first), _TIME)
    bare = [i for i, v in enumerate(values) if v.clock is None]
    if bare:
        raise where.problem(bare[0], f"{cells[bare[0]]!r} has no time of day, expected {_TIME}.")
    marked = [i for i, v in enumerate(values) if v.offset is not None]
    if marked and where.zone is None:
        raise where.problem(marked[0], f"{cells[marked[0]]!r} has a time zone; give --zone.")
    naive = [dt.datetime.combine(v.day, v.clock) - (v.offset or dt.timedelta(0)) for v in values]
    result = np.array(naive, "datetime64[s]")
    rest = np.ones(result.size, dtype=bool)
    rest[marked] = False
    result[rest] = _from_wall(result[rest], where, [cells[i] for i in np.flatnonzero(rest)], np.flatnonzero(rest))
    return result


def _from_wall(wall: np.ndarray, where: _Where, cells: list[str], at: np.ndarray | None = None) -> np.ndarray:
    """Instants of times on a clock in the zone. What the clock leaps over is told and left out."""
    if wall.size > 1 and (wall == wall.astype("datetime64[D]")).all():
        where.notes.append(
            f"Every time of column {where.column!r} is 00:00: the days are known, and hardly the hours. "
            "What is said of hours is not to be believed."
        )
    if where.zone is None or not wall.size:
        return wall
    from samverkan.analysis.rhythm import to_utc

    result = to_utc(wall, where.zone)
    leapt = _leapt_over(wall, ZoneInfo(where.zone))
    if leapt.size:
        lines = where if at is None else dataclasses.replace(where, lines=[where.lines[i] for i in at])
        where.notes.append(
            f"{leapt.size} times of column {where.column!r} never were, since the clocks were put forward "
            f"({lines.some(leapt.tolist(), cells)}). They are left out."
        )
        result[leapt] = np.datetime64("NaT")
    return result


def _leapt_over(wall: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    """Rows whose time the clock never showed."""
    days = wall.astype("datetime64[D]")
    found: list[int] = []
    for day in np.unique(days):
        if times.steady(day.item(), zone) is None:
            for row in np.flatnonzero(days == day):
                moment = wall[row].item()
                try:
                    times.instant(moment.date(), moment.time(), zone)
                except times.NotATime:
                    found.append(int(row))
    return np.array(found, dtype=np.int64)


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
    parser.add_argument("files", nargs=nargs, metavar="FILE", help="CSV or XLSX with a header; - is stdin")


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
