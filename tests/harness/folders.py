"""Folders for whole installations, which the database's user must be able to reach."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def installation_folder() -> Iterator[Path]:
    """An open folder, removed afterwards together with data that root's server moved elsewhere."""
    base = Path(tempfile.mkdtemp(prefix="samverkan-installation-"))
    base.chmod(0o755)
    try:
        yield base
    finally:
        for note in base.rglob("postgres-folder"):
            shutil.rmtree(note.read_text("utf-8").strip(), ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)
