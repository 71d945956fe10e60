"""Files that are whole or not there at all, and for their owner only, whatever the umask."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes, *, once: bool = False) -> bool:
    """Write beside, then give the name: who reads meets the old content or the new, also after a power cut.

    With ``once`` a file that is there already stays, also when another process makes it at the same moment. Returns
    whether this content was written. Raises OSError.
    """
    half = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if once:
            os.link(half, path)
        else:
            half.replace(path)
    except FileExistsError:
        return False
    finally:
        half.unlink(missing_ok=True)
    return True
