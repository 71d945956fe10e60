"""Write the whole installation to one file: database, stored files, and a manifest with checksums.

The keys are not in it, since whoever has both can read everything: --keys writes them to a file of
their own, to be kept somewhere else. Without them the stored files cannot be read again.
The server may run meanwhile; what is written is the database as it was at one instant.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from samverkan.cli import Failure, archive, runtime

EXAMPLE = "samverkan backup samverkan.tar --keys samverkan.keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    runtime.add_data_argument(parser)
    parser.add_argument("file", type=Path, help="the file to write, which must not exist")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="also write the keys, to a file of their own")
    parser.add_argument("--json", action="store_true", help="print the manifest as JSON")


def run(args: argparse.Namespace) -> int:
    """Write the file beside its name, then rename: a killed backup never looks like a whole one."""
    for path in filter(None, (args.file, args.keys)):
        if path.exists():
            raise Failure(f"{path} exists already. Name a file that does not.")
        if not path.absolute().parent.is_dir():
            raise Failure(f"The folder {path.absolute().parent} does not exist.")
    directory = runtime.data_dir(args)
    with runtime.database(directory) as environment:
        unfinished = args.file.with_name(f"{args.file.name}.unfinished")
        try:
            manifest = _write(directory, environment, unfinished)
            unfinished.replace(args.file)
        finally:
            unfinished.unlink(missing_ok=True)
    if args.keys:
        archive.write_keys(directory, args.keys)
    runtime.update_state(directory, last_backup_at=manifest["made_at"])
    if args.json:
        runtime.emit_json(manifest)
    else:
        rows = sum(manifest["tables"].values())
        print(f"{args.file} holds {rows} rows in {len(manifest['tables'])} tables and {len(manifest['files'])} files.")
    if not args.keys and manifest["files"]:
        runtime.say(
            f"The keys in {directory / 'keys'} are not in the backup, and the files in it cannot be read without them. "
            "Keep a copy of them somewhere else: samverkan backup FILE --keys FILE"
        )
    return 0


def _write(directory: Path, environment: dict[str, str], target: Path) -> dict[str, Any]:
    import psycopg

    from samverkan.foundation import clock

    url = environment.get("SAMVERKAN_OWNER_DATABASE_URL") or environment["DATABASE_URL"]
    with (
        tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".samverkan-") as room,
        psycopg.connect(url) as connection,
    ):
        # One snapshot for the counts and the dump, so that they speak of the same instant.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        tables = archive.count_rows(connection)
        dump = Path(room) / archive.DUMP
        archive.run_tool(
            "pg_dump",
            url,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            f"--snapshot={snapshot[0] if snapshot else ''}",
            f"--file={dump}",
        )
        files = archive.list_files(directory)
        manifest: dict[str, Any] = {
            "format": archive.FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "schema": runtime.read_state(directory).get("schema"),
            "server": connection.info.server_version,
            "demo": bool(runtime.read_state(directory).get("demo")),
            "today": runtime.read_state(directory).get("today"),
            "people": runtime.read_state(directory).get("people"),
            "tables": tables,
            "dump": archive.sha256(dump),
            "files": {},
            "keys": archive.key_notes(directory),
        }
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(handle, "wb") as stream,
            tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar,
            runtime.progress(len(files), "Files") as bar,
        ):
            tar.add(dump, archive.DUMP)
            for name, path in files.items():
                bar.update()
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    continue  # disposed of since it was listed
                manifest["files"][name] = archive.sha256_of(content)
                _add(tar, f"files/{name}", content)
            # Last, so that a file cut short is known by having no manifest.
            _add(tar, archive.MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
            stream.flush()
        with target.open("rb") as written:
            os.fsync(written.fileno())
    return manifest


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(content))
