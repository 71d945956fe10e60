"""Proposes whether a category's places are where people live, by the words in ``homes.toml``. A person decides."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

#: What may stand for a letter with a mark over it: the letter without it, two letters, or what a wrong reading of
#: the file left of it ("l„genhet", "lÃ¤genhet", "l?genhet", "lgenhet").
_MARKED = re.compile("[åäöéüæø]")
_MISREAD = r"(?:[åäöéüæø]|aa|ae|oe|[aoeu]|[^a-zåäöéü0-9 ]{1,4}|[^\x00-\x7f]{1,4}|)"


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    listed = tomllib.loads((Path(__file__).parent / "homes.toml").read_text("utf-8"))
    words = {word for language in listed.values() for kind in language.values() for word in kind}
    return re.compile("|".join(_pattern(word) for word in sorted(words)))


def _pattern(word: str) -> str:
    inside = _MARKED.sub("\0", word.strip())
    found = re.escape(inside).replace(re.escape("\0"), _MISREAD)
    return (r"\b" if word.startswith(" ") else "") + found + (r"\b" if word.endswith(" ") else "")


def often_a_home(name: str) -> bool:
    """Whether what a category is called tells of dwellings, or of people who are close to each other."""
    plain = unicodedata.normalize("NFC", " ".join(name.split())).casefold()
    return _words().search(plain) is not None
