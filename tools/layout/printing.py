"""Documents that may be broken into lines, and their printing: what fits on a line stays on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Text:
    """Signs as they are; with line breaks in them, what is around is broken."""

    text: str

    @property
    def broken(self) -> bool:
        return "\n" in self.text


@dataclass
class Line:
    """A line break in what is broken, else ``flat``."""

    flat: str
    broken = False


@dataclass
class Hard:
    """A line break always, and a blank line with it."""

    blank: bool = False
    broken = True


@dataclass
class IfBroken:
    """One thing in what is broken, another in what is on one line."""

    then: Doc
    otherwise: Doc
    broken = False


class Many:
    """Documents one after the other."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = docs
        self.broken: bool = any(doc.broken for doc in docs)


class Concat(Many):
    """One after the other, broken with what is around them."""


class Group(Many):
    """All on one line where that fits, else with every line break of its own."""


class Indent(Many):
    """Two spaces in."""


class Fill(Many):
    """Documents with lines between them: as many on each line as fit."""


Doc = Text | Line | Hard | IfBroken | Many
NOTHING_THERE = Text("")
#: Indentation, if it is broken, and what.
Job = tuple[int, bool, Doc]


def printed(doc: Doc, width: int) -> str:
    """The document as lines, at most so wide where it can be broken."""
    out: list[str] = []
    column = 0
    jobs: list[Job] = [(0, True, doc)]
    while jobs:
        indent, broken, doc = jobs.pop()
        if isinstance(doc, Hard) or (isinstance(doc, Line) and broken):
            out.append("\n\n" if isinstance(doc, Hard) and doc.blank else "\n")
            column = -indent  # written with the first sign
        elif isinstance(doc, IfBroken):
            jobs.append((indent, broken, doc.then if broken else doc.otherwise))
        elif isinstance(doc, Text | Line):
            if text := doc.flat if isinstance(doc, Line) else doc.text:
                out.append(" " * -column + text if column < 0 else text)
                column = abs(column) + len(text) if "\n" not in text else len(text) - text.rindex("\n") - 1
        elif isinstance(doc, Fill) and broken:
            jobs += _filled(doc.docs, indent, jobs, width - abs(column))
        else:
            if isinstance(doc, Group):
                broken = doc.broken or not _fits((indent, False, doc), jobs, width - abs(column))
            inner = indent + 2 * isinstance(doc, Indent)
            jobs += [(inner, broken, part) for part in reversed(doc.docs)]
    return "".join(out)


def _filled(docs: Sequence[Doc], indent: int, jobs: list[Job], left: int) -> list[Job]:
    """The first of some documents, the line after it, and the rest still to be filled; the last first."""
    first = docs[0]
    flat = not first.broken and _fits((indent, False, first), jobs if len(docs) == 1 else [], left)
    if len(docs) == 1:
        return [(indent, not flat, first)]
    both = Concat(docs[:3])
    after = jobs if len(docs) == 3 else []
    same_line = flat and not both.broken and _fits((indent, False, both), after, left)
    return [(indent, True, Fill(docs[2:])), (indent, not same_line, docs[1]), (indent, not flat, first)]


def _fits(job: Job, after: list[Job], left: int) -> bool:
    """Whether it fits on what is left of the line, with what must follow before the next line break."""
    jobs = [job]
    behind = len(after)
    while left >= 0:
        if not jobs:
            if not behind:
                return True
            behind -= 1
            jobs.append(after[behind])
        indent, broken, doc = jobs.pop()
        if isinstance(doc, Hard) or (isinstance(doc, Line) and broken):
            return True
        if isinstance(doc, Line):
            left -= len(doc.flat)
        elif isinstance(doc, Text):
            first, breaks, _rest = doc.text.partition("\n")
            left -= len(first)
            if breaks:
                return left >= 0
        elif isinstance(doc, IfBroken):
            jobs.append((indent, broken, doc.then if broken else doc.otherwise))
        else:
            jobs += [(indent, broken, part) for part in reversed(doc.docs)]
    return False
