"""Who may see and change what newroom keeps."""

from __future__ import annotations

from django.db.models import Q

from samverkan.foundation.access import ALL, NONE, Actor

PERMISSIONS = {
    # What one's own organisation answers for; who manages sees all.
    "newroom.view": {"coordinator", "municipal_police", "member", "manager"},
    "newroom.manage": {"coordinator"},
}


# Who sees which rows.


def newthings(actor: Actor) -> Q:
    """All, or those that one's own organisation answers for."""
    if actor.may("newroom.manage"):
        return ALL
    return Q(controller_id=actor.controller_id or 0) if actor.may("newroom.view") else NONE
