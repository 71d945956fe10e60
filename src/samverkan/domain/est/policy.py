"""Who may do what in the week, in reporting and in review."""

from __future__ import annotations

from django.db.models import Q

from samverkan.foundation.access import ALL, NONE, Actor
from samverkan.foundation.people.models import PRIVATE_KINDS

PERMISSIONS = {
    # The week while it is put together.
    "est.week": {"coordinator", "reviewer", "municipal_police"},
    "est.lead": {"coordinator"},
    # Take personal data out of what is locked, for good.
    "est.take_out": {"coordinator"},
    # Locked weeks: everybody who takes part.
    "est.released": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "est_reporter",
        "measure_owner",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "dpo",
        "registrar",
        "auditor",
    },
    "est.report": {"est_reporter", "municipal_police", "coordinator", "reviewer"},
    "est.review": {"coordinator", "reviewer"},
    "est.reporters": {"coordinator"},
}

# Not authorities, so never others' raw text, whatever the seat is called.
NOT_FOR = dict.fromkeys(("est.week", "est.lead", "est.take_out", "est.review", "est.reporters"), PRIVATE_KINDS)


# Who sees which rows.


def own_reports(actor: Actor) -> Q:
    """One's own organisation's, and those the actor wrote in for others. Drafts are nobody's but the writer's."""
    if actor.membership_id is None or not actor.may("est.report"):
        return NONE
    mine = Q(membership_id=actor.membership_id) | Q(entered_by_id=actor.membership_id)
    return mine | Q(organisation_id=actor.organisation_id) & ~Q(state="draft")


def reports(actor: Actor) -> Q:
    """One's own, and for those who review all but drafts."""
    return own_reports(actor) | ~Q(state="draft") if actor.may("est.review") else own_reports(actor)


def duties(actor: Actor) -> Q:
    """What is expected of a seat and what it has answered: the seat's own, and all for who keeps the list."""
    if actor.may("est.reporters"):
        return ALL
    seat = actor.membership_id
    return Q(membership_id=seat) if seat is not None and actor.may("est.report") else NONE


def weeks(actor: Actor) -> Q:
    """All for those who put the week together, else the locked ones."""
    if actor.may("est.week"):
        return ALL
    return Q(state="frozen") if actor.may("est.released") else NONE
