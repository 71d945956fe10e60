"""What somebody who runs SQL as the web server's role would try, and whether the database refuses it.

Grants tell what was meant; trying tells what is so. ``samverkan check`` and the tests try this one list.
All of it happens in a transaction that is rolled back, so that nothing is left even where an attack succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import roles


@dataclass(frozen=True)
class Attack:
    """Statements one after the other; it is refused when one of them is."""

    kind: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.steps)


@dataclass(frozen=True)
class Attempt:
    """How an attack went: ``why`` is empty when the role was refused, otherwise what happened instead.

    Another error than a refusal is no proof: the statement did not fit, and so nothing was tried.
    """

    attack: Attack
    why: str


_FORGE = (
    "CREATE TRIGGER audit_insert AFTER INSERT ON pg_temp.{0} REFERENCING NEW TABLE AS new_rows"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.audit_record()"
)
#: The statements that need no knowledge of the database. Braces are filled in by :func:`known`.
STATEMENTS: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "temporary objects": (
        "CREATE TEMPORARY TABLE attack (id bigint)",
        "CREATE TEMPORARY TABLE attack AS SELECT 1 AS id",
        "CREATE TEMPORARY VIEW attack AS SELECT 1",
        "CREATE TEMPORARY SEQUENCE attack",
        "CREATE FUNCTION pg_temp.attack() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        # A table named like a real one, with the log's own function as its trigger: forges entries for anybody.
        (
            "CREATE TEMPORARY TABLE people_person (id bigint)",
            _FORGE.format("people_person"),
            "SELECT set_config('samverkan.actor', '1:1:attack', true)",
            "INSERT INTO pg_temp.people_person VALUES (1)",
        ),
        # A type whose cast to text is a function of one's own, run by whoever casts it.
        (
            "CREATE TYPE pg_temp.attack AS (a integer)",
            """CREATE FUNCTION pg_temp.attack_text(pg_temp.attack) RETURNS text LANGUAGE plpgsql AS
            $$BEGIN DELETE FROM public.audit_auditentry; RETURN 'x'; END$$""",
            "CREATE CAST (pg_temp.attack AS text) WITH FUNCTION pg_temp.attack_text(pg_temp.attack)",
            "CREATE TEMPORARY TABLE people_person (id pg_temp.attack)",
            _FORGE.format("people_person"),
            "INSERT INTO pg_temp.people_person VALUES (row(1)::pg_temp.attack)",
        ),
    ),
    "types, casts and operators": (
        "CREATE TYPE pg_temp.attack AS (a integer)",
        "CREATE TYPE public.attack AS ENUM ('a')",
        "CREATE DOMAIN pg_temp.attack AS text",
        "CREATE DOMAIN public.attack AS text",
        "CREATE CAST (bigint AS text) WITH INOUT AS ASSIGNMENT",
        "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
        "CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = bigint, FUNCTION = pg_catalog.texteq)",
        "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.texteq)",
        "CREATE AGGREGATE public.attack (integer) (SFUNC = int4pl, STYPE = integer)",
        "CREATE COLLATION public.attack FROM \"C\"",
    ),
    "schema": (
        "CREATE TABLE public.attack (id bigint)",
        "CREATE TABLE pg_catalog.attack (id bigint)",
        "CREATE VIEW public.attack AS SELECT 1",
        "CREATE SCHEMA attack",
        "CREATE FUNCTION public.attack() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION public.attack() RETURNS integer LANGUAGE c AS 'attack', 'attack'",
        "ALTER SCHEMA public RENAME TO attack",
        "DROP SCHEMA public CASCADE",
        "DROP EXTENSION pg_trgm CASCADE",
        "CREATE EVENT TRIGGER attack ON ddl_command_start EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
        "CREATE PUBLICATION attack FOR ALL TABLES",
    ),
    "roles": (
        "SET ROLE {owner}",
        "SET ROLE {superuser}",
        "SET SESSION AUTHORIZATION {owner}",
        "SET SESSION AUTHORIZATION {superuser}",
        "GRANT {owner} TO {me}",
        "ALTER ROLE {me} SUPERUSER",
        "ALTER ROLE {me} CREATEROLE BYPASSRLS",
        "ALTER ROLE {owner} PASSWORD 'attack'",
        "ALTER ROLE {owner} SET search_path = pg_temp",
        "CREATE ROLE attack",
        "REASSIGN OWNED BY {owner} TO {me}",
        "DROP OWNED BY {owner}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON TABLES TO {me}",
        "SELECT rolpassword FROM pg_catalog.pg_authid",
    ),
    "settings": (
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', true)",
        "ALTER DATABASE {database} SET session_replication_role = replica",
        "ALTER DATABASE {database} OWNER TO {me}",
        "SET session_preload_libraries = 'attack'",
        "SET allow_system_table_mods = on",
        "LOAD 'attack'",
        "UPDATE pg_catalog.pg_class SET relowner = 0 WHERE false",
        "DELETE FROM pg_catalog.pg_trigger WHERE false",
    ),
    "the server's files and programs": (
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY public.django_migrations FROM PROGRAM 'true'",
        "COPY (SELECT 1) TO '/dev/null'",
        "COPY public.django_migrations FROM '/dev/null'",
        "SELECT pg_catalog.pg_read_file('PG_VERSION')",
        "SELECT pg_catalog.pg_read_binary_file('PG_VERSION')",
        "SELECT pg_catalog.pg_ls_dir('.')",
    ),
    "large objects": (
        "SELECT pg_catalog.lo_create(0)",
        "SELECT pg_catalog.lo_creat(0)",
        "SELECT pg_catalog.lo_from_bytea(0, '')",
        "SELECT pg_catalog.lo_import('/dev/null')",
        "SELECT pg_catalog.lo_export(1, '/dev/null')",
    ),
}  # fmt: skip
#: Tried on every table: what would let rows pass the log by.
_ON_EVERY_TABLE = ("TRUNCATE public.{table} CASCADE", "ALTER TABLE public.{table} DISABLE TRIGGER USER")
#: Tried on the tables whose rows the role may read or add to and never change.
_ON_KEPT_TABLES = (
    "UPDATE public.{table} SET {key} = {key}",
    "DELETE FROM public.{table}",
    "MERGE INTO public.{table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "SELECT 1 FROM public.{table} FOR UPDATE",
    "LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE",
    "ALTER TABLE public.{table} OWNER TO {me}",
    "ALTER TABLE public.{table} RENAME TO attack",
    "ALTER TABLE public.{table} ADD COLUMN attack text",
    "ALTER TABLE public.{table} ALTER COLUMN {key} TYPE text",
    "ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY attack ON public.{table} USING (false)",
    "CREATE RULE attack AS ON INSERT TO public.{table} DO INSTEAD NOTHING",
    "CREATE TRIGGER attack BEFORE INSERT ON public.{table} EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
    "CREATE INDEX attack ON public.{table} ({key})",
    "DROP TABLE public.{table} CASCADE",
)
#: And on those that it may not add to either.
_ADDING = "INSERT INTO public.{table} SELECT * FROM public.{table} LIMIT 1"


def known(cursor: Any) -> Iterator[Attack]:
    """Every attack on this database, as its present role would make them."""
    cursor.execute(
        "SELECT quote_ident(current_database()), quote_ident(current_user), quote_ident(pg_get_userbyid(datdba)),"
        " (SELECT quote_ident(rolname) FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1)"
        " FROM pg_database WHERE datname = current_database()"
    )
    names = dict(zip(("database", "me", "owner", "superuser"), cursor.fetchone(), strict=True))
    for kind, attacks in STATEMENTS.items():
        for steps in attacks:
            yield Attack(kind, tuple(_filled(step, names) for step in ([steps] if isinstance(steps, str) else steps)))
    yield from _on_tables(cursor, names)
    yield from _on_functions(cursor)


def _filled(statement: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        statement = statement.replace(f"{{{name}}}", value)
    return statement


def _on_tables(cursor: Any, names: dict[str, str]) -> Iterator[Attack]:
    cursor.execute(
        "SELECT c.relname, quote_ident(c.relname), (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1),"
        " pg_get_serial_sequence(quote_ident(c.relname), (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1)),"
        " array(SELECT quote_ident(tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal ORDER BY 1)"
        " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1"
    )
    tables = cursor.fetchall()
    wanted = roles.wanted(name for name, *_rest in tables)
    for name, table, key, sequence, triggers in tables:
        names = names | {"table": table, "key": key}
        for statement in _ON_EVERY_TABLE:
            yield Attack("every table", (_filled(statement, names),))
        for trigger in triggers:
            yield Attack("every table", (f"DROP TRIGGER {trigger} ON public.{table}",))
        if "UPDATE" in wanted[name].get("app", ""):
            continue
        for statement in _ON_KEPT_TABLES:
            yield Attack("what never changes", (_filled(statement, names),))
        if sequence:
            yield Attack("what never changes", (f"SELECT setval('{sequence}', 1)",))
        if "INSERT" not in wanted[name].get("app", ""):
            yield Attack("what never changes", (_filled(_ADDING, names),))
            if sequence:
                yield Attack("what never changes", (f"SELECT nextval('{sequence}')",))


def _on_functions(cursor: Any) -> Iterator[Attack]:
    cursor.execute(
        "SELECT p.proname, p.oid::regprocedure::text, p.pronargs FROM pg_proc p"
        " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY 2"
    )
    for name, signature, arguments in cursor.fetchall():
        for change in ("SECURITY INVOKER", "RESET search_path", "OWNER TO CURRENT_USER"):
            yield Attack("functions", (f"ALTER FUNCTION {signature} {change}",))
        yield Attack("functions", (f"DROP FUNCTION {signature} CASCADE",))
        if "app" not in roles.callers().get(name, ()):
            yield Attack("functions", (f"SELECT {signature.split('(')[0]}({', '.join(['NULL'] * arguments)})",))


#: Inside the database, where a caught refusal leaves no line in the server's log: a check each minute would fill it.
_TRY = """
DO $try$
DECLARE
    attack jsonb; step text; why text; answers text[] := '{}';
BEGIN
    FOR attack IN SELECT value FROM jsonb_array_elements(current_setting('samverkan.attacks')::jsonb) LOOP
        BEGIN
            FOR step IN SELECT value FROM jsonb_array_elements_text(attack) LOOP
                EXECUTE step;
            END LOOP;
            RAISE EXCEPTION 'succeeded'; -- and with that it is undone
        EXCEPTION
            WHEN insufficient_privilege THEN why := '';
            WHEN OTHERS THEN why := SQLERRM;
        END;
        answers := answers || why;
    END LOOP;
    PERFORM set_config('samverkan.attempts', to_jsonb(answers)::text, true);
END $try$
"""


def attempt() -> list[Attempt]:
    """Try them all on Django's connection, and take everything back."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        attacks = list(known(cursor))
        cursor.execute("SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'")
        steps = json.dumps([attack.steps for attack in attacks])
        cursor.execute("SELECT set_config('samverkan.attacks', %s, true)", [steps])
        cursor.execute(_TRY)
        cursor.execute("SELECT current_setting('samverkan.attempts')")
        answers = json.loads(cursor.fetchone()[0])
        transaction.set_rollback(True)
    return [Attempt(attack, why) for attack, why in zip(attacks, answers, strict=True)]
