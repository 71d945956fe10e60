"""Tables that leave the house: cells that a spreadsheet shows as they are and never runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

#: What a spreadsheet may take for a formula, also in full width (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)?")


def safe_cell(value: Value) -> Value:
    """A text with an apostrophe before it when a spreadsheet would take it for a formula; other values as they are.

    Plain numbers, also negative ones, stay numbers.
    """
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"  # type: ignore[return-value]
    return value


def plain_cell(text: str) -> str:
    """What :func:`safe_cell` was given."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text


class _Line:
    """What the csv writer writes to: the line is handed back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table as lines of CSV with semicolons, after the mark that spreadsheets know UTF-8 by."""
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff" + writer.writerow([str(cell) for cell in head])
    for row in rows:
        yield writer.writerow([safe_cell(str(cell)) for cell in row])
