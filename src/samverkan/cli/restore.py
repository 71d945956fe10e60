"""Read a backup into an empty installation, and verify that it became equal.

Everything in the backup is verified before anything is written: checksums, the manifest's own, its signature by
the installation's keys. Until all of it is in place the folder is marked, and no other command uses it; a restore
that was cut short is begun anew by the same command. An installation that holds anything is left as it is.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from samverkan.cli import Failure, archive, progress, runtime
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.postgres.layout import DatabaseFailure

EXAMPLE = "samverkan restore samverkan.tar --keys samverkan.keys --data /srv/samverkan"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where."""
    runtime.add_data_argument(parser)
    parser.add_argument("file", type=Path, help="a file written by samverkan backup")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="the keys written by samverkan backup --keys")
    parser.add_argument("--json", action="store_true", help="print what was restored as JSON")


def run(args: argparse.Namespace) -> int:
    """Verify, restore, compare, and migrate to what this version expects."""
    directory = runtime.data_dir(args)
    given = archive.read_keys(args.keys) if args.keys else {}
    with archive.opened(args.file) as tar:
        left = _left(directory)
        present = {name: key for name, key in archive.keys_in(directory).items() if name not in left}
        manifest = archive.verify(tar, args.file, given | present, directory / "keys")
        if given and not manifest["keys"]:
            raise Failure(f"{args.file} is signed by none of the keys in {args.keys}. Nothing was restored.")
        if not runtime.half_made_mark(directory).exists():
            _refuse_used(directory)
        runtime.make_directory(directory)
        with _marked(directory):
            _write_keys(directory, {name: key for name, key in given.items() if name not in present})
            _restore_files(tar, directory / "files", archive.FILES, manifest["files"])
            _restore_files(tar, directory / "seals", archive.SEALS, manifest["seals"])
            with runtime.database(directory, migrated=False, half_made=True) as environment:
                _restore_database(tar, environment, manifest, directory)
                facts = {name: manifest.get(name) for name in ("demo", "today", "people")}
                runtime.update_state(directory, **{name: value or None for name, value in facts.items()}, schema=None)
                if not runtime.is_external():
                    runtime.prepare(directory, environment)
    rows, files = sum(manifest["tables"].values()), len(manifest["files"])
    if args.json:
        runtime.emit_json(
            {"rows": rows, "tables": len(manifest["tables"]), "files": files, "made_at": manifest["made_at"]}
        )
    else:
        print(
            f"Restored and verified: {rows} rows in {len(manifest['tables'])} tables and {files} files, as of {manifest['made_at']}."
        )
    return 0


def _refuse_used(directory: Path) -> None:
    """Leave an installation that holds anything as it is. Called before anything is written."""
    if archive.list_files(directory):
        raise Failure(f"{directory} holds files already. Restore into an empty folder: --data DIR")
    if runtime.is_external():
        _refuse_tables(runtime.external_url(), directory)
    elif (directory / "database-passwords.json").exists():
        try:
            with Server(directory, say=runtime.say) as server:
                _refuse_tables(server.url("owner"), directory)
        except DatabaseFailure as failure:
            raise Failure(str(failure)) from failure


def _refuse_tables(url: str, directory: Path) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        if archive.count_rows(connection):
            raise Failure(
                "The database that DATABASE_URL names has tables already. Make an empty one, and run the same again."
                if runtime.is_external()
                else f"The database of {directory} has tables already. Restore into an empty installation: --data DIR"
            )


def _left(directory: Path) -> list[str]:
    """The keys that a restore which was cut short has put in the folder."""
    with contextlib.suppress(FileNotFoundError):
        return runtime.half_made_mark(directory).read_text("utf-8").splitlines()[1:]
    return []


@contextlib.contextmanager
def _marked(directory: Path) -> Iterator[None]:
    """Mark the folder as half made for as long as it is: the mark is there before anything else, and goes last."""
    mark = runtime.half_made_mark(directory)
    with mark.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"Another restore into {directory} is running.") from None
        if mark.stat().st_size:
            runtime.say("An earlier restore was cut short. It is begun anew.")
            _clear(directory)
        yield
        mark.unlink()
        _keep(directory)


def _note(directory: Path, keys: Iterable[str]) -> None:
    """From here on something is written: the database, files, and these keys. Whoever begins anew removes it."""
    with runtime.half_made_mark(directory).open("r+", encoding="utf-8") as file:
        file.write("\n".join(["A restore into this folder is not complete. These keys are part of it:", *keys, ""]))
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    _keep(directory)


def _keep(folder: Path) -> None:
    """Let names in a folder bear a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(directory: Path) -> None:
    """Remove what a restore that was cut short has written: the folder was empty when it began."""
    for name in _left(directory):
        (directory / "keys" / name).unlink(missing_ok=True)
    runtime.remove_parts(directory, (*runtime.DATABASE_PARTS, "files", "seals", "installation.json"))


def _write_keys(directory: Path, keys: dict[str, bytes]) -> None:
    """Put the keys in place before anything would make new ones."""
    _note(directory, keys)
    folder = directory / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "chain").unlink(missing_ok=True)  # of the installation that was here before: the backup's is another
    for name, key in keys.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())


def _restore_files(tar: tarfile.TarFile, root: Path, prefix: str, files: dict[str, str]) -> None:
    with progress(len(files), "Files") as bar:
        for name, digest in files.items():
            bar.update()
            target = root / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                archive.extract(tar, prefix + name, digest, file)
                os.fsync(file.fileno())


def _restore_database(
    tar: tarfile.TarFile, environment: dict[str, str], manifest: dict[str, Any], directory: Path
) -> None:
    import psycopg

    url = environment.get("SAMVERKAN_OWNER_DATABASE_URL") or environment["DATABASE_URL"]
    _refuse_tables(url, directory)
    with tempfile.TemporaryFile(dir=directory) as dump:
        archive.extract(tar, archive.DUMP, manifest["dump"], dump)
        dump.seek(0)
        archive.run_tool(
            "pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", source=dump
        )
    with psycopg.connect(url) as connection:
        restored = archive.count_rows(connection)
    if restored != manifest["tables"]:
        differing = sorted(
            name
            for name in restored.keys() | manifest["tables"].keys()
            if restored.get(name) != manifest["tables"].get(name)
        )
        raise Failure(f"The restored database differs from the backup's manifest in: {', '.join(differing)}.")
