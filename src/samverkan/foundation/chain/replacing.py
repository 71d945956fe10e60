"""A sealed row loses content that should never have been in it, and the chain says which row, why, and what its hash was.

The tree that the row was sealed in still verifies: with the hash of the row as it was, which the chain keeps, and
only if the row is now what was written in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from .. import clock
from . import ledger, rows, sealing, verifying


def replace(table: str, number: int, *, change: Callable[[Any], None], rule: str) -> None:
    """Let ``change`` (given a cursor) take content out of one row, and write it into the chain. Twice is once.

    Everything is sealed first. What is in the row's tree is compared with what was sealed before anything is
    changed. If a kill comes between the chain and the database, the same call again ends it.

    Raises
    ------
    ChainBroken : rows differ from what was sealed; nothing was changed, since it is evidence.
    """
    sealing.seal()
    with ledger.locked():
        head = ledger.read_head()
        statements = [statement for statement in ledger.read(head) if statement["table"] == table]
        known = verifying.replaced(statements).get(number)
        gone = max((s["disposed"] for s in statements if "disposed" in s), default=0)
        last = max((s["last"] for s in statements if "root" in s), default=0)
        with transaction.atomic(), connection.cursor() as cursor:
            rows.settle(cursor)
            if number > last:  # somebody still writes: it is sealed later, as it is then
                change(cursor)
                return
            columns, after, upto = _tree(statements, number, gone, last)
            if _leaf(cursor, table, columns, number) == (known or ("", ""))[1]:
                return
            if known is None and verifying.compare(cursor.cursor, table, statements, after, upto):
                raise ledger.ChainBroken(
                    f"Rows of {table} after number {after} and up to {upto} are not what was sealed. "
                    "Nothing was changed, since they are evidence. Run: samverkan audit verify"
                )
            before = _leaf(cursor, table, columns, number)
            change(cursor)
            now = _leaf(cursor, table, columns, number)
            if known is None:
                at = clock.now().isoformat(timespec="seconds")
                statement = {"table": table, "replaced": number, "was": before, "now": now, "rule": rule, "at": at}
                ledger.append(head, [statement], {})
            elif known != (before, now):
                raise ledger.ChainBroken(f"Row {number} of {table} is not what the chain says was put in its place.")


def _tree(statements: list[ledger.Statement], number: int, gone: int, last: int) -> tuple[list[str], int, int]:
    """The columns, and the first number before and the last of the tree, that a row was sealed in."""
    after = gone
    for columns, trees in verifying.runs(statements, gone, last):
        for sealed in trees:
            if number <= sealed["last"]:
                return columns, after, sealed["last"]
            after = sealed["last"]
    raise ledger.ChainBroken(f"Row {number} is in no tree of the chain.")


def _leaf(cursor: Any, table: str, columns: list[str], number: int) -> str:
    """The hash of one row as it is now; empty when it is not there."""
    return next((leaf.hex() for _n, leaf in rows.leaves(cursor.cursor, table, columns, number - 1, number)), "")
