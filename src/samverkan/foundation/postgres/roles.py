"""The database's roles, and what each may do with each table.

``owner`` owns the tables and is used only to migrate. ``app`` may read and write ordinary tables
and own none, so that a fault in a page cannot change the schema, the change log or a version that
must never change. A model says otherwise with a class attribute::

    class WeekVersion(models.Model):
        grants = APPEND_ONLY

and a table without a model through :func:`declare`. Functions belong to ``owner`` and nobody may call
one for being anybody: ``app`` may call those that run with its own rights, and one that runs with its
owner's (SECURITY DEFINER) only where :func:`declare_callers` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .passwords import ROLES

#: role → privileges. What is not named is not granted.
Grants = Mapping[str, str]
ORDINARY: Grants = {"app": "SELECT, INSERT, UPDATE, DELETE"}
#: Rows that never change: versions, logs, receipts.
APPEND_ONLY: Grants = {"app": "SELECT, INSERT"}
#: Rows that only triggers and migrations write.
READ_ONLY: Grants = {"app": "SELECT"}

_declared: dict[str, Grants] = {"django_migrations": READ_ONLY}
_callers: dict[str, tuple[str, ...]] = {}


def declare(table: str, grants: Grants) -> None:
    """Say what the roles may do with a table that has no model of ours. Called in ``apps.ready``."""
    _declared[table] = grants


def declare_callers(function: str, *callers: str) -> None:
    """Say which roles may call a function that runs with its owner's rights. Called in ``apps.ready``."""
    _callers[function] = callers


def callers() -> dict[str, tuple[str, ...]]:
    """Function with its owner's rights → the roles that may call it. What is not named nobody may."""
    return dict(_callers)


def create(superuser_url: str, passwords: Mapping[str, str], database: str) -> None:
    """Create the roles and the database where missing, and set the roles' passwords."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in ROLES[1:]:
            verb = sql.SQL("ALTER" if role in known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(passwords[role]))
            )
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(database)))
        close(connection, database)
        for other in ("postgres", "template1"):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other)))
    url = urlsplit(superuser_url)
    with psycopg.connect(urlunsplit(url._replace(path=f"/{database}")), autocommit=True) as connection:
        close_large_objects(connection)


def close(connection: Any, database: str) -> None:
    """Nobody may enter a database but its roles, and none of them may make temporary objects. As superuser or owner.

    A temporary table, type or cast is the one thing that a role without tables could still own, and
    what is owned can be given to a function that runs with another's rights.
    """
    from psycopg import sql

    name, everyone = sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, ROLES[2:]))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(name, everyone))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, everyone))


def close_large_objects(connection: Any) -> None:
    """Nobody but the superuser makes large objects: nothing here uses them, and no grant of a table covers them."""
    connection.execute(
        "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC"
    )


def wanted(tables: Iterable[str]) -> dict[str, Grants]:
    """Table → what each role may do with it, from the models and the declarations."""
    from django.apps import apps

    grants: dict[str, Grants] = dict.fromkeys(tables, ORDINARY)
    for model in apps.get_models(include_auto_created=True):
        said: Grants | None = getattr(model, "grants", None)
        if said is not None and model._meta.db_table in grants:
            grants[model._meta.db_table] = said
    grants.update({table: said for table, said in _declared.items() if table in grants})
    return grants


def apply(connection: Any) -> bool:
    """Grant exactly what is wanted, in one transaction. Run as owner after every migration.

    ``connection`` is a psycopg or Django connection's cursor source: it must offer ``cursor()`` and
    be in a transaction of the caller's. Returns False where the roles do not exist (an external
    database without them): then nothing is granted, and only what everybody had is taken back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES[2:])])
        present = sorted(row[0] for row in cursor.fetchall())
        statements = [*_closed(cursor, present)]
        if "app" in present:
            statements += [*_tables(cursor, present), *_functions(cursor, present)]
        cursor.execute("; ".join(statements))
    return "app" in present


def _closed(cursor: Any, present: list[str]) -> Iterator[str]:
    """What PostgreSQL gives everybody by itself, in the database, the schema and everything to come."""
    cursor.execute(
        "SELECT quote_ident(datname) FROM pg_database"
        " WHERE datname = current_database() AND pg_get_userbyid(datdba) = current_user"
    )
    for (database,) in cursor.fetchall():
        yield f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM {', '.join(['PUBLIC', *present])}"
        yield f"REVOKE ALL ON SCHEMA public FROM {', '.join(['PUBLIC', *present])}"
    yield "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC"
    cursor.execute(_OWN_ROUTINES)
    for name, *_rest in cursor.fetchall():
        yield f"REVOKE ALL ON ROUTINE {name} FROM {', '.join(['PUBLIC', *present])}"


def _tables(cursor: Any, present: list[str]) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v', 'm') AND pg_get_userbyid(c.relowner) = current_user"
    )
    tables = wanted(row[0] for row in cursor.fetchall())
    everyone = ", ".join(present)
    yield f"GRANT USAGE ON SCHEMA public TO {everyone}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everyone}"
    for table, grants in sorted(tables.items()):
        for role, privileges in grants.items():
            if role in present and privileges:
                yield f'GRANT {privileges} ON "{table}" TO {role}'
    # A sequence goes with its table: who may not add a row has no number to take. One of its own is app's.
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {everyone}"
    cursor.execute(
        "SELECT s.oid::regclass::text, t.relname FROM pg_class s"
        " LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid"
        "  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')"
        " LEFT JOIN pg_class t ON t.oid = d.refobjid"
        " WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace"
    )
    for sequence, table in cursor.fetchall():
        for role, privileges in tables.get(table, ORDINARY).items():
            if role in present and "INSERT" in privileges:
                yield f"GRANT USAGE, SELECT ON SEQUENCE {sequence} TO {role}"


def _functions(cursor: Any, present: list[str]) -> Iterator[str]:
    cursor.execute(_OWN_ROUTINES)
    for routine, name, as_owner, is_trigger in cursor.fetchall():
        # A trigger asks nobody's leave when it runs, only when it is made.
        may = _callers.get(name, ()) if as_owner else () if is_trigger else ("app",)
        for role in set(may) & set(present):
            yield f"GRANT EXECUTE ON ROUTINE {routine} TO {role}"


_OWN_ROUTINES = (
    "SELECT p.oid::regprocedure::text, p.proname, p.prosecdef, p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)"
    " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) = current_user"
)
