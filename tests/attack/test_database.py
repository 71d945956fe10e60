"""SQL as the web server's role: what a fault in a page could run."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from django.db import connection

from samverkan.foundation.postgres import attacks
from tests.harness.database import TestDatabases


@pytest.mark.django_db
@pytest.mark.parametrize("staged", [False, True], ids=["in a new session", "in a session that has imported"])
def test_every_attack_is_refused_and_leaves_nothing(staged: bool, tried: Counter[str]) -> None:
    """Once the owner has made a session's temporary schema it exists, and still nobody else may make anything there."""
    with connection.cursor() as cursor:
        if staged:
            cursor.execute("SELECT incidents_stage(false)")
        cursor.execute("SELECT max(oid) FROM pg_class")
        before = cursor.fetchone()
        attempts = attacks.attempt()
        cursor.execute("SELECT max(oid) FROM pg_class")
        assert cursor.fetchone() == before
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("app", "app")
    assert [f"{attempt.attack}: {attempt.why}" for attempt in attempts if attempt.why] == []
    kinds = Counter(attempt.attack.kind for attempt in attempts)
    assert set(attacks.STATEMENTS) | {"every table", "what never changes", "functions"} == set(kinds)
    assert {"audit_auditentry", "est_edition"} <= {
        table
        for table in ("audit_auditentry", "est_edition")
        if any(f"DELETE FROM public.{table}" == str(a.attack) for a in attempts)
    }
    tried.update({f"database: {kind}": number for kind, number in kinds.items()})


@pytest.mark.parametrize(
    "gift",
    [
        "GRANT TEMPORARY ON DATABASE {database} TO app",
        "GRANT UPDATE ON est_edition TO app",
        "GRANT TRIGGER ON audit_auditentry TO app",
        "GRANT EXECUTE ON FUNCTION audit_record() TO app",
        "GRANT CREATE ON SCHEMA public TO app",
        "GRANT USAGE ON SEQUENCE audit_auditentry_id_seq TO app",
        "ALTER TABLE people_person OWNER TO app",
    ],
)
def test_a_right_too_many_is_found(fresh_db: str, databases: TestDatabases, gift: str) -> None:
    with psycopg.connect(databases.server.url("bootstrap", fresh_db), autocommit=True) as superuser:
        superuser.execute(gift.format(database=f'"{fresh_db}"'))
    found = [attempt for attempt in attacks.attempt() if attempt.why]
    assert found, gift
