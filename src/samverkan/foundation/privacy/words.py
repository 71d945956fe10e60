"""The lists that the finder goes by."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Lists:
    """Words in small letters. What each list is for stands beside it in ``names.toml`` and ``words.toml``."""

    first: frozenset[str]
    last: frozenset[str]
    also_words: frozenset[str]
    places: frozenset[str]
    others: frozenset[str]
    ordinary: frozenset[str]
    after_place: frozenset[str]
    called: frozenset[str]
    person: frozenset[str]
    does: frozenset[str]
    between: frozenset[str]
    place_words: frozenset[str]
    no_plate: frozenset[str]
    no_username: frozenset[str]


@lru_cache(maxsize=1)
def lists() -> Lists:
    """Read once for a process."""
    data: dict[str, str] = {}
    for name in ("names.toml", "words.toml"):
        data |= tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))
    return Lists(**{field.name: frozenset(data[field.name].split()) for field in fields(Lists)})
