"""Columns of tables as arrays: numbers, days and times, read as imports read them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from samverkan.foundation import reading
from samverkan.foundation.reading import headers, times, values
from samverkan.foundation.reading import numbers as numbers_of_people

from .told import FileProblem, print_warnings

STOCKHOLM = ZoneInfo("Europe/Stockholm")
Table = dict[str, np.ndarray]

# What a column holds follows from the name it has in the method; anything else is a number.
_KINDS = {"date": "date", "id": "text", "start": "time", "end": "time", "from": "text", "to": "text"}


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
            cells = [values.plain(row[at]) for row in rows]
            found[name].append(_READERS[kind](cells, where, table.delimiter != ","))
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


def _date(cells: list[str], where: _Where, comma: bool) -> np.ndarray:
    eight = all(len(c) == 8 and c[0] in "12" for c in cells)
    if cells and not eight and all(_DAY_NUMBER.fullmatch(c) for c in cells):
        return np.array(_each(cells, where, _day_number, "a date or a day number"), dtype=np.int64)
    day_first = times.day_first(cells)
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
    day_first = times.day_first(cells)
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
