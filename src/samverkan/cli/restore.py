"""Read a backup into an empty installation, and verify that it became equal.

Every table's rows are counted and every file's checksum compared with the backup's manifest.
An installation that holds anything is left as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from samverkan.cli import Failure, archive, runtime

EXAMPLE = "samverkan restore samverkan.tar --keys samverkan.keys --data /srv/samverkan"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where."""
    runtime.add_data_argument(parser)
    parser.add_argument("file", type=Path, help="a file written by samverkan backup")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="the keys written by samverkan backup --keys")
    parser.add_argument("--json", action="store_true", help="print what was restored as JSON")


def run(args: argparse.Namespace) -> int:
    """Restore, verify, and migrate to what this version expects."""
    directory = runtime.data_dir(args)
    keys = archive.read_keys(args.keys) if args.keys else {}
    with _opened(args.file) as tar, tempfile.TemporaryDirectory(prefix="samverkan-") as room:
        manifest = _manifest(tar, args.file)
        if archive.list_files(directory):
            raise Failure(f"{directory} holds files already. Restore into an empty folder: --data DIR")
        _install_keys(directory, keys, manifest)
        dump = Path(room) / archive.DUMP
        _extract(tar, archive.DUMP, dump)
        if archive.sha256(dump) != manifest["dump"]:
            raise Failure(f"The database in {args.file} is damaged: its checksum differs. Nothing was restored.")
        with runtime.database(directory, migrated=False) as environment:
            _restore_database(dump, environment, manifest, directory)
            _restore_files(tar, directory, manifest)
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


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except FileNotFoundError:
        raise Failure(f"There is no file {path}.") from None
    except (OSError, tarfile.TarError) as error:
        raise Failure(f"{path} is not a backup written by samverkan backup, or is damaged.") from error


def _manifest(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    try:
        stream = tar.extractfile(archive.MANIFEST)
        manifest: dict[str, Any] = json.load(stream) if stream else {}
    except (KeyError, ValueError, tarfile.TarError):
        raise Failure(f"{path} has no manifest: it is no backup, or was cut short.") from None
    if manifest.get("format") != archive.FORMAT:
        raise Failure(f"{path} was written by another version of Samverkan, and this one cannot read it.")
    return manifest


def _extract(tar: tarfile.TarFile, name: str, target: Path) -> None:
    stream = tar.extractfile(name)
    if stream is None:
        raise Failure(f"The backup lacks {name}.")
    with stream, target.open("wb") as file:
        while block := stream.read(1 << 20):
            file.write(block)


def _install_keys(directory: Path, keys: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """Put the keys in place before anything would make new ones."""
    folder = directory / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = archive.key_notes(directory)
    for name, key in keys.items():
        if name not in present:
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(key)
    now = archive.key_notes(directory)
    wrong = sorted(name for name, note in manifest["keys"].items() if now.get(name) not in {note, None})
    missing = sorted(name for name in manifest["keys"] if name not in now)
    if wrong:
        raise Failure(
            f"The keys {', '.join(wrong)} in {folder} are not those of the backup. Restore into an empty folder."
        )
    if missing and manifest["files"]:
        raise Failure(
            f"The backup's files need the keys {', '.join(missing)}. Give them with --keys FILE, or put them in {folder}."
        )


def _restore_database(dump: Path, environment: dict[str, str], manifest: dict[str, Any], directory: Path) -> None:
    import psycopg

    url = environment.get("SAMVERKAN_OWNER_DATABASE_URL") or environment["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        if archive.count_rows(connection):
            raise Failure(
                f"The database of {directory} has tables already. Restore into an empty installation: --data DIR"
            )
        archive.run_tool(
            "pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump)
        )
        restored = archive.count_rows(connection)
    if restored != manifest["tables"]:
        differing = sorted(
            name
            for name in restored.keys() | manifest["tables"].keys()
            if restored.get(name) != manifest["tables"].get(name)
        )
        raise Failure(f"The restored database differs from the backup's manifest in: {', '.join(differing)}.")


def _restore_files(tar: tarfile.TarFile, directory: Path, manifest: dict[str, Any]) -> None:
    root = directory / "files"
    with runtime.progress(len(manifest["files"]), "Files") as bar:
        for name, expected in manifest["files"].items():
            bar.update()
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise Failure(
                    f"The backup names a file outside the folder of files ({name}). It was not written by Samverkan."
                )
            target = root / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _extract(tar, f"files/{name}", target)
            target.chmod(0o600)
            if archive.sha256(target) != expected:
                raise Failure(f"The file {name} in the backup is damaged: its checksum differs.")
