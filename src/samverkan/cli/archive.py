"""What a backup consists of, shared by the commands that write and read one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from samverkan.cli import Failure
from samverkan.foundation.postgres.layout import DatabaseFailure, programs

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"


def sha256_of(content: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256(path: Path) -> str:
    """64 hexadecimal digits over a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_files(directory: Path) -> dict[str, Path]:
    """Every stored file by its path below the folder of files."""
    root = directory / "files"
    return {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}


def count_rows(connection: Any) -> dict[str, int]:
    """Table → number of rows, for every table in the schema."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind = 'r' ORDER BY 1"
        )
    ]
    return {name: connection.execute(f'SELECT count(*) FROM public."{name}"').fetchone()[0] for name in names}  # noqa: S608 - names from the catalogue


def _keys(directory: Path) -> list[Path]:
    return sorted(path for path in (directory / "keys").glob("*.key") if path.is_file())


def key_notes(directory: Path) -> dict[str, str]:
    """Key's name → a mark that tells whether another key is the same, and nothing else of it."""
    return {path.name: sha256_of(b"samverkan key note\0" + path.read_bytes())[:16] for path in _keys(directory)}


def write_keys(directory: Path, target: Path) -> None:
    """The keys in a file that only its owner can read."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({path.name: path.read_bytes().hex() for path in _keys(directory)}, file, indent=1)


def read_keys(source: Path) -> dict[str, bytes]:
    """Key's name → key, from a file written by :func:`write_keys`."""
    try:
        return {Path(name).name: bytes.fromhex(value) for name, value in json.loads(source.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Failure(f"{source} is not a file of keys written by samverkan backup --keys.") from error


def run_tool(tool: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against a database. The password never stands in its arguments."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    environment = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "PGHOST": options.get("host") or parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGSSLMODE": options.get("sslmode", "prefer"),
    }
    try:
        program = programs() / tool
    except DatabaseFailure as failure:
        raise Failure(str(failure)) from failure
    done = subprocess.run(
        [str(program), f"--dbname={unquote(parts.path.lstrip('/'))}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{tool} failed: {done.stderr.strip()}")
