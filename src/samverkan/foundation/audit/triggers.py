"""Installs the triggers that write the change log. Run as owner after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

FUNCTION = """
CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    who text[] := string_to_array(coalesce(current_setting('samverkan.actor', true), ''), ':');
    pk text := TG_ARGV[0];
    n integer; ids text[]; lowest text; highest text; changed text[] := '{}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT coalesce(cardinality(a), 0), a[1:200], a[1], a[cardinality(a)]
            FROM (SELECT array_agg(%1$I::text ORDER BY %1$I) AS a FROM old_rows) s', pk) INTO n, ids, lowest, highest;
    ELSE
        EXECUTE format('SELECT coalesce(cardinality(a), 0), a[1:200], a[1], a[cardinality(a)]
            FROM (SELECT array_agg(%1$I::text ORDER BY %1$I) AS a FROM new_rows) s', pk) INTO n, ids, lowest, highest;
    END IF;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT coalesce(array_agg(DISTINCT e.key ORDER BY e.key), ''{}'') FROM new_rows n JOIN old_rows o USING (%1$I)
            CROSS JOIN LATERAL jsonb_each(to_jsonb(n)) e WHERE e.value IS DISTINCT FROM to_jsonb(o) -> e.key', pk) INTO changed;
        IF changed = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit_auditentry (at, person_id, membership_id, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)
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
        cursor.execute(FUNCTION)
        for model in audited_models():
            table = model._meta.db_table
            if table not in existing:
                continue
            key = model._meta.pk.column
            for name, event, tables in (
                ("audit_insert", "INSERT", "NEW TABLE AS new_rows"),
                ("audit_update", "UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
                ("audit_delete", "DELETE", "OLD TABLE AS old_rows"),
            ):
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {quote(table)} REFERENCING {tables} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION audit_record('{key}')"
                )


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Signal handler: install when the last app has been migrated."""
    from django.db import connections

    install(connections[using])
