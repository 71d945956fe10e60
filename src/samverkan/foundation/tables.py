"""Tables that leave the house: cells that a spreadsheet shows as they are and never runs."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula.

    Plain numbers, also negative ones, stay numbers (OWASP, CSV injection).
    """
    if text.startswith(_FORMULA):
        try:
            float(text.replace(",", "."))
        except ValueError:
            return "'" + text
    return text


def plain_cell(text: str) -> str:
    """What :func:`safe_cell` was given."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
