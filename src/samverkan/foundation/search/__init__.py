"""The search box: every room answers with what the actor may see; protected rooms never answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from .. import registries
from ..access import Actor
from ..registries import Hit
from ..text import folded, holds, rank, sv_key

#: Fewer letters find everything and help nobody.
MIN_LETTERS = 2
MAX_LETTERS = 100
MAX_HITS = 10


@dataclass(frozen=True)
class Found:
    """The hits of one kind, the best first."""

    kind: str
    label: str
    hits: list[Hit]


def pages(actor: Actor, text: str) -> list[Hit]:
    """The entries of one's own rail by name."""
    return [
        Hit(str(entry.label), reverse(entry.url_name), str(entry.group), rank(text, str(entry.label)))
        for entry in registries.navigation.all()
        if actor.role in registries.navigation.roles_of(entry) and holds(text, str(entry.label))
    ]


def search(actor: Actor, text: str) -> list[Found]:
    """Ask every room. ``text`` is folded (composed, lower case, single spaces) and cut to 100 letters."""
    wanted = folded(text)[:MAX_LETTERS]
    if len(wanted) < MIN_LETTERS or not actor.is_signed_in:
        return []
    found = []
    for entry in registries.search_entries.all():
        hits = sorted(entry.find(actor, wanted), key=lambda hit: (hit.rank, sv_key(hit.title)))[:MAX_HITS]
        if hits:
            found.append(Found(entry.kind, str(entry.label), hits))
    return found
