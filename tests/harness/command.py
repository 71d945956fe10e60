"""The command, run as a person would, with nothing of this process' settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"


def clean_environment(**variables: str) -> dict[str, str]:
    """This environment without what tests set for themselves."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SAMVERKAN_", "DATABASE_URL", "DJANGO_"))
    }
    return kept | {"PYTHONPATH": str(SOURCE), "LANG": "C.UTF-8"} | variables


def samverkan(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "samverkan", *map(str, arguments)],
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def server_home(folder: Path) -> Path:
    """Where the database of an installation is: where its user may not enter the folder, a note there says."""
    note = folder / "postgres-folder"
    return Path(note.read_text("utf-8").strip()) if note.exists() else folder / "postgres"
