"""Who may see the picture, and who sees it without hidden counts."""

from __future__ import annotations

from django.db.models import Q

from samverkan.foundation.access import NONE, Actor
from samverkan.foundation.people.models import PRIVATE_KINDS

_EXACT = {"coordinator", "reviewer", "municipal_police"}

PERMISSIONS = {
    # Counts; small ones hidden unless the seat also holds picture.exact.
    "picture.view": _EXACT
    | {"est_reporter", "measure_owner", "forum_secretary", "member", "manager", "elected", "dpo", "auditor"},
    # Every count, every day, sub category and place.
    "picture.exact": _EXACT,
}

# Not authorities, so never small counts, whatever the seat is called (article 10 GDPR).
NOT_FOR = {"picture.exact": PRIVATE_KINDS}


# Who sees which rows.


def saved_views(actor: Actor) -> Q:
    """The seat's own."""
    seat = actor.membership_id
    return Q(owner_id=seat) if seat is not None and actor.may("picture.view") else NONE
