"""The whole demonstration in a database of its own, loaded once for a run of the tests and cloned."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from samverkan.foundation.access import Actor
from tests.harness.database import TestDatabases

#: A Monday, so that there is a week to go through.
TODAY = "2026-11-23"


@dataclass(frozen=True)
class DemoDatabase:
    """A loaded database, and its cast by code (``samordnare``)."""

    databases: TestDatabases
    name: str
    cast: dict[str, Actor]

    @contextlib.contextmanager
    def in_use(self) -> Iterator[dict[str, Actor]]:
        """Point Django at it for a while, on its day. Gives the cast."""
        from samverkan.domain.picture import facts

        with today(), self.databases.django_on(self.name):
            facts.forget()
            yield self.cast
            facts.forget()

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[dict[str, Actor]]:
        """The same, and everything written meanwhile is undone."""
        from django.db import transaction

        with self.in_use() as cast, transaction.atomic():
            yield cast
            transaction.set_rollback(True)


@contextlib.contextmanager
def today(day: str = TODAY) -> Iterator[None]:
    """Let it be a day."""
    before = os.environ.get("SAMVERKAN_TODAY")
    os.environ["SAMVERKAN_TODAY"] = day
    try:
        yield
    finally:
        if before is None:
            del os.environ["SAMVERKAN_TODAY"]
        else:
            os.environ["SAMVERKAN_TODAY"] = before


@contextlib.contextmanager
def loaded(databases: TestDatabases, *, run_jobs: bool = False) -> Iterator[DemoDatabase]:
    """A copy of the demonstration; ``run_jobs`` also did what waits for the worker. Loaded once for all who ask."""
    from samverkan.foundation.people import demo, selectors

    def fill(name: str) -> None:
        with today(), databases.django_on(name):
            _load(run_jobs)

    name = databases.clone(databases.once("worked" if run_jobs else "demo", fill))
    with today(), databases.django_on(name):
        cast = {player.code: selectors.actor_for_email(f"{player.code}@{demo.DOMAIN}") for player in demo.cast.all()}
    yield DemoDatabase(databases, name, cast)
    databases.drop(name)


def _load(run_jobs: bool) -> None:
    """Every room's demonstration data, as the command loads them, with the picture's figures made."""
    from django.db import transaction

    from samverkan.domain.picture import facts
    from samverkan.foundation import jobs, registries
    from samverkan.foundation.people.demo import Context

    context = Context()
    with transaction.atomic():
        for loader in registries.demo_loaders.all():
            loader.load(context)
    facts.refresh()
    if run_jobs:
        jobs.run_pending()
