"""Numbers as people write them: decimal comma, spaces between thousands, a minus sign of print."""

from __future__ import annotations

import math
import re

_BLANK = "\u00a0\u2007\u2009\u202f "
_GROUPS = re.compile(rf"^[-+]?\d{{1,3}}(?:[{_BLANK}']\d{{3}})+(?:[.,]\d+)?$")
_PLAIN = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$", re.ASCII)


def number(text: str, decimal: str = "") -> float:
    """A finite number. Both a point and a comma may be the decimal sign; ``,`` makes a point one of thousands.

    Raises ValueError for all else, also for what only Python takes for a number.
    """
    if _PLAIN.match(text) and math.isfinite(value := float(text)):
        return value  # nearly every number of every file
    plain = text.strip().replace("\u2212", "-")
    if _GROUPS.match(plain):
        plain = re.sub(rf"[{_BLANK}']", "", plain)
    if decimal == "," and "," in plain and re.match(r"^[-+]?\d{1,3}(?:\.\d{3})+,\d+$", plain):
        plain = plain.replace(".", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _PLAIN.match(plain) or not math.isfinite(value := float(plain)):
        raise ValueError(text)
    return value
