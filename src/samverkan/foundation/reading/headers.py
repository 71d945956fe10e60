"""Which line names the columns, and what the columns are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from .letters import composed
from .problems import BadFile
from .words import _

_VALUE = re.compile(r"^[\d\s.,:/+-]*$")


def named(text: str) -> str:
    """A column's name on one line, its letters composed, so that two ways of writing it are one."""
    return " ".join(composed(text).split())


def line_of(rows: Sequence[Sequence[str]], wanted: Collection[str] = ()) -> int:
    """Which of the first rows of a table is its header.

    The first that holds every wanted column; without such a one the first that is nearly as wide as
    the rows after it and holds words, not values. Titles, dates of printing and blank lines stand above.
    """
    names = {named(name).casefold() for name in wanted if name}
    if names:
        for at, row in enumerate(rows):
            if names <= {named(cell).casefold() for cell in row}:
                return at
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    for at, row in enumerate(rows):
        widest = max(filled[at:], default=0)
        words = [cell for cell in row if cell.strip() and not _VALUE.match(cell)]
        if (
            filled[at]
            and filled[at] * 2 > widest
            and len(words) * 2 >= filled[at]
            and not (widest > 1 and filled[at] < 2)
        ):
            return at
    return next((at for at, n in enumerate(filled) if n), 0)


def each_once(cells: Sequence[str], wanted: Collection[str] = ()) -> list[str]:
    """Names of columns, each once. One that is wanted and occurs twice is refused; others get a number."""
    asked = {named(name) for name in wanted}
    header: list[str] = []
    seen: set[str] = set()
    plain = [named(cell) for cell in cells]
    for name in plain:
        if name and name in asked and plain.count(name) > 1:
            raise BadFile(_("The column “{name}” occurs twice. Give each column its own name.").format(name=name))
        number, own = 1, name
        while own and own in seen:
            number += 1
            own = f"{name} ({number})"
        seen.add(own)
        header.append(own)
    while header and not header[-1]:
        header.pop()
    return header
