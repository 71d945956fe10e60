"""One number for everything that decides how the database looks, to know when to migrate."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
_CHECKOUT = _PACKAGE.parents[1]
#: What migrating runs or reads: the migrations, the models whose tables get triggers and grants,
#: the applications that declare them, and the code that installs both.
_PATTERNS = (
    "**/migrations/*.py",
    "**/models.py",
    "**/models/*.py",
    "**/apps.py",
    "**/triggers.py",
    "foundation/postgres/*.py",
)


def schema_fingerprint() -> str:
    """16 hexadecimal digits over the source of the schema and the pinned libraries' own."""
    digest = hashlib.sha256()
    files = {file for pattern in _PATTERNS for file in _PACKAGE.glob(pattern)}
    pinned = _CHECKOUT / "requirements.txt"
    for file in [*sorted(files), pinned]:
        if file.exists():
            digest.update(f"{file.relative_to(_CHECKOUT)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
