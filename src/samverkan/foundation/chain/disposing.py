# ruff: noqa: S608 (names of tables come from the models)
"""Rows whose time has come go, and the chain says so, so that verifying knows a disposal from a theft."""

from __future__ import annotations

from django.db import connection, transaction

from .. import clock
from . import ledger, rows, verifying


def dispose(table: str, *, upto: int, rule: str) -> int:
    """Dispose of sealed rows in whole trees, none of whose rows is beyond ``upto``. Returns how many went.

    Done on Django's connection, which must be the owner's. What is disposed of is compared with what was
    sealed first. If a kill comes between the chain and the database, the same call again ends it.

    Raises
    ------
    ChainBroken : rows differ from what was sealed; nothing went, since it is evidence.
    """
    key = rows.tables()[table][0]
    with ledger.locked():
        head = ledger.read_head()
        statements = [statement for statement in ledger.read(head) if statement["table"] == table]
        gone = max((s["disposed"] for s in statements if "disposed" in s), default=0)
        last = max((s["last"] for s in statements if "root" in s and gone < s["last"] <= upto), default=gone)
        with transaction.atomic(), connection.cursor() as cursor:
            if last > gone:
                rows.settle(cursor)
                damages = verifying.compare(cursor.cursor, table, statements, gone, last)
                if damages:
                    raise ledger.ChainBroken(
                        f"Rows of {table} after number {damages[0].after} and up to {damages[0].upto} are not what was sealed. "
                        "Nothing was disposed of, since they are evidence. Run: samverkan audit verify"
                    )
            cursor.execute(f'DELETE FROM public."{table}" WHERE "{key}" <= %s', [last])
            count = cursor.rowcount
            if last > gone:
                at = clock.now().isoformat(timespec="seconds")
                statement = {"table": table, "disposed": last, "rows": count, "rule": rule, "at": at}
                ledger.append(head, [statement], {})
        return int(count)
