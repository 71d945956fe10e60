# ruff: noqa: S608 (names of tables and columns come from the models)
"""Seals what has been written since the last time. Never in the way of who writes."""

from __future__ import annotations

import json
import time
from typing import Any

from django.db import connection, transaction

from .. import clock
from . import ledger, rows, tree

#: Rows in one tree: the smallest piece in which a change is found.
LOT = 1024

#: Transactions that may have taken a number in the table and not ended: whoever writes holds this lock until then.
_WRITERS = (
    "SELECT array_agg(virtualtransaction), bool_or(pid = pg_backend_pid()) FROM pg_locks"
    " WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def seal(*, patience: float = 5.0) -> int:
    """Seal every row that can have no earlier one come after it. Returns how many.

    A transaction may take a number and be committed after a later one. So the highest number is noted with who
    was writing then, and everything up to it is sealed when they have ended: now, within ``patience`` seconds, or
    the next time.

    Raises
    ------
    ChainBroken : nothing was sealed, since what is there is not what this installation wrote.
    """
    with ledger.locked():
        head = ledger.read_head()
        statements: list[ledger.Statement] = []
        sealed: dict[str, dict[str, Any]] = {}
        for table, columns in rows.tables().items():
            now = head.tables.get(table, {"last": 0, "columns": []})
            found = _new(table, columns, now["last"], patience)
            if found:
                if columns != now["columns"]:
                    statements.append({"table": table, "columns": columns})
                statements += found
                sealed[table] = {"last": found[-1]["last"], "columns": columns}
        if statements:
            ledger.append(head, statements, sealed)
        return sum(statement.get("rows", 0) for statement in statements)


def _new(table: str, columns: list[str], after: int, patience: float) -> list[ledger.Statement]:
    upto = _final(table, columns[0], after, patience)
    if upto <= after:
        return []
    at = clock.now().isoformat(timespec="seconds")
    with transaction.atomic(), connection.cursor() as cursor:
        rows.settle(cursor)
        return [
            {"table": table, "last": last, "rows": len(lot), "root": tree.root(lot).hex(), "at": at}
            for last, lot in rows.batches(rows.leaves(cursor.cursor, table, columns, after, upto), LOT)
        ]


def _final(table: str, key: str, after: int, patience: float) -> int:
    """The highest number that none below can be added to any more; at least ``after``."""
    notes = ledger.folder() / f"waiting.{table}"
    try:
        upto, writers = json.loads(notes.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        upto, writers = 0, []
    final = after
    if upto > after and not _still(table, writers):
        final, upto = upto, 0
    if upto <= after:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT coalesce(max("{key}"), 0) FROM public."{table}"')
            upto = cursor.fetchone()[0]
            cursor.execute(_WRITERS, [f'public."{table}"'])
            writers, mine = cursor.fetchone()
        if mine:
            return final  # what this transaction writes may still be undone
        until = time.monotonic() + patience
        while (waiting := _still(table, writers or [])) and time.monotonic() < until:
            time.sleep(0.05)
        if not waiting:
            notes.unlink(missing_ok=True)
            return int(max(final, upto))
        notes.write_text(json.dumps([upto, writers]))
    return final


def _still(table: str, writers: list[str]) -> bool:
    """Whether one of these transactions goes on."""
    if not writers:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [f'public."{table}"'])
        now, _mine = cursor.fetchone()
    return not set(writers).isdisjoint(now or [])
