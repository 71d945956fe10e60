"""Does a server answer on the socket? The only proof of life that counts.

A process id in a file proves nothing: the process may be a zombie, or another program that got
the same number.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from samverkan.foundation.processes import in_directory, look_up

from .layout import DatabaseFailure, Layout


class Answer(Enum):
    """What came back."""

    READY = "ready"
    NOT_NOW = "not now"  # starting, recovering or shutting down
    NONE = "none"


#: The start of a conversation in protocol 3.0, from a user who need not exist.
_HELLO_BODY = struct.pack("!I", 196608) + b"user\0samverkan\0database\0postgres\0\0"
_HELLO = struct.pack("!I", len(_HELLO_BODY) + 4) + _HELLO_BODY
_CANNOT_CONNECT_NOW = b"C57P03"


def ask(path: Path, *, patience: float = 2.0) -> Answer:
    """Knock on the socket. ``patience`` is in seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(patience)
        try:
            knock.connect(os.fsencode(path))
            knock.sendall(_HELLO)
            reply = knock.recv(1024)
        except TimeoutError:
            return Answer.NOT_NOW
        except OSError:
            return Answer.NONE
    if not reply:
        return Answer.NOT_NOW
    if reply[:1] == b"E" and _CANNOT_CONNECT_NOW in reply:
        return Answer.NOT_NOW
    return Answer.READY


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text("utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return None


def clear_the_dead(layout: Layout) -> None:
    """Remove the two lock files of a server that is no more.

    PostgreSQL itself does this when the process id in them is free, but refuses for ever when it
    belongs to a zombie or to another program of the same user. Were a server process of this data
    folder still alive after all, PostgreSQL would see its shared memory and refuse to start.
    """
    data = layout.data.resolve()
    for file in (layout.data / "postmaster.pid", layout.socket.with_name(layout.socket.name + ".lock")):
        pid = _pid_in(file)
        process = look_up(pid) if pid is not None else None
        if process is None:
            continue
        if process.is_zombie or process.name != "postgres" or process.directory != data:
            file.unlink(missing_ok=True)


def wait_for_the_dying(layout: Layout, say: Callable[[str], None]) -> None:
    """Wait until no process of an earlier server is left in the data folder.

    A server whose keeper was killed is finishing its work. Processes that have lost their server
    notice it between two statements; those that do not within a second are told to stop, which
    loses nothing committed.
    """
    data = layout.data.resolve()
    started = time.monotonic()
    told = quit_sent = False
    while left := [process for process in in_directory(data) if process.name == "postgres"]:
        waited = time.monotonic() - started
        server_lives = any(process.pid == _pid_in(layout.data / "postmaster.pid") for process in left)
        if waited > 2 and not told:
            say("Waiting for the previous database server to finish.")
            told = True
        if waited > (60 if server_lives else 1) and not quit_sent:
            for process in left:
                os.kill(process.pid, signal.SIGQUIT)
            quit_sent = True
        if waited > 90:
            pids = ", ".join(str(process.pid) for process in left)
            raise DatabaseFailure(f"An earlier database server will not end. Stop its processes by hand: {pids}.")
        time.sleep(0.02)
