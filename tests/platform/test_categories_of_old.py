"""An installation that has categories is brought past the question of who answered for their places."""

from __future__ import annotations

from typing import Any

from tests.harness.database import TestDatabases

BEFORE = [("incidents", "0009_feed_memory")]


def test_categories_of_before_are_answered_for(
    django_db_setup: None, databases: TestDatabases, django_db_blocker: Any
) -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    name = databases.clone()
    with django_db_blocker.unblock(), databases.django_on(name, "owner"):
        executor = MigrationExecutor(connection)
        now = executor.loader.graph.leaf_nodes()
        executor.migrate(BEFORE)
        categories = executor.loader.project_state(BEFORE).apps.get_model("incidents", "Category").objects
        main = categories.create(code="pahittat", name_sv="Påhittat", is_home_bound=False)
        categories.create(code="i-hemmet", name_sv="I hemmet", main=main, is_home_bound=True)
        # Of the standard and home-bound: answered for twice, by which its main category is to be checked at the end.
        categories.create(code="vald-i-nara-relation", name_sv="Våld", main=main, is_home_bound=True)

        executor = MigrationExecutor(connection)
        executor.migrate(now)
        rows = executor.loader.project_state(now).apps.get_model("incidents", "Category").objects
        assert dict(rows.values_list("code", "point_answer")) == {
            "pahittat": "former",
            "i-hemmet": "given",
            "vald-i-nara-relation": "given",
        }
    databases.drop(name)
