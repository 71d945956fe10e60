"""Installs the triggers that write the change log. Run as owner after every migration."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

#: It runs with its owner's rights, so it serves only the tables and the triggers that are installed here, whoever
#: made another: a table of the caller's could choose, by the types of its columns, what "=" and "::text" run.
#: Nothing that the caller may set or write makes a change look like none: numbers are compared to their last digit,
#: and a row whose key was changed has none to be compared with, so that all of it is new.
_FUNCTION = """
CREATE OR REPLACE FUNCTION public.audit_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $body$
DECLARE
    keys constant jsonb := %s; -- recorded table: its key
    pk constant text := keys ->> TG_TABLE_NAME;
    who text[] := string_to_array(coalesce(current_setting('samverkan.actor', true), ''), ':');
    n integer; ids text[]; lowest text; highest text; changed text[] := '{}';
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' OR TG_WHEN <> 'AFTER' OR TG_LEVEL <> 'STATEMENT' OR TG_NARGS <> 0
            OR TG_NAME <> 'audit_' || lower(TG_OP) OR pk IS NULL AND session_user <> current_user
            OR NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = TG_RELID AND pg_get_userbyid(relowner) = current_user) THEN
        RAISE EXCEPTION 'the change log does not serve %% on %%.%%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF pk IS NULL THEN
        RETURN NULL; -- the owner migrates a table that has got another name; it is recorded from the end of that
    END IF;
    IF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT coalesce(cardinality(a), 0), a[1:200], a[1], a[cardinality(a)]
            FROM (SELECT array_agg(%%1$I::text ORDER BY %%1$I) AS a FROM old_rows) s', pk) INTO n, ids, lowest, highest;
    ELSE
        EXECUTE format('SELECT coalesce(cardinality(a), 0), a[1:200], a[1], a[cardinality(a)]
            FROM (SELECT array_agg(%%1$I::text ORDER BY %%1$I) AS a FROM new_rows) s', pk) INTO n, ids, lowest, highest;
    END IF;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT coalesce(array_agg(DISTINCT e.key ORDER BY e.key), ''{}'') FROM new_rows n LEFT JOIN old_rows o USING (%%1$I)
            CROSS JOIN LATERAL jsonb_each(to_jsonb(n)) e WHERE e.value IS DISTINCT FROM to_jsonb(o) -> e.key', pk) INTO changed;
        IF changed = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO public.audit_auditentry (at, person_id, membership_id, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)
    VALUES (clock_timestamp(), nullif(who[1], '')::bigint, nullif(who[2], '')::bigint, coalesce(who[3], ''),
            TG_TABLE_NAME, left(TG_OP, 1), n, ids, lowest, highest, changed);
    RETURN NULL;
END $body$;
"""

#: Tables of libraries whose rows are no one's act.
_NOT_AUDITED_APPS = {"sessions", "contenttypes", "procrastinate", "auth", "migrations"}


def audited_models() -> list[type[models.Model]]:
    """Every model whose rows are recorded: all but derived data and libraries' bookkeeping."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.app_label not in _NOT_AUDITED_APPS
        and getattr(model, "audited", True)
    ]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create or replace the function and the three triggers of every audited table."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if "audit_auditentry" not in existing:
            return
        keys = {m._meta.db_table: m._meta.pk.column for m in audited_models() if m._meta.db_table in existing}
        cursor.execute(_FUNCTION % f"'{json.dumps(keys, sort_keys=True)}'")
        cursor.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgfoid = 'public.audit_record'::regproc AND c.relname <> ALL(%s)",
            [list(keys)],
        )
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {quote(name)} ON {quote(table)}")
        for table in keys:
            for name, event, tables in (
                ("audit_insert", "INSERT", "NEW TABLE AS new_rows"),
                ("audit_update", "UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
                ("audit_delete", "DELETE", "OLD TABLE AS old_rows"),
            ):
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {quote(table)} REFERENCING {tables} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION public.audit_record()"
                )


def lacking(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables whose changes are not recorded as :func:`install` left it, whoever changed that; the log's own if it is hindered."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        keys = {m._meta.db_table: m._meta.pk.column for m in audited_models() if m._meta.db_table in existing}
        cursor.execute(_INSTALLED)
        whole = {name for (name,) in cursor.fetchall()}
        cursor.execute(_HINDERED, [(_FUNCTION % f"'{json.dumps(keys, sort_keys=True)}'").split("$body$")[1]])
        (hindered,) = cursor.fetchone()
    return sorted(({"audit_auditentry"} if hindered else set()) | keys.keys() - whole)


#: Three triggers that are switched on and ask for nothing: after each statement that inserts (4), updates (16), deletes (8).
_INSTALLED = """
    SELECT c.relname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND t.tgfoid = to_regproc('public.audit_record')
        AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND cardinality(t.tgattr::smallint[]) = 0
        AND (t.tgname, t.tgtype) IN (('audit_insert', 4), ('audit_update', 16), ('audit_delete', 8))
    GROUP BY c.relname HAVING count(*) = 3
"""
#: The function is another, or something decides which entries are added.
_HINDERED = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass('public.audit_auditentry'))
        OR EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = to_regclass('public.audit_auditentry'))
        OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_proc WHERE oid = to_regproc('public.audit_record') AND prosecdef AND prosrc = %s
                AND proconfig = ARRAY['search_path=pg_catalog, pg_temp', 'extra_float_digits=1'])
"""


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Signal handler: install when the last app has been migrated."""
    from django.db import connections

    install(connections[using])
