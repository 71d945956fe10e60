"""The demonstration, loaded once; what a test writes is undone after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from samverkan.foundation.access import Actor
from tests.harness.database import TestDatabases
from tests.harness.demo import DemoDatabase, loaded


@pytest.fixture(scope="session")
def demo_database(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> Iterator[DemoDatabase]:
    with django_db_blocker.unblock(), loaded(databases) as found:
        yield found


@pytest.fixture
def demo(demo_database: DemoDatabase, django_db_blocker: Any) -> Iterator[dict[str, Actor]]:
    """The cast by code, with Django on the demonstration."""
    with django_db_blocker.unblock(), demo_database.unchanged() as cast:
        yield cast
