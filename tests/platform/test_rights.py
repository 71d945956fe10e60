"""What PostgreSQL gives everybody by itself is taken back, and what runs as the owner serves nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from samverkan.foundation.audit.models import AuditEntry
from samverkan.foundation.audit.triggers import audited_models
from samverkan.foundation.postgres.passwords import ROLES
from tests.harness.database import TestDatabases

#: Function that runs with its owner's rights → who may call it. Another here is a decision: what can a caller make it do?
AS_OWNER = {
    "audit_record": set(),  # writes the change log; called by triggers only, whose leave is asked when they are made
    "est_empty_edition": {"app"},  # empties one locked week's edition, and only where its being taken out is recorded
    "incidents_stage": {"app"},  # makes the session's own staging table, always the same
}
SERVED = "SELECT set_config('samverkan.actor', '1:1:falsk', false)"


@pytest.fixture
def owner(fresh_db: str, databases: TestDatabases) -> Iterator[psycopg.Connection[Any]]:
    """The test's database as its owner."""
    with psycopg.connect(databases.server.url("owner", fresh_db), autocommit=True) as found:
        yield found


@pytest.fixture
def app(fresh_db: str, databases: TestDatabases) -> Iterator[psycopg.Connection[Any]]:
    """The test's database as the web server's role, beside Django."""
    with psycopg.connect(databases.server.url("app", fresh_db), autocommit=True) as found:
        yield found


@pytest.mark.django_db
def test_every_function_with_its_owners_rights_is_known_with_its_callers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.proconfig, array(SELECT r FROM unnest(%s::text[]) r WHERE has_function_privilege(r, p.oid, 'EXECUTE'))"
            " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)",
            [list(ROLES[2:])],
        )
        found = {name: (settings, set(callers)) for name, settings, callers in cursor.fetchall()}
    assert {name: callers for name, (_settings, callers) in found.items()} == AS_OWNER
    assert {name: settings for name, (settings, _callers) in found.items()} == {
        name: ["search_path=pg_catalog, pg_temp", *(["extra_float_digits=1"] if name == "audit_record" else [])]
        for name in AS_OWNER
    }


@pytest.mark.django_db
def test_nobody_has_anything_for_being_anybody() -> None:
    """No function of ours, no place in the database or the schema, no temporary object, no large object."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
            " WHERE a.grantee = 0 AND p.pronamespace = 'public'::regnamespace"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
            " UNION ALL SELECT 'schema public' FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'public' AND a.grantee = 0"
            " UNION ALL SELECT 'database' FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a"
            "  WHERE datname = current_database() AND a.grantee = 0"
            " UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE proname = ANY('{lo_create,lo_creat,lo_from_bytea,lo_import,lo_export}')"
            "  AND has_function_privilege('app', oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT r, p FROM unnest(%s::text[]) r, unnest('{TEMPORARY,CREATE}'::text[]) p WHERE has_database_privilege(r, current_database(), p)"
            " UNION ALL SELECT r, 'CREATE' FROM unnest(%s::text[]) r WHERE has_schema_privilege(r, 'public', 'CREATE')",
            [list(ROLES[2:])] * 2,
        )
        assert cursor.fetchall() == []


def test_a_function_made_tomorrow_is_nobodys(owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> None:
    owner.execute("CREATE FUNCTION public.tomorrow() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT public.tomorrow()")


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_servers_other_databases_are_closed_to_our_roles(databases: TestDatabases, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(databases.server.url("app", database))


@pytest.mark.django_db
def test_the_numbers_of_a_table_that_one_may_not_add_to_are_not_ones_to_take() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_sequence_privilege('app', 'audit_auditentry_id_seq', 'USAGE, SELECT, UPDATE')")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT nextval('incidents_change')")


@pytest.mark.django_db
def test_recorded_columns_have_only_the_databases_own_types() -> None:
    """The log's function compares and casts them as its owner: a type of somebody else's would choose how."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attrelid::regclass::text, a.attname, a.atttypid::regtype::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE a.attnum > 0 AND NOT a.attisdropped AND t.typnamespace <> 'pg_catalog'::regnamespace"
            " AND a.attrelid = ANY(%s::regclass[]::oid[])",
            [[model._meta.db_table for model in audited_models()]],
        )
        assert cursor.fetchall() == []


#: What held the door before: with TEMPORARY and EXECUTE given back, the log's function stands alone.
_FORGED = "CREATE TRIGGER audit_insert AFTER INSERT ON pg_temp.{table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.audit_record({key})"
ALONE: dict[str, list[str]] = {
    "a temporary table named as a real one": [
        "CREATE TEMPORARY TABLE people_person (id bigint)",
        _FORGED.format(table="people_person", key=""),
        SERVED,
        "INSERT INTO pg_temp.people_person VALUES (1)",
    ],
    "the same, with the key as the trigger's argument": [
        "CREATE TEMPORARY TABLE people_person (id bigint)",
        _FORGED.format(table="people_person", key="'id'"),
        "INSERT INTO pg_temp.people_person VALUES (1)",
    ],
    "a type of one's own with a cast to text": [
        "CREATE TYPE pg_temp.mine AS (a integer)",
        """CREATE FUNCTION pg_temp.as_text(pg_temp.mine) RETURNS text LANGUAGE plpgsql AS
        $$BEGIN DELETE FROM public.audit_auditentry; RETURN 'x'; END$$""",
        "CREATE CAST (pg_temp.mine AS text) WITH FUNCTION pg_temp.as_text(pg_temp.mine)",
        "CREATE TEMPORARY TABLE people_person (id pg_temp.mine)",
        _FORGED.format(table="people_person", key=""),
        "INSERT INTO pg_temp.people_person VALUES (row(1)::pg_temp.mine)",
    ],
    "a table that nobody recorded": [
        "CREATE TEMPORARY TABLE other (id bigint)",
        _FORGED.format(table="other", key=""),
        "INSERT INTO pg_temp.other VALUES (1)",
    ],
    "a trigger for each row": [
        "CREATE TEMPORARY TABLE people_person (id bigint)",
        "CREATE TRIGGER audit_insert AFTER INSERT ON pg_temp.people_person FOR EACH ROW EXECUTE FUNCTION public.audit_record()",
        "INSERT INTO pg_temp.people_person VALUES (1)",
    ],
}


@pytest.mark.parametrize("attack", ALONE)
def test_the_logs_function_alone_refuses_other_tables_and_triggers(
    attack: str, fresh_db: str, owner: psycopg.Connection[Any], app: psycopg.Connection[Any]
) -> None:
    owner.execute(f'GRANT TEMPORARY ON DATABASE "{fresh_db}" TO app')
    owner.execute("GRANT EXECUTE ON FUNCTION public.audit_record() TO app")
    before = AuditEntry.objects.count()
    *steps, last = ALONE[attack]
    for statement in steps:
        app.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the change log does not serve"):
        app.execute(last)
    assert AuditEntry.objects.count() == before


def test_the_owner_may_write_to_a_table_that_is_getting_another_name(owner: psycopg.Connection[Any]) -> None:
    """A migration renames and fills; what is recorded of the new name begins when it has ended."""
    owner.execute("ALTER TABLE notify_notice RENAME TO notify_message")
    owner.execute("DELETE FROM notify_message")


def test_an_import_is_staged_in_a_table_that_the_role_does_not_own(app: psycopg.Connection[Any]) -> None:
    app.execute("SELECT incidents_stage(true)")
    app.execute("SELECT incidents_stage(false)")
    app.execute("INSERT INTO incident_stage (seq, round) VALUES (1, 0)")
    app.execute("ANALYZE incident_stage")
    app.execute("TRUNCATE incident_stage")
    attacks: list[Callable[[], Any]] = [
        lambda: app.execute("ALTER TABLE incident_stage ADD COLUMN mine text"),
        lambda: app.execute("CREATE INDEX ON incident_stage (seq)"),
        lambda: app.execute(
            "CREATE TRIGGER audit_insert AFTER INSERT ON incident_stage EXECUTE FUNCTION audit_record()"
        ),
        lambda: app.execute("CREATE RULE r AS ON INSERT TO incident_stage DO NOTHING"),
        lambda: app.execute("DROP TABLE incident_stage"),
    ]
    for attack in attacks:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attack()
