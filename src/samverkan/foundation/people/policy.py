"""Who may see and change people and organisations, and which seats they may give."""

from __future__ import annotations

from ..access import Actor
from ..access.roles import ADMINISTRATOR, roles

PERMISSIONS = {
    "people.view": {"administrator", "dpo", "auditor"},
    "people.invite": {"administrator"},
    "people.manage": {"administrator"},
}


def may_give(actor: Actor, role: str) -> bool:
    """Whether the actor may give, invite to or end seats of a role."""
    if actor.all_permissions:
        return True
    found = roles.get(role)
    return actor.may("people.manage") and (actor.role == ADMINISTRATOR or not (found and found.guarded))


def fits(role: str, organisation_kind: str) -> bool:
    """Whether a seat of the role can be held in such an organisation."""
    found = roles.get(role)
    return found is None or not found.held_in or organisation_kind in found.held_in
