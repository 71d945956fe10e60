"""What every test may ask for. Nothing here starts anything until a test asks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

# Before the settings are read: no test touches anybody's installation.
os.environ["SAMVERKAN_DATA"] = tempfile.mkdtemp(prefix="samverkan-test-")
os.environ.setdefault("SAMVERKAN_SECRET_KEY", "only-for-tests-" + "x" * 50)

from tests.harness.database import TestDatabases


@pytest.fixture(scope="session")
def databases(django_db_blocker: Any) -> Iterator[TestDatabases]:
    """The tests' server, up for as long as this process runs tests."""
    found = TestDatabases()
    with django_db_blocker.unblock():
        found.up()
    yield found
    found.down()


@pytest.fixture(scope="session")
def django_db_setup(databases: TestDatabases, django_db_blocker: Any) -> Iterator[None]:
    """One clone of the migrated template for this process; each test's changes are rolled back."""
    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            yield
        databases.drop(name)


@pytest.fixture
def fresh_db(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, where transactions really commit. Gives its name."""
    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            yield name
        databases.drop(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests run as the role app, which may not empty tables: committed data need a database of their own."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and (marker.kwargs.get("transaction") or "transactional_db" in getattr(item, "fixturenames", ())):
            raise pytest.UsageError(f"{item.nodeid}: ask for fresh_db instead of django_db(transaction=True).")
