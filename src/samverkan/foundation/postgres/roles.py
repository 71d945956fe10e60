"""The database's roles, and what each may do with each table.

``owner`` owns the tables and is used only to migrate. ``app`` may read and write ordinary tables
and own none, so that a fault in a page cannot change the schema, the change log or a version that
must never change. A model says otherwise with a class attribute::

    class WeekVersion(models.Model):
        grants = APPEND_ONLY

and a table without a model through :func:`declare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .passwords import ROLES

#: role → privileges. What is not named is not granted.
Grants = Mapping[str, str]
ORDINARY: Grants = {"app": "SELECT, INSERT, UPDATE, DELETE"}
#: Rows that never change: versions, logs, receipts.
APPEND_ONLY: Grants = {"app": "SELECT, INSERT"}
#: Rows that only triggers and migrations write.
READ_ONLY: Grants = {"app": "SELECT"}

_declared: dict[str, Grants] = {"django_migrations": READ_ONLY}


def declare(table: str, grants: Grants) -> None:
    """Say what the roles may do with a table that has no model of ours. Called in ``apps.ready``."""
    _declared[table] = grants


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
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        for role in ROLES[2:]:
            privileges = sql.SQL("CONNECT, TEMPORARY" if role == "app" else "CONNECT")
            connection.execute(
                sql.SQL("GRANT {} ON DATABASE {} TO {}").format(
                    privileges, sql.Identifier(database), sql.Identifier(role)
                )
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
    be in a transaction of the caller's. Returns False, having done nothing, where the roles do not
    exist (an external database without them).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES[2:])])
        present = {row[0] for row in cursor.fetchall()}
        if "app" not in present:
            return False
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'v', 'm') AND pg_get_userbyid(c.relowner) = current_user"
        )
        tables = [row[0] for row in cursor.fetchall()]
        everyone = ", ".join(sorted(present))
        statements = [
            f"GRANT USAGE ON SCHEMA public TO {everyone}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everyone}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {everyone}",
        ]
        for table, grants in sorted(wanted(tables).items()):
            for role, privileges in grants.items():
                if role in present and privileges:
                    statements.append(f'GRANT {privileges} ON "{table}" TO {role}')
        cursor.execute("; ".join(statements))
    return True
