"""Run the web server.

Without DATABASE_URL the embedded database is started for as long as the server runs. In operation
a buffering reverse proxy stands in front, since a slow client holds a thread.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
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
    parser.add_argument("--port", type=runtime.port, default=8000, help="port (default 8000)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--threads", type=int, default=4, help="threads in each process (default 4)")


#: Set for the server that a demonstration starts, which has claimed the port already.
CLAIMED = "SAMVERKAN_PORT_CLAIMED"


def claim_port(host: str, port: int) -> socket.socket:
    """Take a port for as long as the returned socket is open; OSError when it is taken.

    Granian shares a port with whoever of the same user serves on it, so that two servers would
    answer by turns, and a port is bound seconds after it is chosen. A name that only one process of
    this computer can hold, and that falls with it, keeps two of ours apart from the beginning.
    """
    claim = socket.socket(socket.AF_UNIX if sys.platform == "linux" else socket.AF_INET)
    try:
        if sys.platform == "linux":
            claim.bind(f"\0samverkan-port-{port}")
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        claim.close()
        raise
    return claim


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    directory = runtime.data_dir(args)
    runtime.refuse_half_made(directory)
    if runtime.read_state(directory).get("demo"):
        _refuse_demonstration(directory)
    if not os.environ.get(CLAIMED):
        try:
            args.claim = claim_port(args.host, args.port)
        except OSError as error:
            raise Failure(
                f"Port {args.port} of {args.host} cannot be used: {error.strerror}. Name another with --port."
            ) from error
    with runtime.database(directory, kept_up=True) as environment:
        os.environ.update(environment)
        import psycopg

        with psycopg.connect(
            runtime.external_url() if runtime.is_external() else environment["DATABASE_URL"]
        ) as connection:
            if runtime.holds_demonstration(connection):
                _refuse_demonstration(directory)
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


def _refuse_demonstration(directory: Path) -> None:
    if not os.environ.get("SAMVERKAN_DEMO"):
        raise Failure(
            f"{directory} holds a demonstration, whose passwords everybody knows. Name another folder with --data."
        )


def _in_worker(parent: int) -> Callable[[str], Any]:
    """Granian's workers outlive a killed parent unless they ask the kernel, each for itself."""

    def load(target: str) -> Any:
        die_with_parent(signal.SIGKILL, parent)
        from samverkan.site.wsgi import application

        return application

    return load
