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
    """What was compared and what differs. ``unsealed``: table → rows that came after what is sealed.

    ``masked``: tables that stand as they should and are read otherwise, through a view, a policy or another schema.
    """

    head: ledger.Head
    rows: int = 0
    disposed: int = 0
    #: Rows that content was taken out of by decision, and that are what was put in its place.
    replaced: int = 0
    unsealed: dict[str, int] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether everything is what was sealed, and read so."""
        return not self.damages and not self.masked


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
        tables = list(rows.tables() | head.tables)
        cursor.execute(_AS_READ, [tables])  # before the session is settled: as every other session finds them
        as_read = dict(cursor.fetchall())
        rows.settle(cursor)
        cursor.execute(_AS_THEY_STAND, [tables])
        verdict.masked = sorted(name for name, oid, plain in cursor.fetchall() if not plain or as_read[name] != oid)
        for table in tables:
            mine = [statement for statement in statements if statement["table"] == table]
            try:
                with database.transaction():
                    _verify_table(cursor, table, mine, verdict)
            except (psycopg.ProgrammingError, ValueError):
                # The table, a column or the type of one is gone: nothing of it can be compared.
                expected = sum(s["rows"] for s in mine if "root" in s)
                verdict.damages.append(Damage(table, 0, head.tables.get(table, {}).get("last", 0), "", expected, 0))
    return verdict


#: The table that each name finds. Nothing here can be given another meaning by the session's search path.
_AS_READ = (
    "SELECT name, pg_catalog.to_regclass(name)::pg_catalog.oid FROM pg_catalog.unnest(%s::pg_catalog.text[]) AS name"
)
#: A view, a policy, a rule or a table that inherits could show one reader the truth and another something else.
_AS_THEY_STAND = """
    SELECT c.relname, c.oid, c.relkind = 'r' AND NOT c.relrowsecurity
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = c.oid)
    FROM pg_catalog.pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s)
"""


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
