"""A locked week as plain data, as it is kept: read by somebody, and printed."""

from __future__ import annotations

from typing import Any

from samverkan.domain.est.week import content
from samverkan.domain.est.week.documents import render
from samverkan.foundation.access import Actor
from samverkan.foundation.editions import Seal, write

_SEAL = ("sha256", "frozen_at")


def seen_by(actor: Actor, kept: dict[str, Any]) -> dict[str, Any]:
    """What an actor may see of what is kept."""
    return write(content.for_actor(actor, content.kept(kept)))


def seal_of(kept: dict[str, Any]) -> Seal | None:
    """The seal that stands beside what is kept, as in the file of plain data."""
    return Seal(kept["sha256"], kept["frozen_at"]) if kept.get("sha256") else None


def printed(kept: dict[str, Any], form: str) -> bytes:
    """What is kept as a document, sealed where a seal stands beside it."""
    bare = {key: value for key, value in kept.items() if key not in _SEAL}
    return render(content.kept(bare), form, seal_of(kept))
