"""The table that stands beside every chart and map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..numbers import format_number


class Hidden(Enum):
    """A number that exists but may not be shown."""

    HIDDEN = "hidden"


class Missing(Enum):
    """A number that nobody knows."""

    MISSING = "missing"


@dataclass(frozen=True)
class AtLeast:
    """A number that may not be shown, of which so much may: there are at least so many."""

    value: int


HIDDEN: Final = Hidden.HIDDEN
MISSING: Final = Missing.MISSING

Cell = int | float | str | Hidden | Missing | AtLeast


def cell_text(value: Cell, decimals: int = 1) -> str:
    """How a cell reads; never empty."""
    if value is HIDDEN:
        return _("not shown")
    if value is MISSING or value == "":
        return _("unknown")
    if isinstance(value, AtLeast):
        return _("at least %(number)s") % {"number": format_number(value.value, 0, get_language() or "sv")}
    if isinstance(value, str):
        return value
    assert not isinstance(value, Hidden | Missing)
    return format_number(value, decimals, get_language() or "sv")


@dataclass(frozen=True)
class Column:
    """A heading; numeric columns stand to the right, with the unit in the heading."""

    label: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of raw values under named columns. The first column heads its row."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None

    def texts(self) -> list[list[str]]:
        """The rows as they read on a page, total last."""
        rows = [*self.rows, *([self.total] if self.total else [])]
        return [[cell_text(value) for value in row] for row in rows]

    def csv_rows(self) -> list[list[str | int | float]]:
        """Heading and rows for a file: numbers stay numbers, what is not shown says so."""
        head: list[str | int | float] = [column.label for column in self.columns]
        rows = [*self.rows, *([self.total] if self.total else [])]
        return [head] + [
            [value if isinstance(value, int | float) else cell_text(value) for value in row] for row in rows
        ]
