"""What a cell says when it says nothing: how programs write a missing value, a formula's error, a number cut short."""

from __future__ import annotations

import re
from typing import Any

_WORDS = (
    "null", "(null)", "<null>", "[null]", "nil", "none", "na", "n/a", "#n/a", "nan", "#saknas!", "saknas", "uppgift saknas",
)  # fmt: skip
#: How programs and people write that a cell has no value.
MISSING = frozenset(
    {form for word in _WORDS for form in (word, word.upper(), word.capitalize(), word.title())}
    | {"\\N", "NaN", "<Null>", "(Null)", "-", "--", "---", "–", "—", ".", "..", "#N/A N/A"}
)
_LONGEST = max(map(len, MISSING))
_ERROR = re.compile(
    r"^#(?:REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|REFERENS!|VÄRDEFEL!|DIVISION/0!|NAMN\?|OGILTIGT!"
    r"|SKÄRNING!|FÄLT!|SPILL!|BERÄKNA!)$"
)
_NARROW = re.compile("^#{3,}$")
#: A long number as a spreadsheet shows it: its last digits are gone.
_RUINED = re.compile(r"^-?\d(?:[.,]\d+[eE]\+?\d+|[eE]\+\d+)$")
#: Signs that are not seen: soft hyphen, zero width, marks of byte order.
UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")


def plain(value: Any) -> str:
    """A cell as text without no-break spaces, unseen signs and outer blanks; empty where the value is missing.

    Line breaks inside are kept. ``="0012"`` is how programs keep a spreadsheet from reading a number.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
    text = value.strip() if value.isascii() else UNSEEN.sub("", value.replace("\xa0", " ")).strip()
    if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
        text = text[2:-1].strip()
    return "" if len(text) <= _LONGEST and text in MISSING else text


def error(text: str) -> bool:
    """Whether a spreadsheet's formula went wrong and left its sign, in English or Swedish."""
    return text[:1] == "#" and _ERROR.match(text) is not None


def narrow(text: str) -> bool:
    """Whether a column was too narrow to show its value, and ``####`` was saved instead."""
    return text[:1] == "#" and _NARROW.match(text) is not None


def ruined(text: str) -> bool:
    """Whether a number has lost its last digits: 2,02603E+11."""
    return _RUINED.match(text) is not None
