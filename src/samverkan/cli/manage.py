"""Run one of Django's own commands against the installation.

Commands that change the schema run as the role owner, all others as app.
"""

from __future__ import annotations

import argparse
import sys

from samverkan.cli import runtime

EXAMPLE = "samverkan manage showmigrations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything after the name belongs to Django's command."""
    runtime.add_data_argument(parser)
    parser.add_argument("django", metavar="COMMAND", nargs=argparse.REMAINDER, help="Django's command and its options")


def run(args: argparse.Namespace) -> int:
    """Hand over to Django."""
    words: list[str] = args.django
    if words and words[0] == "migrate":
        with runtime.installation(args, migrated=False) as directory:
            from samverkan.cli.prepare import migrate
            from samverkan.foundation.postgres.fingerprint import schema_fingerprint

            migrate(*words[1:])
            # Only a migration of everything to its end makes the database what the code expects.
            runtime.update_state(directory, schema=schema_fingerprint() if len(words) == 1 else None)
        return 0
    with runtime.installation(args, migrated=False):
        from django.core.management import execute_from_command_line

        execute_from_command_line([f"{sys.argv[0]} manage", *words])
    return 0
