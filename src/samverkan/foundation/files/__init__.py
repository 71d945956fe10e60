"""Files that hang on things: checked by content, sealed on disk, seen by whoever sees the thing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..access import Actor
from ..refs import Ref
from ..web.errors import NotFound

if TYPE_CHECKING:
    from .models import StoredFile

__all__ = ["NotFound", "attach", "dispose", "files_of", "open_file"]


def attach(actor: Actor, *, ref: Ref, upload: Any, kind: str = "photo") -> StoredFile:
    """Keep an upload (Django's ``UploadedFile``, any binary file, or bytes) on a thing the actor sees.

    Photos are drawn anew as JPEG of at most 2560 pixels a side; documents (PDF, Word, Excel, text)
    are kept as they are. Raises ``web.errors.Refusal`` in clear words for what is not taken, and
    Refused when the thing is hidden from the actor.
    """
    from . import services

    return services.attach(actor, ref=ref, upload=upload, kind=kind)


def open_file(actor: Actor, public_id: UUID) -> tuple[StoredFile, bytes]:
    """The file and its content. Raises NotFound, also when the actor may not see it: the two are not told apart."""
    from . import services

    return services.open_file(actor, public_id)


def files_of(actor: Actor, ref: Ref) -> list[StoredFile]:
    """The files on a thing, oldest first; none when the thing is hidden from the actor."""
    from . import services

    return services.files_of(actor, ref)


def dispose(actor: Actor, *, ref: Ref, rule: str = "ref", keep: Collection[UUID] = ()) -> int:
    """Take away all files on a thing but those to ``keep``, content included, and record how many by which rule."""
    from . import services

    return services.dispose(actor, ref=ref, rule=rule, keep=keep)
