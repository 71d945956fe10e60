"""Who may see and record incidents."""

from __future__ import annotations

from django.db.models import Q

from samverkan.foundation.access import ALL, NONE, Actor
from samverkan.foundation.people.models import PRIVATE_KINDS

_RAW = {"coordinator", "reviewer"}

PERMISSIONS = {
    # Each incident with its own text: those who compile the picture.
    "incidents.view": _RAW | {"municipal_police"},
    # Those that one's own organisation has reported.
    "incidents.view_own": _RAW
    | {
        "municipal_police",
        "est_reporter",
        "measure_owner",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "dpo",
        "auditor",
    },
    "incidents.edit": _RAW,
    # Reports enter the store when they are accepted in review.
    "incidents.record": _RAW,
    "incidents.import": {"coordinator", "administrator"},
    "incidents.categories": {"coordinator", "administrator"},
}

# Not authorities, so never others' raw text, whatever the seat is called.
NOT_FOR = dict.fromkeys(PERMISSIONS.keys() - {"incidents.view_own"}, PRIVATE_KINDS)


# Who sees which rows.


def incidents(actor: Actor) -> Q:
    """Each with its own text for those who compile the picture, else those of one's own organisation."""
    if actor.may("incidents.view"):
        return ALL
    if actor.organisation_id is None or not actor.may("incidents.view_own"):
        return NONE
    return Q(organisation_id=actor.organisation_id)


def uploads(actor: Actor) -> Q:
    """One's own. Jobs read everybody's."""
    if actor.all_permissions:
        return ALL
    return Q(person_id=actor.person_id) if actor.person_id and actor.may("incidents.import") else NONE
