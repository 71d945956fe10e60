"""Locks content as the next edition of something."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils import translation

from .fingerprint import fingerprint
from .kept import write
from .models import Sealed
from .whole import Whole

S = TypeVar("S", bound=Sealed)


def lock(
    editions: type[S], build: Callable[[], Whole], *, language: str, by: int | None, corrects: str = "", **of: Any
) -> S:
    """The next edition of what ``of`` names, such as ``week=row``. Called inside the transaction of the step.

    ``build`` makes the content, which is kept in one language whatever the one who locks reads; ``by`` is the seat
    that locks. A first edition corrects nothing.
    """
    number = editions._default_manager.filter(**of).count() + 1
    with translation.override(language):
        whole = build().saying(language=language, edition=number, corrects=corrects)
        content: dict[str, Any] = json.loads(json.dumps(write(whole), default=str))
    return editions._default_manager.create(
        number=number,
        content=content,
        sha256=fingerprint(content),
        frozen_by_id=by,
        corrects=corrects[:500],
        **of,
    )
