"""Tables that leave the house: cells that a spreadsheet shows as they are and never runs."""

from __future__ import annotations

import re
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
