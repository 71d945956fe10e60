"""Brings the database up to the code, as the role owner; and loads the demonstration, as app.

Run as ``python -m samverkan.cli.prepare [--demo]`` by ``runtime.prepare``, which holds the lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samverkan.cli.runtime import read_state, update_state
from samverkan.foundation.postgres.fingerprint import schema_fingerprint


@contextmanager
def as_owner() -> Iterator[None]:
    """The database as the role owner: to migrate (``app`` may read nothing before it is granted), or to dispose."""
    from django.db import connections

    from samverkan.site.settings import database

    url = os.environ.get("SAMVERKAN_OWNER_DATABASE_URL")
    if not url:
        yield
        return
    handler = connections.settings["default"]
    before = dict(handler)
    connections.close_all()
    handler.update(database(url))
    try:
        yield
    finally:
        connections.close_all()
        handler.update(before)


def migrate(*arguments: str) -> None:
    """Run Django's migrate as owner, then grant the other roles exactly what they need."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections, transaction

    from samverkan.foundation.postgres import roles

    with as_owner():
        call_command("migrate", *arguments, verbosity=0, interactive=False)
        with transaction.atomic():
            granted = roles.apply(connections["default"])
    if not granted and not settings.DEMO:
        print(
            "The database has no role app, so its owner is used for everything. See docs/operate/database.md, Roles.",
            file=sys.stderr,
        )


def ahead() -> list[str]:
    """Migrations that the database has had and this code does not know: it was made by a newer Samverkan."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    known.update(old for new in loader.disk_migrations.values() for old in new.replaces)
    rooms = {config.label for config in apps.get_app_configs()}
    return sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in rooms and (app, name) not in known
    )


def load_demo() -> list[dict[str, str]]:
    """Load every room's invented data, all or nothing, unless they are there. Returns who may sign in."""
    from django.db import transaction

    from samverkan.foundation.people import demo
    from samverkan.foundation.people.models import Person
    from samverkan.foundation.registries import demo_loaders

    if Person.objects.filter(is_invented=False).exists():
        raise SystemExit(
            "This installation has real people in it. Name another folder for the demonstration with --data."
        )
    if not Person.objects.filter(is_invented=True).exists():
        context = demo.Context()
        with transaction.atomic():
            for loader in demo_loaders.all():
                loader.load(context)
    return demo.demo_people()


def choose_coordinates() -> None:
    """Store the coordinate system that a new installation was given, for good."""
    from samverkan.foundation import geo, municipality
    from samverkan.foundation.access import SYSTEM

    text = os.environ.get("SAMVERKAN_EPSG", "")
    if not text:
        return
    try:
        geo.System(int(text))
    except ValueError as error:
        raise SystemExit(f"SAMVERKAN_EPSG is '{text}'. {error}") from None
    municipality.put(SYSTEM, key="geo.epsg", value=int(text), decision="")


def main(arguments: list[str]) -> None:
    """Do what is behind."""
    import django

    django.setup()
    directory = Path(os.environ["SAMVERKAN_DATA"])
    fingerprint = schema_fingerprint()
    if read_state(directory).get("schema") != fingerprint:
        created = "schema" not in read_state(directory)
        # Only as owner: a first start or a restore that was killed may have left the tables without grants.
        with as_owner():
            newer = ahead()
        if newer:
            raise SystemExit(
                f"The database was made by a newer Samverkan ({', '.join(newer[:3])}). "
                "Run that version or a later one, or restore a backup from before into an empty folder."
            )
        migrate()
        if created:
            choose_coordinates()
        update_state(directory, schema=fingerprint)
    if "--demo" in arguments:
        people = load_demo()
        update_state(directory, demo=True, people=people, today=os.environ.get("SAMVERKAN_TODAY") or None)


if __name__ == "__main__":
    main(sys.argv[1:])
