"""Who may see and change people and organisations, and which seats they may give."""

from __future__ import annotations

from ..access import Actor
from .models import OrganisationKind, Role

PERMISSIONS = {
    "people.view": {"coordinator", "reviewer", "municipal_police", "administrator", "dpo", "auditor"},
    "people.invite": {"coordinator", "administrator"},
    "people.manage": {"administrator", "coordinator"},
}

#: Seats that watch over the others or open everything: given by the system administrator only.
GUARDED_ROLES = frozenset({Role.ADMINISTRATOR, Role.DPO, Role.AUDITOR, Role.REGISTRAR})

_MUNICIPAL = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.DEPARTMENT})

#: Where a seat can be held; roles that are not named here can be held anywhere.
ROLE_PLACES: dict[str, frozenset[str]] = {
    Role.COORDINATOR: _MUNICIPAL,
    Role.REVIEWER: _MUNICIPAL | {OrganisationKind.POLICE},
    Role.MUNICIPAL_POLICE: frozenset({OrganisationKind.POLICE}),
    Role.FORUM_SECRETARY: _MUNICIPAL,
    Role.ELECTED: _MUNICIPAL,
    Role.DESK: _MUNICIPAL,
    Role.REGISTRAR: _MUNICIPAL,
    Role.ADMINISTRATOR: _MUNICIPAL,
}


def may_give(actor: Actor, role: str) -> bool:
    """Whether the actor may give, invite to or end seats of a role."""
    if actor.all_permissions:
        return True
    return actor.may("people.manage") and (role not in GUARDED_ROLES or actor.role == Role.ADMINISTRATOR)


def fits(role: str, organisation_kind: str) -> bool:
    """Whether a seat of the role can be held in such an organisation."""
    places = ROLE_PLACES.get(role)
    return places is None or organisation_kind in places
