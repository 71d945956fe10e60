"""The foundation knows nothing of crime prevention: no word of a room stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.urls import URLPattern

from samverkan.foundation import access, municipality
from samverkan.foundation.access.roles import roles

ROOT = Path(__file__).resolve().parents[2]
FOUNDATION = ROOT / "src" / "samverkan" / "foundation"
ROOMS = [config for config in apps.get_app_configs() if config.name.startswith("samverkan.domain.")]

#: Words in the names of rooms' models that everybody uses: in programs, on maps, in a calendar, of people.
_SAID = """
actor area category cause change choice decision edition fact feature feed file ground import imported kind link
memory municipality nothing out part place picture priority problem profile report run saved scheme segment source status
taken tick to upload version view week
"""
ORDINARY = {form for word in _SAID.split() for form in (word, f"{word}s")}


def _words(name: str) -> set[str]:
    """``NothingToReport`` and ``est_report`` taken apart, in the singular and the plural."""
    apart = re.findall(r"[A-Z]?[a-z]+", name)
    return {form for word in apart for form in (word.lower(), f"{word.lower()}s")}


def _texts() -> Iterator[tuple[Path, int, str]]:
    for path in sorted(FOUNDATION.rglob("*")):
        ours = path.suffix in {".py", ".html", ".css", ".js", ".toml", ".txt"} and "vendor" not in path.parts
        if ours and "migrations" not in path.parts:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield path.relative_to(FOUNDATION), number, line


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.label)
def test_no_word_of_a_room_stands_in_the_foundation(room: AppConfig) -> None:
    """What a room calls its things. A word that means something else in the foundation belongs in ``ORDINARY``."""
    names = {room.label, *(model.__name__ for model in room.get_models())}
    wanted = {word for name in names for word in _words(name)} - ORDINARY
    pattern = re.compile(rf"(?<![a-z])({'|'.join(sorted(wanted))})(?![a-z])", re.IGNORECASE)
    apart = re.compile(r"(?<=[a-z])(?=[A-Z])")
    found = [f"{path}:{n}: {line.strip()}" for path, n, line in _texts() if pattern.search(apart.sub(" ", line))]
    assert found == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.label)
def test_no_name_of_a_room_stands_in_the_foundation(room: AppConfig) -> None:
    """Tables, models, permissions, settings, roles and addresses, as they are written in code."""
    from importlib import import_module

    models = list(room.get_models(include_auto_created=True))
    patterns = import_module(f"{room.name}.urls").urlpatterns
    settings = {entry.key for entry in municipality.declared() if str(entry.key).startswith(f"{room.label}.")}
    written = {
        *(model._meta.db_table for model in models),
        *(name for name in access.registered() if name.startswith(f"{room.label}.")),
        *settings,
        *(pattern.name for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name),
    } - ORDINARY
    quoted = re.compile(rf"""["'`]({"|".join(map(re.escape, sorted(written)))})["'`]""")
    classes = re.compile(rf"\b(?:import|models\.)\s*({'|'.join(model.__name__ for model in models)})\b")
    found = [f"{path}:{n}: {line.strip()}" for path, n, line in _texts() if quoted.search(line) or classes.search(line)]
    assert found == []


def test_the_foundation_has_no_roles_but_its_own() -> None:
    """Those who run the house and watch over it. What others may do there is given by the site (``access.give``)."""
    others = set(roles.codes()) - {"administrator", "auditor", "dpo", "registrar"}
    assert others
    quoted = re.compile(rf"""["']({"|".join(sorted(others))})["']""")
    assert [f"{path}:{n}: {line.strip()}" for path, n, line in _texts() if quoted.search(line)] == []
