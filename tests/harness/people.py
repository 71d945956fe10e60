"""The cast, as actors and as browsers that have signed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from django.db import connection
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo
from samverkan.foundation.people.middleware import SEAT
from samverkan.foundation.people.models import Person
from samverkan.foundation.people.second_step import SESSION_KEY
from samverkan.site import demo as site_demo
from tests.harness.database import TestDatabases


class Cast(Mapping[str, Actor]):
    """The demonstration's people by role (the first who has it) and by code (``skola.soder``)."""

    def __init__(self, actors: Mapping[str, Actor]) -> None:
        self._actors = dict(actors)
        for actor in actors.values():
            self._actors.setdefault(actor.role, actor)

    def __getitem__(self, key: str) -> Actor:
        return self._actors[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actors)

    def __len__(self) -> int:
        return len(self._actors)


#: Ids of the cast begin here, so that rows made by tests never meet them.
_FIRST_ID = 1_000_000


class CastRows:
    """The cast as rows to copy in. Loading it through the services takes a second, copying a moment."""

    def __init__(self, databases: TestDatabases) -> None:
        name = databases.clone()
        with psycopg.connect(databases.server.url("owner", name)) as owner:
            sequences = owner.execute("SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'")
            for (sequence,) in sequences.fetchall():
                owner.execute("SELECT setval(%s, %s)", [sequence, _FIRST_ID])
        with databases.django_on(name):
            context = demo.Context()
            site_demo.load_profile(context)
            demo.load_cast(context)
        with psycopg.connect(databases.server.url("owner", name)) as owner:
            self._rows = {}
            for table in _written_by_app(owner):
                with owner.cursor().copy(f'COPY (SELECT * FROM "{table}" WHERE id > {_FIRST_ID}) TO STDOUT') as copy:
                    self._rows[table] = b"".join(bytes(block) for block in copy)
        databases.drop(name)
        self.cast = Cast(context.cast)

    def put(self) -> Cast:
        """Copy the cast into the present database."""
        with connection.cursor() as cursor:
            for table, rows in self._rows.items():
                if rows:
                    with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                        copy.write(rows)
        return self.cast


def _written_by_app(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables with a numeric id into which the role app may insert."""
    found = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'id'"
        " AND a.atttypid IN ('int4'::regtype, 'int8'::regtype) AND has_table_privilege('app', c.oid, 'INSERT')"
    )
    return [name for (name,) in found]


def client_for(actor: Actor) -> Client:
    """A browser in which the actor has signed in by both steps and sits on the actor's seat."""
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id))
    session = client.session
    session[SESSION_KEY] = True
    session[SEAT] = actor.membership_id
    session.save()
    return client
