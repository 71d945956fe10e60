"""Text as Swedish people expect it sorted and matched."""

from __future__ import annotations

import re
import unicodedata

_TABLE = str.maketrans("åäöéèêëüúùûæøóòôáàâíìîïñç", "{|}eeeeuuuu|}oooaaaiiiinc")
_DIGITS = re.compile(r"[0-9]+")


def sv_key(value: str) -> str:
    """The same sort key as the database's ``sv_sort``: å ä ö last, numbers by value."""
    padded = _DIGITS.sub(lambda m: m[0].lstrip("0").rjust(10, "0"), value.lower())
    return padded.translate(_TABLE)


def folded(value: str) -> str:
    """For matching what people type: lower case, composed, white space (also no-break) collapsed."""
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())
