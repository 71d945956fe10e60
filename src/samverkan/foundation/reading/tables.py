"""Tables of text: comma, semicolon, tab or bar between the cells."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from . import headers, letters, limits
from .problems import BadFile, BadRow
from .words import _

DELIMITERS = ";\t,|"
_HINT = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass
class Table:
    """A table under way: its columns, how it was understood, and its rows with their lines."""

    header: list[str]
    rows: Iterator[tuple[int, list[str] | BadRow]]
    delimiter: str = ""
    encoding: str = ""
    header_line: int = 1
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    #: Sheets with the same columns that are not read.
    alike: list[str] = field(default_factory=list)


def open_table(stream: BinaryIO, encoding: str, wanted: Collection[str] = ()) -> Table:
    """Find delimiter, quoting and header of a text table. Raises BadFile."""
    source = letters.lines(stream, encoding)
    first = list(islice(source, 5 * limits.LOOKED_AT))
    text = [line for _n, line in first if isinstance(line, str)]
    hint = next(((at, match[1]) for at, line in enumerate(text[:3]) if (match := _HINT.match(line))), None)
    said = ""
    if hint is not None and not any(line.strip("\ufeff \r\n") for line in text[: hint[0]]):
        number = next(n for n, line in first if isinstance(line, str) and _HINT.match(line))
        first = [(n, line) for n, line in first if n > number]
        text = text[hint[0] + 1 :]
        said = hint[1]
    delimiter = _delimiter([line for line in text if line.strip()][: limits.LOOKED_AT], wanted, said)
    sample = "".join(text)
    reader = _Reader(_chained(first, source), delimiter, _escaped(sample, delimiter))
    return reader.table(encoding, wanted)


def _chained(
    first: list[tuple[int, str | BadRow]], rest: Iterator[tuple[int, str | BadRow]]
) -> Iterator[tuple[int, str | BadRow]]:
    yield from first
    yield from rest


def _delimiter(lines: list[str], wanted: Collection[str], said: str = "") -> str:
    """The sign that parts the lines alike: most cells on most lines, the line that holds the wanted names first.

    What the file ``said`` of it holds, unless it parts nothing: a file that was saved anew kept its old hint.
    """
    names = [headers.named(name) for name in wanted]

    def worth(sign: str) -> tuple[int, int, int, int]:
        rows = [row for row in _parsed(lines, sign) if any(cell.strip() for cell in row)]
        held = max((sum(name in [headers.named(cell) for cell in row] for name in names) for row in rows), default=0)
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        return held, widths.count(usual) * (usual > 1), usual, sum(line.count(sign) for line in lines)

    found = max(DELIMITERS, key=worth) if any(d in line for line in lines for d in DELIMITERS) else ","
    if not said or said == found:
        return found
    (held, parted, *_rest), (other, *_others) = worth(said), worth(found)
    return said if parted and held >= other else found


def _parsed(lines: list[str], sign: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=sign))
    except csv.Error:
        return [line.split(sign) for line in lines]


def _escaped(sample: str, delimiter: str) -> bool:
    """Whether quotation marks inside cells have a backslash before them, as databases write, and are not doubled."""
    inside = len(re.findall(rf'\\"(?!{re.escape(delimiter)}|[\r\n]|$)', sample))
    return inside > 0 and not re.search(r'[^\\"\s' + re.escape(delimiter) + r']""[^"]', sample)


class _Reader:
    """Rows of a text table, with lines that a stray quotation mark swallowed read again."""

    def __init__(self, source: Iterator[tuple[int, str | BadRow]], delimiter: str, escaped: bool) -> None:
        self.source, self.delimiter = source, delimiter
        self.options = {"escapechar": "\\", "doublequote": False} if escaped else {}
        self.bad: list[tuple[int, BadRow]] = []
        self.header: list[str] = []
        self.again: deque[tuple[int, str]] = deque()  # lines that a quotation mark swallowed, to be read by themselves
        self.taken: list[tuple[int, str]] = []  # lines of the row being read
        self.mended = 0
        self.ended = False  # whether the last row that was read took the file's end for its own
        csv.field_size_limit(limits.MAX_LINE)
        self.reader = self._new()

    def _new(self) -> Iterator[list[str]]:
        return csv.reader(self._clean(), delimiter=self.delimiter, **self.options)  # type: ignore[arg-type]

    def _clean(self) -> Iterator[str]:
        again, source, taken = self.again, self.source, self.taken
        while True:
            if again:
                number, line = again.popleft()
            else:
                number, found = next(source, (0, None))
                if found is None:
                    self.ended = True
                    return
                if isinstance(found, BadRow):
                    self.bad.append((number, BadRow(found.problem, found.text, tuple(self.header))))
                    continue
                if "\x00" in found:
                    text = found.rstrip("\r\n")[: limits.KEPT].replace("\x00", "␀")
                    self.bad.append((number, BadRow(_("The line holds a NUL character."), text, tuple(self.header))))
                    continue
                line = found
            taken.append((number, line))
            yield line

    def _next(self) -> tuple[int, list[str] | BadRow] | None:
        """The next row as it stands, or what is wrong with it; None at the end."""
        self.taken.clear()
        self.ended = False
        try:
            values = next(self.reader)
        except StopIteration:
            return None
        except csv.Error:
            problem = _("A field is longer than {n} characters, or a quotation mark is not closed.").format(
                n=limits.MAX_LINE
            )
            return self._mend(problem)
        if self.ended and len(self.taken) > 1 and self.mended < limits.MAX_MENDED:
            # A quotation mark that nobody closed took all rows to the end of the file.
            return self._mend(_("A quotation mark is not closed."))
        return self.taken[0][0], values

    def _mend(self, problem: str) -> tuple[int, BadRow]:
        line, text = self.taken[0]
        if len(self.taken) > 1 and self.mended < limits.MAX_MENDED:
            # A quotation mark that nobody closed takes the following rows with it. They are read again.
            self.mended += 1
            self.again.extendleft(reversed(self.taken[1:]))
            problem = _("A quotation mark is not closed.")
            self.reader = self._new()
        return line, BadRow(problem, text.rstrip("\r\n")[: limits.KEPT], tuple(self.header))

    def table(self, encoding: str, wanted: Collection[str]) -> Table:
        top: list[tuple[int, list[str] | BadRow, list[tuple[int, str]]]] = []
        while len(top) < limits.LOOKED_AT and (found := self._next()) is not None:
            top.append((*found, list(self.taken)))
        rows = [row if isinstance(row, list) else [] for _n, row, _t in top]
        at = headers.line_of(rows, wanted)
        if not top or not any(cell.strip() for cell in rows[at]):
            for _n, bad in self.bad:
                raise BadFile(bad.problem)
            raise BadFile(_("The file is empty."))
        header_line = top[at][0]
        if problem := letters.spoilt("".join(rows[at])):
            raise BadFile(problem)
        for number, bad in self.bad:
            # What stands above the header may be anything; a header with letters that went wrong is none.
            if number < header_line and bad.text.count(self.delimiter) >= max(1, len(rows[at]) - 1):
                raise BadFile(bad.problem)
        self.header = headers.each_once(rows[at], wanted)
        below = top[at + 1 :]
        self.bad = [(n, BadRow(b.problem, b.text, tuple(self.header))) for n, b in self.bad if n > header_line]
        return Table(self.header, self._rows(below), self.delimiter, encoding, header_line)

    def _rows(
        self, top: list[tuple[int, list[str] | BadRow, list[tuple[int, str]]]]
    ) -> Iterator[tuple[int, list[str] | BadRow]]:
        width = len(self.header)
        for line, values, taken in top:
            self.taken[:] = taken
            yield from self._judged(line, values, width)
        while True:
            found = self._next()
            if self.bad:
                yield from self.bad
                self.bad.clear()
            if found is None:
                return
            line, row = found
            if isinstance(row, list) and len(row) == width:
                if any(row):
                    yield line, row
                continue
            yield from self._judged(line, row, width)

    def _judged(self, line: int, values: list[str] | BadRow, width: int) -> Iterator[tuple[int, list[str] | BadRow]]:
        """A row of another width than the header's: cells that are missing at the end are empty."""
        if isinstance(values, BadRow):
            yield line, BadRow(values.problem, values.text, tuple(self.header))
            return
        if not any(cell.strip() for cell in values):
            return
        if len(values) > width:
            if any(cell.strip() for cell in values[width:]):
                yield self._too_wide(line, values, width)
                return
            del values[width:]
        elif len(values) < width:
            if self.mended < limits.MAX_MENDED and any(
                line.count(self.delimiter) >= max(1, width - 1) for _n, line in self.taken[1:]
            ):
                # Fewer cells over several lines, one of them a row itself: a quotation mark opened and swallowed it.
                yield self._mend(_("A quotation mark is not closed."))
                return
            values += [""] * (width - len(values))
        yield line, values

    def _too_wide(self, line: int, values: list[str], width: int) -> tuple[int, BadRow]:
        if len(self.taken) > 1 and self.mended < limits.MAX_MENDED:
            return self._mend(_("A quotation mark is not closed."))
        text = (
            self.taken[0][1].rstrip("\r\n")[: limits.KEPT] if self.taken else self.delimiter.join(values)[: limits.KEPT]
        )
        problem = _("The row has {n} fields but the header has {m}.").format(n=len(values), m=width)
        return line, BadRow(problem, text, tuple(self.header))
