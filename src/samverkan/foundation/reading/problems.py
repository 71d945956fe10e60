"""What can be wrong with a file or a row, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


class BadFile(Exception):
    """The file, or the rest of it, cannot be read. The message is for a person."""


class UnknownSystem(BadFile):
    """The coordinate system that a file names is not known; somebody must say it."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read, with the reason, what there was of it and the columns it should have had."""

    problem: str
    text: str = ""
    columns: tuple[str, ...] = ()
