"""The week's states as data."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samverkan.foundation import clock, notify, refs
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from samverkan.foundation.workflow import Change, Step, Workflow

from .. import policy
from ..models import EstWeek, WeekState

LOCKED = gettext_lazy("The week is locked and does not change. Make a correction instead.")


def released_to(actor: Actor) -> QuerySet[Membership]:
    """The seats of everybody who may read locked weeks, but for who locks."""
    rows = Membership.objects.on(clock.today()).filter(role__in=policy.PERMISSIONS["est.released"])
    return rows.exclude(person_id=actor.person_id or 0).order_by("pk")


def _impossible(row: EstWeek, name: str) -> Refusal:
    if row.state == WeekState.FROZEN:
        return Refusal(str(LOCKED), code="frozen")
    return Refusal(_("The week cannot go there from where it is."))


def _tell(change: Change[EstWeek]) -> None:
    """Who reads locked weeks is told of one, and of a correction."""
    if change.step.tells:
        tell(change.actor, change.row, change.step.tells)


def tell(actor: Actor, row: EstWeek, template: str) -> None:
    """Everybody who may read locked weeks is told of the latest edition, each person once, except the actor."""
    seats: dict[int, int] = {}
    for seat, person in released_to(actor).values_list("pk", "person_id"):
        seats.setdefault(person, seat)
    if seats:
        edition = row.editions.latest("number")
        notify.notify(
            membership_ids=list(seats.values()),
            ref=refs.Ref("est_edition", edition.public_id),
            template=template,
            data={"week": Week.from_index(row.first).number},
        )


WEEK = Workflow(
    EstWeek,
    "state",
    (
        Step("meet", WeekState.OPEN, WeekState.MEETING, gettext_lazy("Start the meeting"), "est.lead"),
        Step("leave", WeekState.MEETING, WeekState.OPEN, gettext_lazy("End the meeting without locking"), "est.lead"),
        *(
            Step("lock", before, WeekState.FROZEN, gettext_lazy("Lock the week"), "est.lead", tells="est.released")
            for before in (WeekState.OPEN, WeekState.MEETING)
        ),
        # A locked week does not change: a correction is one more edition.
        Step(
            "lock",
            WeekState.FROZEN,
            WeekState.FROZEN,
            gettext_lazy("Lock a corrected edition"),
            "est.lead",
            {"corrects": gettext_lazy("Write what the new edition corrects.")},
            tells="est.corrected",
        ),
    ),
    impossible=_impossible,
    tell=_tell,
)
