"""Run the web server.

Without DATABASE_URL the embedded database is started for as long as the server runs. In operation
a buffering reverse proxy stands in front, since a slow client holds a thread.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from samverkan.cli import Failure, runtime
from samverkan.foundation.processes import die_with_parent

EXAMPLE = "samverkan serve --host 0.0.0.0 --port 8000 --workers 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and with how many hands."""
    runtime.add_data_argument(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: only this computer)")
    parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--threads", type=int, default=4, help="threads in each process (default 4)")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    directory = runtime.data_dir(args)
    if runtime.read_state(directory).get("demo") and not os.environ.get("SAMVERKAN_DEMO"):
        raise Failure(
            f"{directory} holds a demonstration, whose passwords everybody knows. Name another folder with --data."
        )
    with runtime.database(directory) as environment:
        os.environ.update(environment)
        (directory / "static").mkdir(exist_ok=True)  # nothing is collected there, but its absence is warned of
        from granian.constants import Interfaces
        from granian.server import Server

        server = Server(
            "samverkan.site.wsgi:application",
            address=args.host,
            port=args.port,
            interface=Interfaces.WSGI,
            workers=args.workers,
            blocking_threads=args.threads,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            websockets=False,
            log_level="warning",  # type: ignore[arg-type]
            working_dir=Path("/"),
        )
        server.serve(target_loader=_in_worker(os.getpid()))
    return 0


def _in_worker(parent: int) -> Callable[[str], Any]:
    """Granian's workers outlive a killed parent unless they ask the kernel, each for itself."""

    def load(target: str) -> Any:
        die_with_parent(signal.SIGKILL, parent)
        from samverkan.site.wsgi import application

        return application

    return load
