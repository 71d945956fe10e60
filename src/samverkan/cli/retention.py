"""Dispose of what is due by the rules of retention, or only tell what would go.

The worker does the same every night; the number of days of each rule is a setting of the municipality.
"""

from __future__ import annotations

import argparse
import dataclasses

from samverkan.cli import runtime

EXAMPLE = "samverkan retention --dry-run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to dispose or only to tell."""
    runtime.add_data_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what is due and leave it")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Carry the rules out, one transaction each."""
    with runtime.installation(args):
        from samverkan.foundation.files import retention

        outcomes = retention.due() if args.dry_run else retention.run()
    if args.json:
        runtime.emit_json({row.key: {**dataclasses.asdict(row), "before": row.before.isoformat()} for row in outcomes})
        return 0
    verb = "due" if args.dry_run else "disposed of"
    for row in outcomes:
        print(f"{row.key}: {row.count} {verb} (older than {row.before})")
    return 0
