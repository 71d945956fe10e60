"""The demonstration, loaded once, for those who attack it; what they write is undone after each test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

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


@pytest.fixture
def quiet() -> Iterator[None]:
    """Thousands of expected refusals need no lines in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def undone() -> Callable[[Callable[[], Any]], Any]:
    """``undone(call)`` makes the call and takes back whatever it wrote."""

    def make(call: Callable[[], Any]) -> Any:
        mark = transaction.savepoint()
        cache.clear()  # what counts how often one has tried
        try:
            return call()
        finally:
            transaction.savepoint_rollback(mark)

    return make
