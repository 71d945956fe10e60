"""Who may see and change problems and measures."""

from __future__ import annotations

from django.db.models import Q

from samverkan.foundation.access import ALL, NONE, Actor

PERMISSIONS = {
    # All measures of the installation; everybody else sees those of one's own organisation.
    "measures.view_all": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "auditor",
    },
    "measures.view": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "auditor",
        "measure_owner",
        "est_reporter",
    },
    "measures.manage": {"coordinator", "municipal_police"},
    # Say how far it has come: the one responsible (asked in the service), and those who manage.
    "measures.follow": {"coordinator", "municipal_police", "measure_owner", "est_reporter", "manager", "member"},
}


# Who sees which rows.


def measures(actor: Actor) -> Q:
    """All, or those that one's own organisation is responsible for or takes part in."""
    from .models import CooperatingActor

    if actor.may("measures.view_all"):
        return ALL
    if not actor.may("measures.view"):
        return NONE
    own = actor.organisation_id or 0
    taking_part = CooperatingActor.objects.filter(organisation_id=own).values("measure_id")
    return Q(owner__organisation_id=own) | Q(pk__in=taking_part)


def causes(actor: Actor) -> Q:
    """Those of problems that the actor sees, and those that a measure it sees acts on."""
    from .models import Measure

    if actor.may("measures.view_all"):
        return ALL
    return Q(pk__in=Measure.objects.visible_to(actor).values("causes")) if actor.may("measures.view") else NONE
