"""The file that only grows, and its signed head.

``seals/chain`` holds one statement per line, as JSON. ``seals/head`` holds how far the file is signed, the hash
of everything up to there (each line's hash is over the one before and the line), how far each table is sealed,
and an Ed25519 signature (RFC 8032) over all of that. A line behind the head was being written when a process was
killed, and is written again.

``keys/chain`` holds how many lines there have been. It lies with the keys and not in backups, so that whoever may
write to ``seals`` and not to the keys cannot put an earlier chain back, or take all of it away, to have it begun anew.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from .. import clock, seal, whole

_NAME = b"samverkan chain 1\n"
_BEGIN = sha256(_NAME).hexdigest()

Statement = dict[str, Any]


class ChainBroken(Exception):
    """The file or its head is not what this installation wrote; the message says which and what to do."""


@dataclass(frozen=True)
class Head:
    """What is signed: ``size`` bytes in so many lines. ``tables``: table → {"last": highest number sealed, "columns": what is hashed}."""

    lines: int = 0
    size: int = 0
    hash: str = _BEGIN
    at: str = ""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes that the signature is over."""
        return _NAME + json.dumps(asdict(self), sort_keys=True).encode()


def folder() -> Path:
    """Where the chain lies."""
    return Path(settings.DATA) / "seals"


def _chain() -> Path:
    return folder() / "chain"


def _head() -> Path:
    return folder() / "head"


def read_head() -> Head:
    """The signed head; an empty one where nothing has been sealed. Raises ChainBroken."""
    head = _signed_head()
    if head.lines < (lines := _lines_written()):
        raise ChainBroken(
            f"The chain in {folder()} has {head.lines} lines, and had {lines}. Put it back from a backup. "
            f"Where an earlier installation was put back on purpose, remove {_mark()}."
        )
    return head


def _mark() -> Path:
    return seal.key_path().with_name("chain")


def _lines_written() -> int:
    try:
        return int(_mark().read_bytes())
    except FileNotFoundError:
        return 0
    except ValueError as error:
        raise ChainBroken(f"{_mark()} was changed: it should hold how many lines the chain has.") from error


def _signed_head() -> Head:
    try:
        found = json.loads(_head().read_text("utf-8"))
        signature = bytes.fromhex(found.pop("signature"))
        head = Head(**found)
    except FileNotFoundError:
        if _chain().exists() and _chain().stat().st_size:
            raise ChainBroken(
                f"{_head()} is missing, though {_chain()} is there. Put both back from a backup."
            ) from None
        return Head()
    except (ValueError, TypeError, KeyError) as error:
        raise ChainBroken(f"{_head()} cannot be read. Put it back from a backup, with {_chain()}.") from error
    if not seal.is_signed(head.content(), signature):
        raise ChainBroken(f"{_head()} was changed, or signed with another key than {seal.key_path()}.")
    return head


def read(head: Head) -> Iterator[Statement]:
    """Every statement up to the head, in order. Raises ChainBroken at its end when the file differs from the head."""
    hashed, lines, left = _BEGIN, 0, head.size
    if head.lines:
        try:
            file = _chain().open("rb")
        except FileNotFoundError:
            raise ChainBroken(
                f"{_chain()} is missing, though its head is there. Put both back from a backup."
            ) from None
        with file:
            while left > 0 and (line := file.readline()):
                left -= len(line)
                lines += 1
                hashed = _next(hashed, line)
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ChainBroken(f"Line {lines} of {_chain()} was changed: it cannot be read.") from error
    if (hashed, lines, left) != (head.hash, head.lines, 0):
        raise ChainBroken(f"{_chain()} was changed or cut short: it is not what its head signs.")


def hash_at(head: Head, lines: int) -> str | None:
    """The hash after so many lines, to compare with one that was noted elsewhere. None when there are fewer."""
    hashed = _BEGIN
    if lines > head.lines:
        return None
    with _chain().open("rb") as file:
        for _number in range(lines):
            hashed = _next(hashed, file.readline())
    return hashed


def _next(hashed: str, line: bytes) -> str:
    return sha256(bytes.fromhex(hashed) + line).hexdigest()


@contextmanager
def locked(*, exclusive: bool = True) -> Iterator[None]:
    """Alone with the chain (or among readers), in all processes of this computer."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder() / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def append(head: Head, statements: list[Statement], tables: dict[str, dict[str, Any]]) -> Head:
    """Write statements behind the head and sign the new one. Called with the lock held."""
    lines = [json.dumps(statement, sort_keys=True, separators=(",", ":")).encode() + b"\n" for statement in statements]
    hashed = head.hash
    for line in lines:
        hashed = _next(hashed, line)
    handle = os.open(_chain(), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        if file.seek(0, os.SEEK_END) < head.size:
            raise ChainBroken(f"{_chain()} was cut short: it is not what its head signs.")
        file.seek(head.size)
        file.truncate()
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
    found = Head(
        lines=head.lines + len(lines),
        size=head.size + sum(map(len, lines)),
        hash=hashed,
        at=clock.now().isoformat(timespec="seconds"),
        tables=head.tables | tables,
    )
    signature = seal.sign(found.content()).hex()
    half = _head().with_name("head.new")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(asdict(found) | {"signature": signature}, stream, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(_head())
    with suppress(OSError):  # keys that may only be read: a chain without the mark is better than none
        whole.write(_mark(), b"%d\n" % found.lines)
    return found
