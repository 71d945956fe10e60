"""Things of other rooms named without imports.

A :class:`Ref` names a thing by kind and public id. Rooms register a resolver per kind that answers
with a title and an address, or with None when the actor may not see the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from ..access import Actor


@dataclass(frozen=True)
class Ref:
    """A thing: its kind, as its room calls it, and public id."""

    kind: str
    id: UUID


@dataclass(frozen=True)
class Linked:
    """What a resolver tells of a thing the actor may see."""

    title: str
    url: str


Resolver = Callable[[Actor, UUID], Linked | None]
#: What things are about in a few words, for those the actor may see.
About = Callable[[Actor, list[UUID]], dict[UUID, str]]
_resolvers: dict[str, Resolver] = {}
_about: dict[str, About] = {}


def register(kind: str, resolver: Resolver, about: About | None = None) -> None:
    """Name the resolver of a kind, in ``apps.ready``. One resolver per kind."""
    if _resolvers.get(kind, resolver) is not resolver:
        raise ValueError(f"The kind '{kind}' has two resolvers.")
    _resolvers[kind] = resolver
    if about is not None:
        _about[kind] = about


def kinds() -> list[str]:
    """All registered kinds."""
    return sorted(_resolvers)


def resolve(actor: Actor, ref: Ref) -> Linked | None:
    """Title and address of a thing, or None when it is gone or hidden from the actor.

    An unknown kind is a program error (LookupError).
    """
    try:
        resolver = _resolvers[ref.kind]
    except KeyError:
        raise LookupError(f"No room resolves the kind '{ref.kind}'.") from None
    return resolver(actor, ref.id)


def about(actor: Actor, refs: Iterable[Ref]) -> dict[Ref, str]:
    """What each thing is about, for a list that names many. Left out is what has no such words, is gone or is hidden.

    Each kind is asked once, however many there are.
    """
    wanted: dict[str, list[UUID]] = {}
    for ref in refs:
        wanted.setdefault(ref.kind, []).append(ref.id)
    return {
        Ref(kind, public_id): words
        for kind, ids in wanted.items()
        if kind in _about
        for public_id, words in _about[kind](actor, ids).items()
        if words
    }
