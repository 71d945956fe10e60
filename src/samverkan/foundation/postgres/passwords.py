"""The generated passwords of the database's roles, in one file that only its owner can read."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from .. import whole
from .layout import DatabaseFailure

#: bootstrap is the superuser and serves the driver only; owner owns the tables and migrates; the
#: web server and the jobs are app. The others each write or remove one kind of row.
ROLES = ("bootstrap", "owner", "app", "log", "seal", "intake", "disposal")
#: What has been done with the server as superuser; a later release that does more names it here.
_STEPS = (*ROLES, "closed")
_FILE = "database-passwords.json"


def _load(directory: Path) -> dict[str, dict[str, str] | list[str]]:
    try:
        return dict(json.loads((directory / _FILE).read_text("utf-8")))
    except FileNotFoundError:
        return {"passwords": {}, "prepared": []}
    except ValueError as error:
        raise DatabaseFailure(f"{directory / _FILE} cannot be read as JSON. Put it back from a copy.") from error


def _store(directory: Path, content: dict[str, dict[str, str] | list[str]]) -> None:
    whole.write(directory / _FILE, json.dumps(content, indent=1).encode())


def _passwords(content: dict[str, dict[str, str] | list[str]]) -> dict[str, str]:
    known = content["passwords"]
    assert isinstance(known, dict)
    return dict(known)


def read(directory: Path) -> dict[str, str]:
    """Role → password."""
    return _passwords(_load(directory))


def ensure(directory: Path) -> dict[str, str]:
    """Role → password, with one made for each role that has none. Called with the start lock held."""
    content = _load(directory)
    known = _passwords(content)
    missing = [role for role in ROLES if role not in known]
    if missing:
        known |= {role: secrets.token_urlsafe(24) for role in missing}
        _store(directory, content | {"passwords": known})
    return known


def is_prepared(directory: Path) -> bool:
    """Whether the superuser's part is done: every role exists, and what everybody had is taken back."""
    return set(_STEPS) <= set(_load(directory)["prepared"])


def mark_prepared(directory: Path) -> None:
    """Note that it is done."""
    _store(directory, _load(directory) | {"prepared": list(_STEPS)})
