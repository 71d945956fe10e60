"""Files that are whole or not there at all, and for their owner only unless said otherwise, whatever the umask."""

from __future__ import annotations

import os
from pathlib import Path

#: A nameless file that can be given a name later; 0 where the system has none.
_NAMELESS = getattr(os, "O_TMPFILE", 0)


def write(path: Path, content: bytes, *, once: bool = False, mode: int = 0o600) -> bool:
    """Write beside, then give the name: who reads meets the old content or the new, also after a power cut.

    A killed writer leaves nothing: until all is on the disk the file has no name. With ``once`` a file that is there
    already stays, also when another process makes it at the same moment. Returns whether this content was written.
    Raises OSError.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    handle = nameless(path.parent)
    has_name = handle is None
    if handle is None:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
            if not has_name:
                give_name(handle, path if once else beside)
        if not once:
            beside.replace(path)  # only a rename replaces what is there
        elif has_name:
            os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


def nameless(folder: Path) -> int | None:
    """A new file in a folder that has no name, and that the kernel removes with the process unless it gets one.

    None where the file system knows no such files (NFS).
    """
    try:
        handle = os.open(folder, _NAMELESS | os.O_RDWR, 0o600)
    except OSError:
        return None
    os.fchmod(handle, 0o600)
    return handle


def give_name(handle: int, target: Path) -> None:
    """Give a nameless file its name. Raises FileExistsError where there is one by that name."""
    # A directory's number is given only so that the link is followed to the nameless file.
    os.link(f"/proc/self/fd/{handle}", target, src_dir_fd=handle, follow_symlinks=True)
