"""Which marks some hundred sentences get, in a file that is read when the rules change.

How much is found of many sentences is measured beside this. That says nothing of a single rule; this does: whoever
changes one sees in ``marks.txt`` which sentences are marked otherwise. Written anew with

    SAMVERKAN_WRITE_MATRIX=1 ./samverkan test tests/unit/privacy/test_marks.py

All names and numbers are invented.
"""

from __future__ import annotations

import os
from pathlib import Path

from samverkan.foundation import privacy
from samverkan.foundation.privacy.finder import Mark
from tests.harness import sentences

MARKS, CASES = Path(__file__).with_name("marks.txt"), Path(__file__).with_name("cases.txt")
#: Places that the installation knows, in small letters.
HERE = frozenset({"tallåsen", "anna exempels plats", "kvarnbo torg"})


def _sentences() -> list[str]:
    made = [said.text for said in sentences.secret_sentences(12, 3)]
    made += [said.text for said in sentences.name_sentences(250, 4)]
    made += sentences.ordinary_sentences(150, 5)
    cases = [line for line in CASES.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [*cases, *dict.fromkeys(made)]


def _marked(text: str) -> str:
    return "".join(
        f"[{kind}: {words}]" if kind else words for words, kind in privacy.pieces(text, privacy.find(text, HERE))
    )


def test_every_sentence_is_marked_as_it_stands_in_the_file() -> None:
    told = [_marked(text).replace("\n", "\\n") for text in _sentences()]
    if os.environ.get("SAMVERKAN_WRITE_MATRIX"):
        MARKS.write_text("\n".join(told) + "\n", "utf-8")
    assert told == MARKS.read_text("utf-8").splitlines(), "other marks than before; see this module's first lines"


def test_what_is_marked_can_be_given_and_is_put_in_its_place() -> None:
    text = "abc 070-174 06 05 def"
    marks = [Mark(4, 17, "phone")]
    assert privacy.find(text) == marks
    assert privacy.stripped(text) == "abc […] def"
    assert privacy.stripped(text, [Mark(0, 3, "name")], instead="X") == "X 070-174 06 05 def"
    assert privacy.stripped(text, []) == text
    assert privacy.pieces(text) == [("abc ", ""), ("070-174 06 05", "phone"), (" def", "")]
    assert privacy.pieces("070-174 06 05") == [("070-174 06 05", "phone")]
    assert privacy.pieces(text, [Mark(0, 3, "name"), Mark(18, 21, "name")]) == [
        ("abc", "name"),
        (" 070-174 06 05 ", ""),
        ("def", "name"),
    ]
    assert privacy.pieces("") == []
