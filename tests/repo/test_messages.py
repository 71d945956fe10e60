"""Every text of the interface has its Swedish, and the Swedish keeps the rules."""

from __future__ import annotations

import re
from pathlib import Path

from tools import messages

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)[^}]*\}|%[sd]")
_NEVER = re.compile(r"!|\b(ogiltig\w*|misslyckades|vänligen|hoppsan|klicka här)\b", re.IGNORECASE)


def _entries() -> list[tuple[str, str, str, bool]]:
    """Room, English, Swedish and if it is a plural, of every filled-in text; one row per form."""
    rows = []
    for room in sorted({messages.room_of(path) for path in messages.SOURCE.rglob("django.po")}):
        for message in messages.catalogue(room):
            if not message.id:
                continue
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
            name = str(room.relative_to(messages.SOURCE))
            rows += [(name, ids[min(i, len(ids) - 1)], text, len(ids) > 1) for i, text in enumerate(strings) if text]
    return rows


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text)}


def test_every_text_has_swedish() -> None:
    """Run `python tools/messages.py --update ROOM` and fill in what it adds."""
    lacking = [
        f"{room.relative_to(messages.SOURCE)}: {context or ''} {text}" for room, (context, text) in messages.missing()
    ]
    assert not lacking, "\n".join(lacking)


def test_a_text_has_the_same_swedish_in_every_room() -> None:
    """Django shows one of them everywhere, whichever room is first. Tell meanings apart with a context."""
    swedish: dict[tuple[str | None, str], dict[str, list[str]]] = {}
    for room in sorted({messages.room_of(path) for path in messages.SOURCE.rglob("django.po")}):
        for message in messages.catalogue(room):
            if message.id:
                text = swedish.setdefault((message.context, str(message.id)), {})
                text.setdefault(str(message.string), []).append(room.name)
    assert {key: rooms for key, rooms in swedish.items() if len(rooms) > 1} == {}


def test_no_swedish_is_a_guess() -> None:
    """A fuzzy entry is not shown to anybody until somebody has looked at it."""
    fuzzy = [
        f"{path.relative_to(messages.SOURCE)}: {message.id}"
        for path in sorted(messages.SOURCE.rglob("django.po"))
        for message in messages.catalogue(messages.room_of(path))
        if message.id and message.fuzzy
    ]
    assert fuzzy == []


def test_swedish_fills_in_the_same_things() -> None:
    """One of a plural's forms may leave its number out; nothing else may differ."""
    wrong = []
    for room, english, swedish, plural in _entries():
        there, here = _placeholders(english), _placeholders(swedish)
        if not (here <= there if plural else here == there):
            wrong.append(f"{room}: {english!r} → {swedish!r}")
    assert wrong == []


def test_swedish_keeps_the_tone() -> None:
    """No exclamation marks, no blame, no office words: the guide of texts says why."""
    assert [f"{room}: {swedish}" for room, _english, swedish, _plural in _entries() if _NEVER.search(swedish)] == []


def test_compiled_texts_are_not_kept() -> None:
    ignored = (Path(__file__).resolve().parents[2] / ".gitignore").read_text("utf-8").splitlines()
    assert "*.mo" in ignored


def test_every_call_that_translates_is_found() -> None:
    """A function imported under a name of its own would hide its texts from the search."""
    other = re.compile(r"import (?:\(?[\w, ]*\b)?(\w*gettext\w*) as (?!_\b)\w+")
    other_meaning = re.compile(r"(?:pgettext|npgettext|ngettext)\w* as _\b")
    hidden = [
        f"{path.relative_to(messages.SOURCE)}: {line.strip()}"
        for path in sorted(messages.SOURCE.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if other.search(line) or other_meaning.search(line)
    ]
    assert hidden == []
