"""How much of what is known to be personal data is found, and how often ordinary words are marked."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from samverkan.foundation.privacy import find
from samverkan.foundation.privacy.words import lists
from tests.harness import sentences
from tests.harness.sentences import Said


def found(said: Said) -> bool:
    """Whether every letter and figure of what points somebody out is marked."""
    start = said.text.index(said.secret)
    marked = {at for mark in find(said.text) for at in range(mark.start, mark.end)}
    return all(at in marked for at in range(start, start + len(said.secret)) if said.text[at].isalnum())


def test_numbers_and_addresses_are_found() -> None:
    said = sentences.secret_sentences(400, 20261129)
    hits = Counter(one.kind for one in said if found(one))
    for kind in sentences.MADE:
        assert hits[kind] / 400 >= 0.98, (kind, [one for one in said if one.kind == kind and not found(one)][:5])


def test_the_right_kind_is_told() -> None:
    wrong = [
        (one, marks)
        for one in sentences.secret_sentences(200, 7)
        if (marks := [(one.text[m.start : m.end], m.kind) for m in find(one.text)]) != [(one.secret, one.kind)]
    ]
    assert len(wrong) <= 20, wrong[:10]


@pytest.mark.parametrize("listed", [True, False])
def test_names_are_found_listed_or_not(listed: bool) -> None:
    held = lists().first | lists().last
    assert not {name.casefold() for name in sentences.UNLISTED_FIRST + sentences.UNLISTED_LAST} & held
    said = [one for one in sentences.name_sentences(2000, 20261129) if one.listed is listed]
    missed = [one for one in said if not found(one)]
    assert len(missed) / len(said) <= 0.10, missed[:10]


def test_ordinary_sentences_are_seldom_marked() -> None:
    texts = sentences.ordinary_sentences(2000, 20261129)
    marks = sum(len(find(text)) for text in texts)
    assert marks / len(texts) <= 1 / 12
    # The places that the installation knows are never taken for people.
    here = frozenset(place.casefold() for place in sentences.PLACES)
    assert sum(len(find(text, here)) for text in texts) == 0


def test_what_the_police_write_is_seldom_marked() -> None:
    given = os.environ.get("SAMVERKAN_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    path = folder / "polisen" / "events.jsonl.gz"
    if not path.exists():
        pytest.skip("the real data are not on this machine (SAMVERKAN_SHARED_DATA names their folder)")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["summary"] for number, line in enumerate(file) if number % 12 == 0]
    told = [one for text in texts for one in re.split(r"(?<=[.!?])\s+", text) if len(one) >= 15]
    assert len(told) >= 2000
    assert sum(len(find(one)) for one in told) / len(told) <= 1 / 12


@pytest.mark.parametrize(
    "unit",
    [
        "Anna Svensson ",
        "070-174 06 05 ",
        "a" * 40,
        "1" * 40,
        "1 ",
        "Storgatan 1 ",
        "@a_",
        "A-",
        "1.",
        "a.",
        "X ",
        "é",
        "00 46 ",
    ],
)
def test_time_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    # Lines of code that were run, which no other process on the machine makes longer.
    def steps(text: str) -> int:
        count = 0

        def tracer(_frame: object, _event: str, _arg: object) -> object:
            nonlocal count
            count += 1
            return tracer

        sys.settrace(tracer)  # type: ignore[arg-type]
        try:
            find(text)
        finally:
            sys.settrace(None)
        return count

    short, long = unit * (1_000 // len(unit)), unit * (4_000 // len(unit))
    assert steps(long) <= 5 * max(steps(short), 200)
