"""Verify that the change log and the locked weeks are what was sealed, or dispose of the log's oldest entries.

Every minute the worker seals what was written: hashes of the rows go into a signed chain in DIR/seals, outside
the database. `verify` compares every sealed row and ends with status 1 when one was changed, added, taken away
or moved, whoever did it. It prints the chain's head: note it somewhere else now and then, and give it back with
--head to know that the chain itself has only grown since.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from samverkan.cli import Failure, runtime

EXAMPLE = """\
samverkan audit verify
  samverkan audit verify --head 5120:3f9c…
  samverkan audit dispose --before 2021-01-01 --decision "KS 2026/12" """


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    runtime.add_data_argument(parser)
    parser.add_argument("what", choices=["verify", "dispose"], help="compare with what was sealed, or dispose")
    parser.add_argument(
        "--head", metavar="LINES:HASH", help="verify: a head noted earlier, which the chain must still hold"
    )
    parser.add_argument(
        "--before", type=date.fromisoformat, metavar="DATE", help="dispose: of entries from before this day"
    )
    parser.add_argument("--decision", metavar="TEXT", help="dispose: by which decision (kept in the chain)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Verify or dispose."""
    with runtime.installation(args):
        from samverkan.foundation.chain.ledger import ChainBroken
        from samverkan.foundation.seal import KeyProblem

        try:
            return verify(args) if args.what == "verify" else dispose(args)
        except (ChainBroken, KeyProblem) as problem:
            raise Failure(str(problem)) from problem


def verify(args: argparse.Namespace) -> int:
    """Compare, and say what differs. 1 when anything does."""
    from django.db import connection

    from samverkan.foundation.chain import verifying

    connection.ensure_connection()
    verdict = verifying.verify(connection.connection)
    _compare_head(args.head, verdict.head)
    head = f"{verdict.head.lines}:{verdict.head.hash}"
    if args.json:
        told: dict[str, Any] = {"well": verdict.well, "rows": verdict.rows, "disposed": verdict.disposed}
        runtime.emit_json(
            told
            | {
                "replaced": verdict.replaced,
                "unsealed": verdict.unsealed,
                "head": head,
                "sealed_at": verdict.head.at,
                "damages": [asdict(d) for d in verdict.damages],
                "masked": verdict.masked,
            }
        )
        return int(not verdict.well)
    for damage in verdict.damages:
        sealed = f"sealed at {damage.sealed_at} as" if damage.sealed_at else "where there should be"
        print(
            f"NOT WELL  {damage.table}, rows after number {damage.after} and up to {damage.upto}: {damage.found} rows, "
            f"{sealed} {damage.expected}."
            + (" At least one was changed or moved." if damage.found == damage.expected else "")
        )
    for table in verdict.masked:
        print(f"NOT WELL  {table} is not read as it stands: a view, a policy, a rule or another schema is before it.")
    if verdict.well:
        disposed = f" {verdict.disposed} were disposed of by decision." if verdict.disposed else ""
        if verdict.replaced:
            disposed += f" Content was taken out of {verdict.replaced} by decision."
        print(
            f"well      {verdict.rows} rows are what was sealed, the last at {verdict.head.at or 'no time'}.{disposed}"
        )
    print(f"          {sum(verdict.unsealed.values())} newer rows are not sealed yet. Head: {head}")
    return int(not verdict.well)


def _compare_head(noted: str | None, head: Any) -> None:
    from samverkan.foundation.chain import ledger

    if noted is None:
        return
    lines, colon, value = noted.partition(":")
    if not colon or not lines.isascii() or not lines.isdigit():
        raise Failure(f"'{noted}' is not a head. Write it as it was printed: LINES:HASH.")
    if ledger.hash_at(head, int(lines)) != value:
        raise Failure("The chain does not hold the head that was noted: it was cut short or written anew since then.")


def dispose(args: argparse.Namespace) -> int:
    """Seal, and dispose of what is older, as the database's owner."""
    from django.db import DatabaseError, connection, transaction

    from samverkan.cli.prepare import as_owner
    from samverkan.foundation import clock
    from samverkan.foundation.chain import disposing, sealing
    from samverkan.foundation.files.models import Disposal

    if args.before is None or not args.decision:
        raise Failure("Say which entries and by which decision: --before DATE --decision TEXT")
    if args.before > clock.today():
        raise Failure(f"{args.before} has not been yet. Name a day in the past with --before.")
    sealing.seal()
    try:
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(min(id) FILTER (WHERE at >= %s) - 1, max(id), 0) FROM audit_auditentry",
                [clock.day_span(args.before)[0]],
            )
            count = disposing.dispose("audit_auditentry", upto=cursor.fetchone()[0], rule=args.decision)
            if count:
                Disposal.objects.create(rule="audit.entries", count=count)
    except DatabaseError as error:
        raise Failure(f"The database refused: {str(error).strip()}. Is SAMVERKAN_OWNER_DATABASE_URL set?") from error
    if args.json:
        runtime.emit_json({"disposed": count})
    else:
        print(f"{count} entries of the change log from before {args.before} were disposed of.")
    return 0
