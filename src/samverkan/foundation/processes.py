"""Child processes that never outlive their parent, and what /proc tells about others."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals = signal.SIGTERM, parent: int | None = None) -> None:
    """Ask the kernel to send this process a signal when the thread that started it ends.

    ``parent`` is the expected parent's process id. When it is already gone the signal is sent at
    once, since the kernel tells of deaths only after the question. The setting is lost when a
    process changes user, so it is asked for after that. Only Linux knows the question; elsewhere
    nothing happens.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), number)


def child_of_me(number: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A ``preexec_fn`` for ``subprocess.Popen``: the child gets the signal when this process ends."""
    parent = os.getpid()
    return lambda: die_with_parent(number, parent)


@dataclass(frozen=True)
class Process:
    """What /proc says of a process. ``directory`` is None where it may not be read."""

    pid: int
    name: str
    state: str
    directory: Path | None

    @property
    def is_zombie(self) -> bool:
        """Ended, but not yet collected by its parent."""
        return self.state in {"Z", "X"}


def look_up(pid: int) -> Process | None:
    """The process with this id, or None when there is none (or no /proc)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    directory = None
    with contextlib.suppress(OSError):
        directory = Path(f"/proc/{pid}/cwd").readlink()
    after_name = stat.rindex(")")
    return Process(pid, stat[stat.index("(") + 1 : after_name], stat[after_name + 2], directory)


def in_directory(directory: Path) -> list[Process]:
    """Every living process whose working directory is this one, as far as this user may see."""
    found = []
    with contextlib.suppress(OSError):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                process = look_up(int(entry.name))
                if process is not None and process.directory == directory and not process.is_zombie:
                    found.append(process)
    return found
