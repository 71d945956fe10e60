"""Notices: the inbox first, then a mail that says only that something waits.

``notify`` stores one notice per seat in the present transaction and queues the mail; the words are
a registered template's, filled in when the notice is read, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..refs import Ref
from . import texts as templates

__all__ = ["notify", "templates"]


def notify(
    *,
    membership_ids: Iterable[int] | None = None,
    function: str | None = None,
    ref: Ref,
    template: str,
    data: dict[str, Any] | None = None,
    once: bool = False,
) -> int:
    """Tell seats, or everyone who holds a role (``function``, a role code) today, about a thing.

    With ``once`` a seat that has the same notice of the same thing already is not told again. ``data`` fills the template: numbers, dates and short codes only. Returns how many were told.
    Raises LookupError for an unknown template, TypeError for content in ``data``.
    """
    from .services import tell

    return tell(
        membership_ids=membership_ids, function=function, ref=ref, template=template, data=data or {}, once=once
    )
