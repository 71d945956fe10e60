"""Write the whole installation to one file: database, stored files, and a manifest with checksums.

The keys are not in it, since whoever has both can read everything: --keys writes them to a file of
their own, to be kept somewhere else. Without them the backup cannot be restored.
The server may run meanwhile; what is written is the database as it was at one instant.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Any

from samverkan.cli import Failure, archive, progress, runtime

EXAMPLE = "samverkan backup samverkan.tar --keys samverkan.keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    runtime.add_data_argument(parser)
    parser.add_argument("file", type=Path, help="the file to write, which must not exist")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="also write the keys, to a file of their own")
    parser.add_argument("--json", action="store_true", help="print the manifest as JSON")


def run(args: argparse.Namespace) -> int:
    """Write files that get their names when they are whole: a killed backup leaves nothing."""
    for path in filter(None, (args.file, args.keys)):
        if path.exists():
            raise Failure(f"{path} exists already. Name a file that does not.")
        if not path.absolute().parent.is_dir():
            raise Failure(f"The folder {path.absolute().parent} does not exist.")
    directory = runtime.data_dir(args)
    # The keys get their name first, so that a backup which is there has its keys.
    paths = [*([args.keys] if args.keys else []), args.file]
    with runtime.database(directory) as environment, archive.appearing(*paths) as (*aside, target):
        manifest, keys = _write(directory, environment, target)
        for file in aside:
            file.write(archive.keys_as_text(keys))
    runtime.update_state(directory, last_backup_at=manifest["made_at"])
    if args.json:
        runtime.emit_json(manifest)
    else:
        rows = sum(manifest["tables"].values())
        print(f"{args.file} holds {rows} rows in {len(manifest['tables'])} tables and {len(manifest['files'])} files.")
    if keys and not args.keys:
        runtime.say(
            f"The keys in {directory / 'keys'} are not in the backup, and it cannot be restored without them. "
            "Keep a copy of them somewhere else: samverkan backup FILE --keys FILE"
        )
    return 0


def _write(directory: Path, environment: dict[str, str], target: IO[bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Write the backup. Gives its manifest and the keys that signed it."""
    import psycopg

    from samverkan.foundation import clock

    url = environment.get("SAMVERKAN_OWNER_DATABASE_URL") or environment["DATABASE_URL"]
    # Before the database's instant: then every row that the chain speaks of is in it.
    seals = archive.read_seals(directory)
    with psycopg.connect(url) as connection, tempfile.TemporaryFile(dir=directory) as dump:
        # One snapshot for the counts and the dump, so that they speak of the same instant.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        tables = archive.count_rows(connection)
        archive.run_tool(
            "pg_dump",
            url,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            f"--snapshot={snapshot[0] if snapshot else ''}",
            out=dump,
        )
        state = runtime.read_state(directory)
        manifest: dict[str, Any] = {
            "format": archive.FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "schema": state.get("schema"),
            "server": connection.info.server_version,
            "demo": bool(state.get("demo")),
            "today": state.get("today"),
            "people": state.get("people"),
            "tables": tables,
            "dump": "",
            "files": {},
            "seals": {name: archive.sha256_of(content) for name, content in seals.items()},
            "keys": {},
        }
        files = archive.list_files(directory)
        with (
            tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar,
            progress(len(files), "Files") as bar,
        ):
            manifest["dump"] = _add_dump(tar, dump)
            for name, path in files.items():
                bar.update()
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    continue  # disposed of since it was listed
                manifest["files"][name] = archive.sha256_of(content)
                _add(tar, archive.FILES + name, content)
            for name, content in seals.items():
                _add(tar, archive.SEALS + name, content)
            # Read after the files, since a first file brings a first key with it.
            keys = archive.keys_in(directory)
            manifest["keys"] = {name: archive.note_of(key) for name, key in keys.items()}
            # Last, so that a file cut short is known by having none of them.
            told = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
            _add(tar, archive.MANIFEST, told)
            _add(tar, archive.SIGNED, archive.sign(told, keys))
    return manifest, keys


def _add_dump(tar: tarfile.TarFile, dump: IO[bytes]) -> str:
    """Add the database. Gives its checksum."""
    entry = tarfile.TarInfo(archive.DUMP)
    entry.size = dump.seek(0, os.SEEK_END)
    entry.mode = 0o600
    dump.seek(0)
    tar.addfile(entry, dump)
    dump.seek(0)
    return hashlib.file_digest(dump, "sha256").hexdigest()  # type: ignore[arg-type]


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(content))
