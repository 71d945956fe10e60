"""What the commands share: which installation is meant, its database, its environment.

Nothing here imports Django until :func:`installation` is entered, so that the commands which only
start other processes stay small.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from samverkan.cli import Failure
from samverkan.foundation import closed, whole
from samverkan.foundation.postgres import layout
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.postgres.fingerprint import schema_fingerprint
from samverkan.foundation.postgres.layout import DatabaseFailure
from samverkan.foundation.processes import child_of_me

SOURCE = Path(__file__).resolve().parents[2]
CHECKOUT = SOURCE.parent
_STATE = "installation.json"
#: What the embedded database is kept in and known by.
DATABASE_PARTS = ("postgres", "database-passwords.json", "postgres-folder")


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """``--data DIR``, the same in every command."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="the installation's folder (otherwise SAMVERKAN_DATA, otherwise .data in the checkout)",
    )


def port(text: str) -> int:
    """A port as an option's value."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port. Write a number from 1 to 65535.")
    return int(text)


def data_dir(args: argparse.Namespace) -> Path:
    """The folder of the installation that is meant."""
    given = getattr(args, "data", None) or os.environ.get("SAMVERKAN_DATA") or CHECKOUT / ".data"
    return Path(given).expanduser().resolve()


def say(sentence: str) -> None:
    """Tell the person at the keyboard, never mixed with the command's own output."""
    print(sentence, file=sys.stderr, flush=True)


def emit_json(value: Any) -> None:
    """One line of JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def read_state(directory: Path) -> dict[str, Any]:
    """What is known of the installation: migrated to, demonstration or not, last backup."""
    try:
        return dict(json.loads((directory / _STATE).read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Failure(f"{directory / _STATE} cannot be read as JSON. Remove it; nothing is lost by that.") from error


def update_state(directory: Path, **facts: Any) -> None:
    """Note facts about the installation; None removes one."""
    state = {key: value for key, value in (read_state(directory) | facts).items() if value is not None}
    whole.write(directory / _STATE, json.dumps(state, ensure_ascii=False, indent=1).encode())


def secret_key_file(directory: Path) -> Path:
    """The key that signs sessions, made once, readable by its owner only."""
    keys = directory / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = keys / "secret.key"
    if not path.exists():
        # Where another command was first its key holds.
        whole.write(path, secrets.token_urlsafe(64).encode(), once=True)
    return path


def environment_for(directory: Path, server: Server | None) -> dict[str, str]:
    """The variables that the settings read, for this installation. What is set already holds."""
    state = read_state(directory)
    found = {
        "DJANGO_SETTINGS_MODULE": "samverkan.site.settings",
        "SAMVERKAN_DATA": str(directory),
        "SAMVERKAN_INSTALLATION": hashlib.sha256(os.fsencode(directory)).hexdigest()[:8],
        "PYTHONPATH": os.pathsep.join(part for part in (str(SOURCE), os.environ.get("PYTHONPATH", "")) if part),
    }
    if "SAMVERKAN_SECRET_KEY" not in os.environ and "SAMVERKAN_SECRET_KEY_FILE" not in os.environ:
        found["SAMVERKAN_SECRET_KEY_FILE"] = str(secret_key_file(directory))
    if state.get("today"):
        found["SAMVERKAN_TODAY"] = state["today"]
    fixed = {"SAMVERKAN_DATA": str(directory)}
    if server is not None:
        fixed["DATABASE_URL"] = server.url("app")
        fixed["SAMVERKAN_OWNER_DATABASE_URL"] = server.url("owner")
    return found | dict(os.environ) | fixed | {"PYTHONPATH": found["PYTHONPATH"]}


def make_directory(directory: Path) -> None:
    """The installation's folder, created when missing, with what is in it for its owner only."""
    try:
        layout.make_directory(directory)
    except DatabaseFailure as failure:
        raise Failure(str(failure)) from failure
    closed.close(directory)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for installations that are thrown away, for benches and tests.

    Open to pass through, so that root's server keeps its data in it; what lies elsewhere after all
    (a closed folder for temporary files) is removed with it.
    """
    base = Path(tempfile.mkdtemp(prefix="samverkan-scratch-"))
    base.chmod(0o755)
    try:
        yield base
    finally:
        for note in base.rglob("postgres-folder"):
            shutil.rmtree(note.read_text("utf-8").strip(), ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)


def is_external() -> bool:
    """Whether the database is somebody else's to start and stop."""
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))


def external_url() -> str:
    """The address of somebody else's database, as the role that owns its tables where that is told."""
    for name in ("SAMVERKAN_OWNER_DATABASE_URL", "DATABASE_URL"):
        if file := os.environ.get(f"{name}_FILE"):
            try:
                return Path(file).read_text("utf-8").strip()
            except OSError as error:
                raise Failure(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error
        if url := os.environ.get(name):
            return url
    raise Failure("No database is named in DATABASE_URL.")


def half_made_mark(directory: Path) -> Path:
    """The file that is there while a restore into the folder is not complete."""
    return directory / "restore-unfinished"


def refuse_half_made(directory: Path) -> None:
    """A restore that was cut short holds some of what there was: nobody works with that."""
    if half_made_mark(directory).exists():
        raise Failure(
            f"{directory} holds a restore that is not complete. Wait until it is, or if it was cut short run it again: "
            f"samverkan restore BACKUP --keys KEYS --data {directory}"
        )


def holds_demonstration(connection: Any) -> bool:
    """Whether invented people can sign in to a database, whatever its folder says. Takes a psycopg connection."""
    there = connection.execute("SELECT to_regclass('public.people_person')").fetchone()[0]
    return bool(there) and bool(
        connection.execute("SELECT EXISTS (SELECT 1 FROM people_person WHERE is_invented)").fetchone()[0]
    )


def remove_parts(directory: Path, names: Iterable[str]) -> None:
    """Delete parts of an installation in this order, with its database wherever that is kept.

    Raises Failure when another command uses the database.
    """
    if not Server(directory).await_rest():
        raise Failure(f"Another command uses the database in {directory}. Wait for it, or stop it, and try again.")
    note = directory / "postgres-folder"
    if note.exists():
        shutil.rmtree(note.read_text("utf-8").strip(), ignore_errors=True)
    for name in names:
        path = directory / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def database(
    directory: Path, *, migrated: bool = True, half_made: bool = False, kept_up: bool = False
) -> Iterator[dict[str, str]]:
    """The installation's database, up for as long as the block, and the environment to reach it.

    An external database (``DATABASE_URL``) is used as it is: whoever runs it decides when to migrate.
    Only whoever completes a half-made installation may use one. With ``kept_up`` the embedded server is
    brought back should it be killed.
    """
    if not half_made:
        refuse_half_made(directory)
    make_directory(directory)
    compile_messages()
    if is_external():
        yield environment_for(directory, None)
        return
    server = Server(directory, say=say)
    try:
        with server:
            environment = environment_for(directory, server)
            if migrated:
                prepare(directory, environment)
            with server.kept_up() if kept_up else contextlib.nullcontext():
                yield environment
    except DatabaseFailure as failure:
        raise Failure(str(failure)) from failure


def prepare(directory: Path, environment: dict[str, str], *arguments: str) -> None:
    """Migrate where the code is ahead of the database; with ``--demo`` load the demonstration once.

    In a process of its own, so that the caller need not carry Django.
    """
    with (directory / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = read_state(directory)
        if state.get("schema") == schema_fingerprint() and (not arguments or state.get("demo")):
            return
        done = subprocess.run(
            [sys.executable, "-m", "samverkan.cli.prepare", *arguments],
            env=environment,
            stdout=sys.stderr,
            start_new_session=True,  # Ctrl-C is for the caller, which then ends this
            preexec_fn=child_of_me(signal.SIGKILL),
            check=False,
        )
        if done.returncode:
            raise Failure("The database could not be prepared. The lines above say why; what was there is unchanged.")


@contextlib.contextmanager
def installation(args: argparse.Namespace, *, migrated: bool = True, kept_up: bool = False) -> Iterator[Path]:
    """The installation that is meant, ready for Django: database up and migrated, settings read."""
    directory = data_dir(args)
    with database(directory, migrated=migrated, kept_up=kept_up) as environment:
        os.environ.update(environment)
        import django
        from django.db import connections

        django.setup()
        try:
            yield directory
        finally:
            connections.close_all()


def compile_messages() -> None:
    """Bring every ``.mo`` up to its ``.po``. They are derived, and so not kept in the repository."""
    stale = []
    for source in SOURCE.glob("samverkan/**/locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            stale.append((source, target))
    if not stale:
        return
    from babel.messages import mofile, pofile

    for source, target in stale:
        with source.open("rb") as text:
            catalogue = pofile.read_po(text)
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False) as file:
            mofile.write_mo(file, catalogue)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
