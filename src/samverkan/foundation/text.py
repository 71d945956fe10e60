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


#: Letters with marks, and those they are written as without.
MARKED = "åäöéèêëüúùûæøóòôáàâíìîïñç"
PLAIN = "aaoeeeeuuuuaooooaaaiiiinc"
_PLAIN = str.maketrans(MARKED, PLAIN)


def folded(value: str) -> str:
    """For matching what people type: lower case, composed, white space (also no-break) collapsed."""
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def shortened(words: str, most: int) -> str:
    """At most so many letters, cut between words."""
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0] + " …"


def rank(wanted: str, title: str) -> int:
    """How well a title answers: 0 it is what was asked for, 1 it begins so, 2 the rest."""
    as_found = plain if plain(wanted) == folded(wanted) else folded
    asked, told = folded(wanted), as_found(title)
    return 0 if told == asked else 1 if told.startswith(asked) else 2


def holds(wanted: str, value: str) -> bool:
    """Whether a text holds what somebody looks for: as ``holding`` of the database's functions says it."""
    as_found = plain if plain(wanted) == folded(wanted) else folded
    return folded(wanted) in as_found(value)


def plain(value: str) -> str:
    """Folded, and without marks over letters: the database's ``Plain``."""
    return folded(value).translate(_PLAIN)
