"""What is kept for ever is read by classes that have grown since, and written again to the letter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation.editions import Kept, read, write


@dataclass(frozen=True, kw_only=True)
class Part(Kept):
    name: str = ""
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Example(Kept):
    keys: ClassVar[Mapping[str, str]] = {"begins": "from"}

    begins: str
    parts: tuple[Part, ...] = ()
    one: Part | None = None
    numbers: tuple[tuple[float | None, ...], ...] = ()
    added_later: bool = True


_PARTS = st.fixed_dictionaries({}, optional={"name": st.text(), "count": st.none() | st.integers(), "?": st.integers()})
_NUMBERS = st.none() | st.integers() | st.floats(allow_nan=False)
_EXAMPLES = st.fixed_dictionaries(
    {"from": st.text()},
    optional={
        "parts": st.lists(_PARTS),
        "one": st.none() | _PARTS,
        "numbers": st.lists(st.lists(_NUMBERS)),
        "added_later": st.booleans(),
        "nobody knows": st.dictionaries(st.text(), st.integers()),
    },
)


@given(_EXAMPLES)
def test_what_is_read_is_written_to_the_letter(kept: dict[str, object]) -> None:
    again = write(read(Example, kept))
    assert json.dumps(again, sort_keys=True) == json.dumps(kept, sort_keys=True)


def test_what_was_never_said_reads_as_its_default_and_is_not_written() -> None:
    old = read(Example, {"from": "2026-W47"})
    assert old.added_later and old.parts == ()
    assert write(replace(old, begins="2026-W48")) == {"from": "2026-W48"}
    assert write(replace(old, added_later=False)) == {"from": "2026-W47", "added_later": False}
    assert write(old.saying(parts=())) == {"from": "2026-W47", "parts": []}


def test_what_is_made_says_what_it_was_given_even_nothing() -> None:
    assert write(Part(name="", count=None)) == {"name": "", "count": None}
    assert write(Example(begins="", one=None)) == {"from": "", "one": None}


def test_taken_away_is_as_if_never_said() -> None:
    part = read(Part, {"name": "Torget", "count": 3, "who": "Eva"})
    assert write(part.without("count")) == {"name": "Torget", "who": "Eva"}
    assert write(part.without("count").known()) == {"name": "Torget"}


def test_what_every_age_has_kept_is_demanded() -> None:
    with pytest.raises(TypeError, match="begins"):
        read(Example, {})
