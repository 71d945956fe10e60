"""Keeping, opening and disposing of files."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from .. import refs, seal, whole
from ..access import Actor, Refused
from ..refs import Ref
from ..web.errors import Refusal
from . import NotFound, documents, images
from .models import Disposal, FileKind, StoredFile


def attach(actor: Actor, *, ref: Ref, upload: Any, kind: str) -> StoredFile:
    """See ``files.attach``."""
    if refs.resolve(actor, ref) is None:
        raise Refused("files.attach")
    limit = images.MAX_BYTES if kind == FileKind.PHOTO else documents.MAX_BYTES
    content = _read(upload, limit)
    size: tuple[int, int] | tuple[None, None] = (None, None)
    try:
        if kind == FileKind.PHOTO:
            photo = images.normalise(content)
            content, media_type, size = photo.content, "image/jpeg", (photo.width, photo.height)
        elif kind == FileKind.DOCUMENT:
            media_type = documents.check(content)
        else:
            raise ValueError(f"A file is a photo or a document, not '{kind}'.")
    except images.Unreadable as error:
        raise Refusal(_refusal(error.code, kind), field="upload", code=f"file_{error.code}") from error
    digest = seal.mac(content).hex()
    with transaction.atomic():
        _lock(digest)
        _write(digest, content)
        return StoredFile.objects.create(
            ref_kind=ref.kind,
            ref_id=ref.id,
            kind=kind,
            name=_name(upload, kind),
            media_type=media_type,
            digest=digest,
            size=len(content),
            width=size[0],
            height=size[1],
            created_by_id=actor.membership_id,
        )


def open_file(actor: Actor, public_id: UUID) -> tuple[StoredFile, bytes]:
    """See ``files.open_file``."""
    stored = StoredFile.objects.filter(public_id=public_id).first()
    if stored is None or refs.resolve(actor, Ref(stored.ref_kind, stored.ref_id)) is None:
        raise NotFound(str(public_id))
    return stored, seal.decrypt(_path(stored.digest).read_bytes(), context=bytes.fromhex(stored.digest))


def files_of(actor: Actor, ref: Ref) -> list[StoredFile]:
    """See ``files.files_of``."""
    if refs.resolve(actor, ref) is None:
        return []
    return list(StoredFile.objects.filter(ref_kind=ref.kind, ref_id=ref.id).order_by("pk"))


def dispose(actor: Actor, *, ref: Ref, rule: str, keep: Collection[UUID] = ()) -> int:
    """See ``files.dispose``. The permission is that of the service which disposes of the thing."""
    with transaction.atomic():
        mine = StoredFile.objects.filter(ref_kind=ref.kind, ref_id=ref.id).exclude(public_id__in=keep)
        digests = sorted({row.digest for row in mine.select_for_update()})
        count = mine.delete()[0]
        if count:
            Disposal.objects.create(rule=rule, ref_kind=ref.kind, ref_id=ref.id, count=count, by_id=actor.membership_id)
        for digest in digests:
            transaction.on_commit(partial(_forget, digest))
    return count


def sweep(older_than_seconds: float = 86_400) -> int:
    """Take away contents that no row speaks of: what a rolled-back transaction or a kill left behind."""
    import time

    root, gone = Path(settings.MEDIA_ROOT), 0
    for path in sorted(root.glob("??/*")):
        if time.time() - path.stat().st_mtime < older_than_seconds:
            continue
        if path.name.startswith("."):
            path.unlink(missing_ok=True)
            gone += 1
        elif not StoredFile.objects.filter(digest=path.name).exists():
            gone += _forget(path.name)
    return gone


def _read(upload: Any, limit: int) -> bytes:
    content = upload if isinstance(upload, bytes) else upload.read(limit + 1)
    return bytes(content[: limit + 1])  # one too many tells that it is too large


def _name(upload: Any, kind: str) -> str:
    """A harmless name to save under: never a path, never control characters."""
    raw = str(getattr(upload, "name", "") or kind).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(letter for letter in raw if letter.isprintable() and letter not in '"<>|:*?')[:100].strip(". ")
    if kind == FileKind.PHOTO:
        return f"{name.rsplit('.', 1)[0] or kind}.jpg"
    return name or kind


def _refusal(code: str, kind: str) -> str:
    if kind == FileKind.PHOTO:
        return {
            "size": _("The picture is larger than 25 MB. Choose a smaller one."),
            "type": _("The file cannot be read. Choose a picture in JPEG, PNG, WebP or HEIC."),
            "pixels": _("The picture has too many pixels. Choose one of at most 50 megapixels."),
            "damaged": _("The picture is damaged and cannot be read. Choose another one."),
        }[code]
    return {
        "size": _("The document is larger than 20 MB. Choose a smaller one."),
        "type": _("The file is of a kind that is not taken. Choose a PDF, Word, Excel or text file without macros."),
        "pixels": _("The document unpacks to something far too large. Choose another one."),
        "damaged": _("The document is damaged and cannot be read. Choose another one."),
    }[code]


def _path(digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest


def _lock(digest: str) -> None:
    """One transaction at a time keeps or takes away a content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def _write(digest: str, content: bytes) -> None:
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole.write(path, seal.encrypt(content, context=bytes.fromhex(digest)))


def _forget(digest: str) -> int:
    """Take the content away unless a row still speaks of it."""
    with transaction.atomic():
        _lock(digest)
        if StoredFile.objects.filter(digest=digest).exists():
            return 0
        _path(digest).unlink(missing_ok=True)
        return 1
