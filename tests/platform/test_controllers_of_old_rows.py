"""Rows from before they said who answers for them get who put them in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.database import TestDatabases

BEFORE = [
    ("est", "0005_what_rows_and_fields_are_called"),
    ("incidents", "0004_what_rows_and_fields_are_called"),
    ("picture", "0004_what_rows_and_fields_are_called"),
    ("places", "0003_what_rows_and_fields_are_called"),
]


def test_old_rows_are_the_municipalitys_and_views_their_owners(
    django_db_setup: None, databases: TestDatabases, django_db_blocker: Any
) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    name = databases.clone()
    with django_db_blocker.unblock(), databases.django_on(name, "owner"):
        executor = MigrationExecutor(connection)
        now = executor.loader.graph.leaf_nodes()
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps
        week = old.get_model("est", "EstWeek").objects.create(first=1)
        place = old.get_model("places", "Place").objects.create(name="Påhittade torget", x=0, y=0)
        old.get_model("est", "Priority").objects.create(week=week, place=place, why="Ofta")
        old.get_model("est", "Decision").objects.create(week=week, text="Vi går dit")
        old.get_model("incidents", "ImportRun").objects.create()
        people = {m: old.get_model("people", m).objects for m in ("Organisation", "Person", "Membership")}
        home = people["Organisation"].create(name="Påhittade kommunen", kind="municipality", is_home=True)
        others = [
            people["Organisation"].create(name="Påhittade bolaget", kind="housing_company"),
            people["Organisation"].create(name="Påhittade kontoret", kind="department", controller=home),
        ]
        person = people["Person"].create(email="ingen@example.org", name="Påhittad")
        for body in others:
            seat = people["Membership"].create(person=person, organisation=body, role="member", function="X")
            old.get_model("picture", "SavedView").objects.create(owner=seat, name="Vy")

        executor = MigrationExecutor(connection)
        executor.migrate(now)
        new = executor.loader.project_state(now).apps
        for app, model in (
            ("est", "EstWeek"),
            ("est", "Priority"),
            ("est", "Decision"),
            ("incidents", "ImportRun"),
            ("places", "Place"),
        ):
            assert new.get_model(app, model).objects.get().controller_id == home.pk, model
        views = new.get_model("picture", "SavedView").objects.order_by("pk")
        assert [view.controller_id for view in views] == [others[0].pk, home.pk]
    databases.drop(name)


@pytest.mark.long
def test_rows_read_in_before_anything_was_set_up_get_a_municipality(
    django_db_setup: None, databases: TestDatabases, django_db_blocker: Any
) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from samverkan.foundation.people.models import Organisation
    from samverkan.foundation.people.services import is_unnamed

    name = databases.clone()
    with django_db_blocker.unblock(), databases.django_on(name, "owner"):
        executor = MigrationExecutor(connection)
        now = executor.loader.graph.leaf_nodes()
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps
        old.get_model("places", "Place").objects.create(name="Påhittade torget", x=0, y=0)
        MigrationExecutor(connection).migrate(now)
        home = Organisation.objects.get()
        assert home.is_home and is_unnamed(home)
    databases.drop(name)
