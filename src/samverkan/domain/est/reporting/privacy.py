"""Marks what looks like personal data in a text. A help for the eye: the person decides.

Pure: no database, no settings. It marks rather too much than too little, and never claims to be
complete: a text may point somebody out without any of this.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.se import personnummer

IDENTITY, PHONE, PLATE, EMAIL, NAME, ADDRESS = "identity", "phone", "plate", "email", "name", "address"


@dataclass(frozen=True, order=True)
class Mark:
    """One place in the text: half-open span of characters, and what it looks like."""

    start: int
    end: int
    kind: str


_LETTER = "A-Za-zÅÄÖåäöÉéÈèÜüÆæØø"
_SPACE = "[  ]"  # ordinary or no-break
_IDENTITY = re.compile(r"(?<![\d])(\d{2})?(\d{2})(\d{2})(\d{2})[ ]?[-+–]?[ ]?(\d{4}|[A-Za-zÅÄÖåäö]\d{3})(?![\d])")
# No repeat without an end: each would be tried from everywhere in a long text, which takes the square of its length.
_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)46[\s  ()-]{0,4}(?:\(0\)|0)?[\s  -]{0,4}|0)[1-9](?:[\s  ()/–-]{0,4}\d){6,9}(?![\d])"
)
# Three letters of those used, two digits and a digit or letter; spaced or not.
_PLATE = re.compile(
    r"(?<![A-Za-zÅÄÖåäö0-9])[A-HJ-PR-UW-Za-hj-pr-uw-z]{3}[ ­-]?\d{2}[0-9A-HJ-NPR-UW-Za-hj-npr-uw-z](?![A-Za-zÅÄÖåäö0-9])"
)
_EMAIL = re.compile(r"[\w.+%'-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63})+", re.UNICODE)
_WORD = re.compile(rf"[{_LETTER}][{_LETTER}'’-]*")
_STREET = re.compile(
    rf"(?<![{_LETTER}])(?:(?:[A-ZÅÄÖ][{_LETTER}-]{{0,60}}{_SPACE})?(?:[A-ZÅÄÖ][{_LETTER}-]{{0,60}})"
    r"(?:gatan|gata|vägen|väg|gränd|gränden|allén|allé|stigen|stig|backen|backe|torget|plan|kroken|leden|gården)"
    rf"){_SPACE}?\d{{1,3}}{_SPACE}?[A-Za-z]?(?![\w])"
    rf"(?:,?{_SPACE}{{0,4}}(?:lgh|lägenhet|tr|trappor|våning|vån\.?)\.?{_SPACE}{{0,4}}\d{{1,4}})?"
)
_FLAT = re.compile(r"\b(?:lgh|lägenhet(?:en)?|port(?:en)?)[  .]{0,4}(?:nr[  .]{0,4})?\d{1,4}[A-Za-z]?\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))
    return frozenset(data["first"].split()), frozenset(data["last"].split())


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        personnummer.get_birth_date(f"{year}{month}{day}-0000")
    except ValidationError:
        return False
    return True


def is_identity_number(text: str) -> bool:
    """A personal identity number or coordination number (day + 60), by date and check digit.

    Numbers with a letter for the fourth-last digit (temporary ones given in health care) count by date alone.
    """
    match = _IDENTITY.fullmatch(text.strip())
    if not match:
        return False
    _century, year, month, day, last = match.groups()
    if not _is_date(year, month, f"{int(day) - 60:02}" if int(day) > 60 else day):
        return False
    return not last.isdigit() or luhn.is_valid(year + month + day + last)


def _is_written_as_one(text: str) -> bool:
    """A date of birth with four digits after it, as such numbers are written: a slip of the pen still points at somebody."""
    match = _IDENTITY.fullmatch(text)
    if not match:
        return False
    century, year, month, day, last = match.groups()
    if not last.isdigit() or not _is_date(year, month, day):
        return False
    return century in {"19", "20"} or (century is None and text[6:7] in {"-", "+"})


def find(text: str) -> list[Mark]:
    """All marks in the order of the text, not overlapping: where two kinds meet, the surer one stays."""
    marks: list[Mark] = []
    taken = bytearray(len(text))

    def add(start: int, end: int, kind: str) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            marks.append(Mark(start, end, kind))

    for match in _IDENTITY.finditer(text):
        if is_identity_number(match[0]) or _is_written_as_one(match[0]):
            add(match.start(), match.end(), IDENTITY)
    for match in _EMAIL.finditer(text):
        add(match.start(), match.end(), EMAIL)
    for match in _PHONE.finditer(text):
        add(match.start(), match.end(), PHONE)
    for match in _STREET.finditer(text):
        add(match.start(), match.end(), ADDRESS)
    for match in _FLAT.finditer(text):
        add(match.start(), match.end(), ADDRESS)
    for match in _PLATE.finditer(text):
        add(match.start(), match.end(), PLATE)
    for start, end in _name_spans(text):
        add(start, end, NAME)
    return sorted(marks)


def _name_spans(text: str) -> list[tuple[int, int]]:
    """Words of the lists written with a capital; a first name takes capitalised words after it along."""
    first, last = _names()
    words = [(m.start(), m.end(), m[0]) for m in _WORD.finditer(text)]
    spans: list[tuple[int, int]] = []
    position = 0
    while position < len(words):
        start, end, word = words[position]
        parts = _bare(word).split("-")
        given = word[0].isupper() and any(part in first for part in parts)
        family = word[0].isupper() and _bare(word) in last
        if not given and not family:
            position += 1
            continue
        position += 1
        while given and position < len(words) and _follows(text, end, words[position]):
            end = words[position][1]
            position += 1
        spans.append((start, end))
    return spans


def _bare(word: str) -> str:
    """Lower case without the genitive's s where the name is known without it."""
    low = word.casefold().rstrip("'’")
    first, last = _names()
    if low not in first and low not in last and low.endswith("s") and (low[:-1] in first or low[:-1] in last):
        return low[:-1]
    return low


def _follows(text: str, end: int, word: tuple[int, int, str]) -> bool:
    return text[end : word[0]] in {" "} and word[2][0].isupper()


def stripped(text: str, marks: list[Mark] | None = None, *, instead: str = "[…]") -> str:
    """The text with every mark replaced."""
    out, at = [], 0
    for mark in find(text) if marks is None else marks:
        out += [text[at : mark.start], instead]
        at = mark.end
    return "".join([*out, text[at:]])


def pieces(text: str) -> list[tuple[str, str]]:
    """The text in pieces for the page: (words, kind), with an empty kind for what is not marked."""
    out, at = [], 0
    for mark in find(text):
        if mark.start > at:
            out.append((text[at : mark.start], ""))
        out.append((text[mark.start : mark.end], mark.kind))
        at = mark.end
    if at < len(text):
        out.append((text[at:], ""))
    return out
