"""What a backup consists of, shared by the commands that write and read one.

A tar file: the database, the stored files, the manifest with a checksum of each, and last the manifest's own
checksum with a signature by every key of the installation. A changed byte in what is restored is therefore
seen, and so is a change by somebody who computed the checksums anew but has no key.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import parse_qs, unquote, urlsplit

from samverkan.cli import Failure
from samverkan.foundation import whole
from samverkan.foundation.postgres.layout import DatabaseFailure, programs
from samverkan.foundation.processes import child_of_me

FORMAT = 3
DUMP = "database.dump"
FILES = "files/"
SEALS = "seals/"
MANIFEST = "manifest.json"
SIGNED = "manifest.signed.json"


def sha256_of(content: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def list_files(directory: Path) -> dict[str, Path]:
    """Every stored file by its path below the folder of files."""
    root = directory / "files"
    return {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}


def read_seals(directory: Path) -> dict[str, bytes]:
    """The signed chain of what never changes: the head first, behind which the chain may have grown meanwhile."""
    paths = [directory / "seals" / name for name in ("head", "chain")]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


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


# Keys and signatures


def keys_in(directory: Path) -> dict[str, bytes]:
    """Key's name → key, of the installation."""
    return {path.name: path.read_bytes() for path in sorted((directory / "keys").glob("*.key")) if path.is_file()}


def note_of(key: bytes) -> str:
    """A mark that tells whether another key is the same, and nothing else of it."""
    return sha256_of(b"samverkan key note\0" + key)[:16]


def _signature(key: bytes, manifest: bytes) -> str:
    return hmac.new(key, b"samverkan backup manifest\0" + manifest, hashlib.sha256).hexdigest()


def sign(manifest: bytes, keys: dict[str, bytes]) -> bytes:
    """The content of the member ``SIGNED`` for a manifest."""
    signatures = {name: _signature(key, manifest) for name, key in keys.items()}
    return json.dumps({"sha256": sha256_of(manifest), "signatures": signatures}, indent=1).encode()


def keys_as_text(keys: dict[str, bytes]) -> bytes:
    """The content of a file of keys."""
    return json.dumps({name: key.hex() for name, key in keys.items()}, indent=1).encode()


def read_keys(source: Path) -> dict[str, bytes]:
    """Key's name → key, from a file written by ``samverkan backup --keys``."""
    try:
        return {Path(name).name: bytes.fromhex(value) for name, value in json.loads(source.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Failure(f"{source} is not a file of keys written by samverkan backup --keys, or is damaged.") from error


# Writing


@contextlib.contextmanager
def appearing(*targets: Path) -> Iterator[list[IO[bytes]]]:
    """Files for their owner only, that get their names once all of them are whole: a killed writer leaves nothing.

    Until then they have no names, and the kernel removes them with the process. Where the file system knows no such
    files (NFS) one is called ``.NAME.unfinished`` meanwhile, and the next one to write NAME takes that over.
    """
    with contextlib.ExitStack() as stack:
        coming = [stack.enter_context(_coming(target)) for target in targets]
        yield [file for file, _unfinished in coming]
        # All on the disk before the first has a name, since that takes as long as the disk is busy.
        for file, _unfinished in coming:
            file.flush()
            os.fsync(file.fileno())
        named: list[Path] = []
        for (file, unfinished), target in zip(coming, targets, strict=True):
            try:
                _name(file.fileno(), unfinished, target)
            except FileExistsError:
                for path in named:
                    path.unlink()
                raise Failure(f"{target} exists already. Name a file that does not.") from None
            named.append(target)


@contextlib.contextmanager
def _coming(target: Path) -> Iterator[tuple[IO[bytes], Path | None]]:
    """An open file, and what it is called meanwhile where it must be called something."""
    folder = target.absolute().parent
    unfinished: Path | None = None
    handle = whole.nameless(folder)
    if handle is None:
        unfinished = folder / f".{target.name}.unfinished"
        handle = os.open(unfinished, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w+b") as file:
        if unfinished is not None:
            _take_over(handle, target)
        os.fchmod(handle, 0o600)
        try:
            yield file, unfinished
        finally:
            if unfinished is not None:
                unfinished.unlink(missing_ok=True)


def _take_over(handle: int, target: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(f"Another backup to {target} is being written.") from None
    os.ftruncate(handle, 0)


def _name(handle: int, unfinished: Path | None, target: Path) -> None:
    """Give a file its name; never over another. Raises FileExistsError."""
    if unfinished is None:
        whole.give_name(handle, target)
    elif target.exists():
        raise FileExistsError
    else:
        unfinished.replace(target)


# Reading


def opened(path: Path) -> tarfile.TarFile:
    """A backup, to be read."""
    try:
        return tarfile.open(path, "r:")
    except FileNotFoundError:
        raise Failure(f"There is no file {path}.") from None
    except (OSError, tarfile.TarError, ValueError) as error:
        raise Failure(f"{path} is not a backup written by samverkan backup, or is damaged.") from error


def verify(tar: tarfile.TarFile, path: Path, keys: dict[str, bytes], where: Path) -> dict[str, Any]:
    """The manifest of a backup of which every byte that is restored agrees with it, and it with the keys.

    ``where`` is the folder in which keys can be put by hand. Reads the whole backup once and writes nothing.
    """
    digests, kept = _digests(tar, path)
    if MANIFEST not in kept or SIGNED not in kept:
        raise Failure(
            f"{path} has no signed manifest: it is no backup, was cut short, or was made before there were any."
        )
    try:
        manifest: dict[str, Any] = json.loads(kept[MANIFEST])
        signed: dict[str, Any] = json.loads(kept[SIGNED])
        undamaged = hmac.compare_digest(str(signed["sha256"]), sha256_of(kept[MANIFEST]))
        signatures: dict[str, str] = dict(signed["signatures"])
    except (ValueError, KeyError, TypeError):
        undamaged = False
    if not undamaged:
        raise Failure(f"The manifest of {path} is damaged: its checksum differs. Nothing was restored.")
    if manifest["format"] != FORMAT:
        raise Failure(f"{path} was written by another version of Samverkan, and this one cannot read it.")
    expected = {DUMP: manifest["dump"]} | {FILES + name: digest for name, digest in manifest["files"].items()}
    expected |= {SEALS + name: digest for name, digest in manifest["seals"].items()}
    if differing := sorted(
        name for name in expected.keys() | digests.keys() if expected.get(name) != digests.get(name)
    ):
        raise Failure(f"{path} is damaged: the checksum of {', '.join(differing[:3])} differs. Nothing was restored.")
    for name in [*manifest["files"], *manifest["seals"]]:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise Failure(f"{path} names a file outside the folder of files ({name}). It was not written by Samverkan.")
    _verify_keys(manifest["keys"], keys, path, where)
    for name, key in keys.items():
        if name in manifest["keys"] and not hmac.compare_digest(
            str(signatures.get(name)), _signature(key, kept[MANIFEST])
        ):
            raise Failure(
                f"{path} was changed after it was made: its signature by the key {name} is wrong. Nothing was restored."
            )
    return manifest


def _digests(tar: tarfile.TarFile, path: Path) -> tuple[dict[str, str], dict[str, bytes]]:
    """The checksum of every member, and the content of the two that tell of the others."""
    digests: dict[str, str] = {}
    kept: dict[str, bytes] = {}
    damaged = Failure(f"{path} is damaged or was cut short. Nothing was restored.")
    try:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is None or member.name in digests or member.name in kept:
                raise damaged
            if member.name in {MANIFEST, SIGNED}:
                kept[member.name] = stream.read()
            else:
                digests[member.name] = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except (OSError, tarfile.TarError, ValueError, OverflowError, LookupError, EOFError) as error:
        raise damaged from error
    return digests, kept


def _verify_keys(notes: dict[str, str], keys: dict[str, bytes], path: Path, where: Path) -> None:
    """All keys that the backup was made with must be there: what they sealed cannot be read without them."""
    if wrong := sorted(name for name, note in notes.items() if name in keys and note_of(keys[name]) != note):
        raise Failure(
            f"The keys {', '.join(wrong)}, given or in {where}, are not those of the backup. Nothing was restored."
        )
    if missing := sorted(notes.keys() - keys.keys()):
        raise Failure(
            f"What is sealed in {path} needs the keys {', '.join(missing)}. "
            f"Give them with --keys FILE, or put them in {where}. Nothing was restored."
        )


def extract(tar: tarfile.TarFile, name: str, digest: str, target: IO[bytes]) -> None:
    """Write a member to a file, and refuse if it is no longer what was verified."""
    stream = tar.extractfile(name)
    found = hashlib.sha256()
    while stream is not None and (block := stream.read(1 << 20)):
        found.update(block)
        target.write(block)
    target.flush()
    if found.hexdigest() != digest:
        raise Failure(f"{name} in the backup changed while it was read. Run the same command again.")


def run_tool(
    tool: str, url: str, *arguments: str, source: IO[bytes] | None = None, out: IO[bytes] | None = None
) -> None:
    """Run one of PostgreSQL's programs against a database, reading and writing files that are open already.

    The password never stands in its arguments, and it ends with this process.
    """
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
        stdin=source or subprocess.DEVNULL,
        stdout=out or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=child_of_me(signal.SIGKILL),
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{tool} failed: {done.stderr.strip()}")
