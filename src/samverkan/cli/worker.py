"""Run the jobs that wait in the queue, and those that the clock starts.

Any number of workers may run, on any number of computers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import time
from typing import cast

from samverkan.cli import Failure, runtime

EXAMPLE = "samverkan worker"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to stay."""
    runtime.add_data_argument(parser)
    parser.add_argument("--once", action="store_true", help="run what waits and stop")


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; when the database goes away, wait for it and go on."""
    with runtime.installation(args, kept_up=True):
        import psycopg
        from django.db import DatabaseError, OperationalError, connections
        from procrastinate.exceptions import ConnectorException

        from samverkan.domain.incidents.api import mark_interrupted
        from samverkan.foundation.chain import ledger, sealing
        from samverkan.foundation.seal import KeyProblem

        begun = False
        while True:
            try:
                if not begun:
                    mark_interrupted()
                    begun = True
                if asyncio.run(_work(once=args.once)):
                    # Nothing stays unsealed because the one who seals has stopped; what hinders it, check tells.
                    with contextlib.suppress(DatabaseError, ledger.ChainBroken, KeyProblem):
                        sealing.seal()
                    return 0
            except (ConnectorException, psycopg.OperationalError, OperationalError):
                connections.close_all()
                if args.once:
                    raise Failure("The database stopped answering. Run the same command again.") from None
            runtime.say("The database does not answer. The jobs wait for it.")
            time.sleep(0.5)


async def _work(*, once: bool) -> bool:
    """Work until told to stop (True), or until the worker gives up because it has lost the database (False)."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    told = asyncio.Event()
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector):
        async with app.open_async():
            working = asyncio.ensure_future(
                app.run_worker_async(
                    wait=not once,
                    concurrency=1,
                    listen_notify=not once,
                    delete_jobs="never",
                    install_signal_handlers=False,
                )
            )

            def stop() -> None:
                told.set()
                working.cancel()  # what it is doing is ended first

            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop)
            try:
                await working
            except asyncio.CancelledError:
                if not told.is_set():
                    raise
    return once or told.is_set()
