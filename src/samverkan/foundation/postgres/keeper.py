"""The small process that owns the embedded server for as long as anyone uses it.

Every command that uses the database holds a shared lock on ``users.lock``, which the kernel takes
back however the command ends. The keeper asks for the exclusive lock: when it gets it, nobody is
left, and the server is shut down. The server is the keeper's child and is told to shut down by
the kernel if the keeper itself is killed. So nothing is left behind, whoever is killed.

Run as ``python -m samverkan.foundation.postgres.keeper DIR FD FAST``; writes one line to FD:
``ready``, or why not.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from samverkan.foundation.processes import child_of_me

from .answer import Answer, ask, clear_the_dead, wait_for_the_dying
from .layout import DatabaseFailure, Layout, environment, find

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
    # Failed statements and their details hold what people wrote; the error itself is logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
if sys.platform == "linux":
    # After a kill one call writes what is not on the disk, instead of one for each of more than a thousand files,
    # which takes seconds where the disk is busy.
    SETTINGS["recovery_init_sync_method"] = "syncfs"
#: Only for tests: a power cut would ruin the data.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
    "max_connections": "100",
}
_LOG_LIMIT = 10_000_000


def _start(layout: Layout, fast: bool) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {"unix_socket_directories": str(layout.socket_folder)} | (FAST_SETTINGS if fast else {})
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    wait_for_the_dying(layout, print)
    clear_the_dead(layout)
    return subprocess.Popen(
        [str(layout.binaries / "postgres"), "-D", str(layout.data), *options],
        **layout.demotion,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        preexec_fn=child_of_me(signal.SIGINT),
        start_new_session=True,
    )


def _await_answer(layout: Layout, server: subprocess.Popen[bytes]) -> None:
    """Return when it answers. Recovery after a crash may take its time, so only its end is a failure."""
    while ask(layout.socket) is not Answer.READY:
        if server.poll() is not None:
            last = layout.log.read_text("utf-8", "replace").splitlines()[-3:]
            raise DatabaseFailure(f"PostgreSQL did not start. Its log {layout.log} ends: " + " | ".join(last))
        time.sleep(0.01)


def _turn_log(layout: Layout) -> None:
    """Everything said from here on goes to the log, of which the last ten megabytes are kept twice."""
    if layout.log.exists() and layout.log.stat().st_size > _LOG_LIMIT:
        layout.log.replace(layout.log.with_name("log.old"))
    log = os.open(layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    layout.give(layout.log)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _end_with(server: subprocess.Popen[bytes]) -> None:
    """A server that ends by itself takes the keeper along; the next command starts both anew."""

    def watch() -> None:
        server.wait()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(directory: Path, report: int, fast: bool) -> None:
    """Keep the server until nobody uses it."""
    life = os.open(directory / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(life, fcntl.LOCK_EX)
    users = os.open(directory / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        layout = find(directory)
        _turn_log(layout)
        server = _start(layout, fast)
        _await_answer(layout, server)
    except (DatabaseFailure, OSError) as failure:
        os.write(report, f"{failure}\n".encode())
        sys.exit(1)

    def stop(number: int, frame: FrameType | None) -> None:
        server.send_signal(signal.SIGINT)
        server.wait()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.write(report, b"ready\n")
    os.close(report)
    _end_with(server)
    fcntl.flock(users, fcntl.LOCK_EX)
    stop(signal.SIGTERM, None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "fast")
