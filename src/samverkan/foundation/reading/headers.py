"""Which line names the columns, and what the columns are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from .columns import guess
from .letters import composed
from .problems import BadFile
from .values import UNSEEN
from .words import _

_VALUE = re.compile(r"^[\d\s.,:/+-]*$")


def named(text: str) -> str:
    """A column's name on one line, its letters composed, so that two ways of writing it are one."""
    return " ".join((text if text.isascii() else UNSEEN.sub("", composed(text))).split())


def line_of(rows: Sequence[Sequence[str]], wanted: Collection[str] = ()) -> int:
    """Which of the first rows of a table is its header.

    The one that holds most of the wanted columns; without any the first that is nearly as wide as the
    rows after it and holds words, not values. If it is narrower than they, the first with two names
    that files use for their columns. Titles, dates of printing and blank lines stand above.
    """
    names = {named(name).casefold() for name in wanted if name}
    held = [len(names & {named(cell).casefold() for cell in row}) for row in rows]
    if any(held):
        return held.index(max(held))
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
            named_by_habit = (n for n, other in enumerate(rows[at:], at) if len(guess(other)) > 1)
            return at if filled[at] == widest else next(named_by_habit, at)
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
