"""What whoever imports should know beside the rows that are rejected: counts with a few examples."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

#: Names that are counted one by one; a column of free text has no end of them.
MOST_NAMES = 1000
EXAMPLES = 5


@dataclass
class Told:
    """Rows that are read and lack something, or say it twice."""

    without_place: int = 0
    #: Rows whose point is not kept, by their category that nobody has answered for.
    waiting: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    #: Rows that have the identity of an earlier row of their file and say something else, and lines of some of them.
    repeated: int = 0
    repeated_lines: list[tuple[str, int, int]] = field(default_factory=list)
    #: Sheets with the same columns that are not read: file, the sheet that is read, the others.
    sheets: list[tuple[str, str, list[str]]] = field(default_factory=list)
    #: Columns of the mapping that no row of a file of objects has: file, columns.
    absent: list[tuple[str, list[str]]] = field(default_factory=list)

    def name(self, names: Counter[str], text: str) -> None:
        """Count a name that was not found."""
        if text in names or len(names) < MOST_NAMES:
            names[text[:80]] += 1
        else:
            names["…"] += 1

    def as_dict(self) -> dict[str, Any]:
        """For scripts, and to be kept with the import."""
        return {
            "without_place": self.without_place,
            "waiting_categories": _counted(self.waiting),
            "unknown_areas": _counted(self.areas),
            "unknown_places": _counted(self.places),
            "repeated_ids": {
                "rows": self.repeated,
                "examples": [{"file": file, "rows": [first, again]} for file, first, again in self.repeated_lines],
            },
            "other_sheets": [{"file": file, "read": read, "left": left} for file, read, left in self.sheets],
            "absent_columns": [{"file": file, "columns": columns} for file, columns in self.absent],
        }


def _counted(names: Counter[str]) -> dict[str, Any]:
    return {"rows": names.total(), "examples": [name for name, _n in names.most_common(EXAMPLES)]}


def sentences(told: dict[str, Any]) -> list[str]:
    """What :meth:`Told.as_dict` holds, in words; nothing where there is nothing to tell."""
    found = []
    for key, words in (
        (
            "unknown_areas",
            _("Rows that name an area that is not in the register: {n}, for example {names}. They count to no area."),
        ),
        (
            "unknown_places",
            _("Rows that name a place that is not in the register: {n}, for example {names}. They have no point."),
        ),
    ):
        part = told.get(key) or {}
        if part.get("rows"):
            found.append(words.format(n=part["rows"], names=", ".join(part["examples"])))
    waiting = told.get("waiting_categories") or {}
    if waiting.get("rows"):
        found.append(
            _(
                "Rows known by area only, since nobody has said whether exact places may be kept: {n}, for example of {names}. "
                "Answer on the page Categories, or under [points] in the mapping, and read the same file again."
            ).format(n=waiting["rows"], names=", ".join(waiting["examples"]))
        )
    if told.get("without_place"):
        found.append(
            _("Rows with neither coordinates, place nor area: {n}. They are known to the municipality only.").format(
                n=told["without_place"]
            )
        )
    repeated = told.get("repeated_ids") or {}
    if repeated.get("rows"):
        found.append(
            _(
                "Rows that have the identity of an earlier row of the file and say something else: {n}, for example rows {rows}. "
                "The last one holds, and the earlier ones are its history. Look whether the identity is the right column."
            ).format(
                n=repeated["rows"],
                rows="; ".join(_("{a} and {b}").format(a=e["rows"][0], b=e["rows"][1]) for e in repeated["examples"]),
            )
        )
    for part in told.get("other_sheets") or []:
        found.append(
            _("{file}: the sheet “{read}” is read. These have the same columns and are not: {left}.").format(
                file=part["file"], read=part["read"], left=", ".join(part["left"][:EXAMPLES])
            )
        )
    for part in told.get("absent_columns") or []:
        found.append(
            _("{file}: no row has {columns}, which the mapping takes.").format(
                file=part["file"], columns=", ".join(part["columns"][:EXAMPLES])
            )
        )
    return found


class Identities:
    """The identities of one file in three numbers a row, so that a million rows are 24 megabytes."""

    def __init__(self) -> None:
        self.ids, self.contents, self.lines = array("q"), array("q"), array("q")

    def add(self, line: int, external_id: str, content: bytes) -> None:
        """Note a row."""
        self.ids.append(hash(external_id))
        self.contents.append(int.from_bytes(content[:8], "little", signed=True))
        self.lines.append(line)

    def tell(self, file: str, told: Told) -> None:
        """Count the rows that say something else than the row before them of the same identity."""
        if len(self.ids) < 2:
            return
        ids, contents, lines = (np.frombuffer(a, np.int64) for a in (self.ids, self.contents, self.lines))
        order = np.argsort(ids, kind="stable")
        again = np.flatnonzero((np.diff(ids[order]) == 0) & (np.diff(contents[order]) != 0))
        told.repeated += len(again)
        for k in sorted(again.tolist(), key=lambda k: lines[order[k]])[: EXAMPLES - len(told.repeated_lines)]:
            told.repeated_lines.append((file, int(lines[order[k]]), int(lines[order[k + 1]])))
