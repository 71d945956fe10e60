"""Run the jobs that wait in the queue, and those that the clock starts.

Any number of workers may run, on any number of computers.
"""

from __future__ import annotations

import argparse
from typing import cast

from samverkan.cli import runtime

EXAMPLE = "samverkan worker"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to stay."""
    runtime.add_data_argument(parser)
    parser.add_argument("--once", action="store_true", help="run what waits and stop")


def run(args: argparse.Namespace) -> int:
    """Work until told to stop."""
    with runtime.installation(args):
        from procrastinate.contrib.django import app
        from procrastinate.contrib.django.django_connector import DjangoConnector

        from samverkan.domain.incidents.api import mark_interrupted

        mark_interrupted()
        connector = cast(DjangoConnector, app.connector).get_worker_connector()
        with app.replace_connector(connector):
            app.run_worker(wait=not args.once, concurrency=1, listen_notify=not args.once, delete_jobs="never")
    return 0
