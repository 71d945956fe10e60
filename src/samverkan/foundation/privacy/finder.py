"""The marks of a text: what each kind's rules find, the surer kind first where two meet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass

from . import numbers, people


@dataclass(frozen=True, order=True)
class Mark:
    """One place in the text: half-open span of characters, and what it looks like."""

    start: int
    end: int
    kind: str


def find(text: str, places: Collection[str] = ()) -> list[Mark]:
    """All marks in the order of the text, not overlapping: where two kinds meet, the surer one stays.

    ``places`` are names of places here, in small letters, so that they are not taken for people. The time grows
    linearly with the text.
    """
    marks: list[Mark] = []

    def add(start: int, end: int, kind: str) -> None:
        at = bisect_left(marks, Mark(start, end, ""))
        before = at > 0 and marks[at - 1].end > start
        after = at < len(marks) and marks[at].start < end
        if not before and not after:
            marks.insert(at, Mark(start, end, kind))

    for start, end, kind in numbers.spans(text):
        add(start, end, kind)
    for start, end in people.spans(text, places):
        add(start, end, people.NAME)
    return marks


def stripped(text: str, marks: list[Mark] | None = None, *, instead: str = "[…]") -> str:
    """The text with every mark replaced."""
    out, at = [], 0
    for mark in find(text) if marks is None else marks:
        out += [text[at : mark.start], instead]
        at = mark.end
    return "".join([*out, text[at:]])


def pieces(text: str, marks: list[Mark] | None = None) -> list[tuple[str, str]]:
    """The text in pieces for the page: (words, kind), with an empty kind for what is not marked."""
    out, at = [], 0
    for mark in find(text) if marks is None else marks:
        if mark.start > at:
            out.append((text[at : mark.start], ""))
        out.append((text[mark.start : mark.end], mark.kind))
        at = mark.end
    if at < len(text):
        out.append((text[at:], ""))
    return out
