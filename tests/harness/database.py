"""The tests' database server: fast, in one place, kept between runs, one clone per process.

The schema is migrated once into a template, named after the schema's fingerprint, and every test
process works in its own clone of it, as the role app like the web server. Everything here bears
being done by several processes at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from samverkan.foundation.postgres import roles
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.postgres.fingerprint import schema_fingerprint

CHECKOUT = Path(__file__).resolve().parents[2]
#: Outside the installation's own folder, so that no test can touch anybody's data.
FOLDER = Path(os.environ.get("SAMVERKAN_TEST_FOLDER", CHECKOUT / "build" / "tests"))
#: A process' clone, or what a whole run shares: swept when that process is gone.
_OF_PROCESS = re.compile(r"(?:run|demo|worked)_(\d+)(?:_\d+)?")
_numbers = itertools.count()


class TestDatabases:
    """The server and the clones of this test process."""

    __test__ = False

    def __init__(self) -> None:
        self.server = Server(FOLDER, fast=True)
        self.template = f"template_{schema_fingerprint()}"

    def up(self) -> None:
        """Start the server, make the template where it is missing, and sweep what killed runs left."""
        self.server.up()
        with (FOLDER / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            names = self._names()
            for name in names:
                process = _OF_PROCESS.fullmatch(name)
                if process and not Path(f"/proc/{process[1]}").exists():
                    self.drop(name)
                if (
                    name.startswith(("template_", "unfinished_"))
                    and name != self.template
                    and name not in {"template0", "template1"}
                ):
                    self._drop_if_idle(name)
            if self.template not in names:
                self._migrate()

    def down(self) -> None:
        """Leave the server; the last to leave lets it stop."""
        self.server.down()

    def _administer(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url("bootstrap", "postgres"), autocommit=True)

    def _names(self) -> list[str]:
        with self._administer() as connection:
            return [name for (name,) in connection.execute("SELECT datname FROM pg_database")]

    def _migrate(self) -> None:
        unfinished = self.template.replace("template_", "unfinished_")
        self.drop(unfinished)
        with self._administer() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(unfinished)))
        with psycopg.connect(self.server.url("bootstrap", unfinished), autocommit=True) as connection:
            roles.close_large_objects(connection)
        from django.core.management import call_command
        from django.db import connections, transaction

        with self.django_on(unfinished, "owner"):
            call_command("migrate", verbosity=0, interactive=False)
            with transaction.atomic():
                roles.apply(connections["default"])
        with self._administer() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(unfinished), sql.Identifier(self.template)
                )
            )

    def clone(self, of: str = "") -> str:
        """A new migrated database, or a copy of a given one that nobody is connected to. Gives its name."""
        name = f"run_{os.getpid()}_{next(_numbers)}"
        with (FOLDER / "template.lock").open("w") as lock, self._administer() as connection:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER owner").format(
                    sql.Identifier(name), sql.Identifier(of or self.template)
                )
            )
            roles.close(connection, name)  # who may enter a database is not copied with it
        return name

    def once(self, kind: str, fill: Callable[[str], None]) -> str:
        """A database that this run's processes fill once between them, to be cloned. Gives its name."""
        # With several processes their common parent is the run.
        run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
        name = f"{kind}_{run}"
        with (FOLDER / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if name not in self._names():
                made = self.clone()
                fill(made)
                with psycopg.connect(self.server.url("bootstrap", made), autocommit=True) as connection:
                    connection.execute("ANALYZE")
                with self._administer() as connection:
                    connection.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(made), sql.Identifier(name))
                    )
        return name

    def drop(self, name: str) -> None:
        """Remove a database, ending whoever is connected to it."""
        with self._administer() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _drop_if_idle(self, name: str) -> None:
        with contextlib.suppress(psycopg.errors.ObjectInUse), self._administer() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def django_on(self, name: str, role: str = "app") -> Iterator[None]:
        """Point Django at a database for a while. Connections are closed on both sides of it."""
        from django.db import connections

        settings = connections.settings["default"]
        before = dict(settings)
        info = psycopg.conninfo.conninfo_to_dict(self.server.url(role, name))
        connections.close_all()
        settings.update(NAME=name, USER=role, PASSWORD=str(info["password"]), HOST=str(info["host"]), PORT="")
        previous = os.environ.get("DATABASE_URL")
        os.environ["DATABASE_URL"] = self.server.url(role, name)
        try:
            yield
        finally:
            connections.close_all()
            settings.update(before)
            if previous is None:
                os.environ.pop("DATABASE_URL", None)
            else:
                os.environ["DATABASE_URL"] = previous
