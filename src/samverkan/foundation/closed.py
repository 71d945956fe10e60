"""What lies in an installation's folder is for its owner only, whatever umask or hand made it.

Mail that is kept as files holds links that let somebody in; logs, photos and keys are no better for others to read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from .postgres.layout import ROOTS_MODE

#: Folders below the installation's own. The database's is closed by itself, and may belong to another user.
FOLDERS = ("mail", "log", "files", "keys", "cache", "static", "seals")
_OTHERS = 0o077


def close(directory: Path) -> None:
    """Close what a hand, or a program with another umask, made open.

    What belongs to another user cannot be closed, and :func:`open_to_others` tells of it.
    """
    for path in _top(directory):
        if _is_open(path) and path.lstat().st_uid == os.geteuid():
            for found in (path, *_below(path)):
                if _is_open(found):
                    found.chmod(stat.S_IMODE(found.lstat().st_mode) & ~_OTHERS)


def open_to_others(directory: Path) -> list[Path]:
    """Everything that somebody else may read, write or pass through, and should not."""
    allowed = ROOTS_MODE if directory.stat().st_uid == 0 else 0o700
    found = [directory] if stat.S_IMODE(directory.stat().st_mode) & ~allowed else []
    return [*found, *(path for top in _top(directory) for path in (top, *_below(top)) if _is_open(path))]


def _top(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if path.name in FOLDERS or path.is_file():
            yield path


def _below(path: Path) -> Iterator[Path]:
    return path.rglob("*") if path.is_dir() and not path.is_symlink() else iter(())


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:  # gone since it was listed
        return False
    return not stat.S_ISLNK(mode) and bool(stat.S_IMODE(mode) & _OTHERS)
