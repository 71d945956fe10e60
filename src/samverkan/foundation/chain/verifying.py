# ruff: noqa: S608 (names of tables and columns come from the signed chain)
"""Compares what the database holds with what was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from . import ledger, rows, tree


@dataclass(frozen=True)
class Damage:
    """Rows that are not what was sealed: after one number and up to another, sealed at a time."""

    table: str
    after: int
    upto: int
    sealed_at: str
    expected: int
    found: int


@dataclass
class Verdict:
    """What was compared and what differs. ``unsealed``: table → rows that came after what is sealed."""

    head: ledger.Head
    rows: int = 0
    disposed: int = 0
    #: Rows that content was taken out of by decision, and that are what was put in its place.
    replaced: int = 0
    unsealed: dict[str, int] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)


def verify(database: psycopg.Connection[Any]) -> Verdict:
    """Compare every sealed row, and nothing is sealed meanwhile.

    Raises
    ------
    ChainBroken : the chain itself is not what this installation wrote.
    """
    # With the lock until the end: nothing is sealed or disposed of meanwhile, and what is sealed never changes.
    with ledger.locked(exclusive=False), database.transaction(force_rollback=True), database.cursor() as cursor:
        head = ledger.read_head()
        statements = list(ledger.read(head))
        verdict = Verdict(head)
        rows.settle(cursor)
        for table in rows.tables() | head.tables:
            mine = [statement for statement in statements if statement["table"] == table]
            try:
                with database.transaction():
                    _verify_table(cursor, table, mine, verdict)
            except (psycopg.ProgrammingError, ValueError):
                # The table, a column or the type of one is gone: nothing of it can be compared.
                expected = sum(s["rows"] for s in mine if "root" in s)
                verdict.damages.append(Damage(table, 0, head.tables.get(table, {}).get("last", 0), "", expected, 0))
    return verdict


def _verify_table(cursor: Any, table: str, statements: list[ledger.Statement], verdict: Verdict) -> None:
    gone = max((s["disposed"] for s in statements if "disposed" in s), default=0)
    last = max((s["last"] for s in statements if "root" in s), default=gone)
    damages = compare(cursor, table, statements, gone, last)
    key = next((s["columns"][0] for s in statements if "columns" in s), "id")
    cursor.execute(
        f'SELECT count(*) FILTER (WHERE "{key}" <= {gone:d}), count(*) FILTER (WHERE "{key}" > {last:d}), count(*)'
        f' FROM public."{table}"'
    )
    back, verdict.unsealed[table], count = cursor.fetchone()
    if back:  # disposed of, and there again or still
        damages.append(Damage(table, 0, gone, "", 0, back))
    verdict.rows += count - verdict.unsealed[table]
    verdict.replaced += len(replaced(statements))
    verdict.disposed += sum(s["rows"] for s in statements if "disposed" in s)
    verdict.damages += damages


def compare(cursor: Any, table: str, statements: list[ledger.Statement], after: int, upto: int) -> list[Damage]:
    """What differs of a table's trees after one number and up to another. ``cursor`` is psycopg's, and settled."""
    damages = []
    instead = replaced(statements)
    for columns, trees in runs(statements, after, upto):
        found = rows.leaves(cursor, table, columns, after, trees[-1]["last"])
        row = next(found, None)
        for sealed in trees:
            leaves = []
            while row is not None and row[0] <= sealed["last"]:
                was, now = instead.get(row[0], ("", ""))
                leaf = row[1].hex()
                # Still what it was, although the chain says that content went: as little right as any other change.
                leaves.append(bytes.fromhex(was) if leaf == now else b"" if leaf == was else row[1])
                row = next(found, None)
            if len(leaves) != sealed["rows"] or tree.root(leaves).hex() != sealed["root"]:
                damages.append(Damage(table, after, sealed["last"], sealed["at"], sealed["rows"], len(leaves)))
            after = sealed["last"]
    return damages


def replaced(statements: list[ledger.Statement]) -> dict[int, tuple[str, str]]:
    """Rows that content was taken out of, by number: the hash they were sealed with, and the one they have now."""
    return {s["replaced"]: (s["was"], s["now"]) for s in statements if "replaced" in s}


def runs(
    statements: list[ledger.Statement], after: int, upto: int
) -> Iterator[tuple[list[str], list[ledger.Statement]]]:
    """The trees in between, in runs that were hashed over the same columns."""
    columns: list[str] = []
    run: list[ledger.Statement] = []
    for statement in statements:
        if "columns" in statement:
            if run:
                yield columns, run
            columns, run = statement["columns"], []
        elif "root" in statement and after < statement["last"] <= upto:
            run.append(statement)
    if run:
        yield columns, run
