"""The tests' own database: migrated, cloned, and used as the role app."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Organisation, OrganisationKind
from tests.harness.people import Cast


@pytest.mark.django_db
def test_tests_are_the_role_app_and_own_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == ("app", 0)


@pytest.mark.django_db
def test_the_change_log_is_written_by_triggers_and_by_nobody_else() -> None:
    Organisation.objects.create(name="Prov", kind=OrganisationKind.SCHOOL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry WHERE \"table\" = 'people_organisation'")
        assert cursor.fetchone()[0] >= 1
        for statement in (
            "DELETE FROM audit_auditentry",
            "UPDATE audit_auditentry SET rows = 0",
            "INSERT INTO audit_auditentry SELECT * FROM audit_auditentry",
            "DELETE FROM django_migrations",
            "ALTER TABLE people_organisation DISABLE TRIGGER USER",
            "TRUNCATE people_organisation",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
                cursor.execute(statement)


def test_fresh_database_commits_for_real_and_is_alone(fresh_db: str) -> None:
    with transaction.atomic():
        Organisation.objects.create(name="Bara här", kind=OrganisationKind.SCHOOL)
    connection.close()
    assert Organisation.objects.filter(name="Bara här").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (fresh_db,)


def test_cast_signs_in(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    coordinator = cast["coordinator"]
    assert cast["samordnare"] == coordinator
    response = client_for(coordinator).get("/healthz")
    assert response.wsgi_request.actor == coordinator
