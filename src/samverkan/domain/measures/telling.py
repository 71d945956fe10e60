"""Whoever is responsible for a measure is told of it: at once, before it is due, when it is late, and at its follow-up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from samverkan.foundation import clock, jobs, notify, refs
from samverkan.foundation.access import Actor

from . import selectors
from .models import Measure, Status
from .workflow import OPEN

REF = "measure"
#: So many days before it is due the one responsible is told.
BEFORE = timedelta(days=7)


def of_a_new_one(actor: Actor, measure: Measure) -> None:
    """Tell the one responsible at once, unless it is who planned it or the day is past: that is history."""
    if measure.owner_id != actor.membership_id and measure.due_on >= clock.today():
        _tell(measure, "measures.given", measure.due_on)


def _tell(measure: Measure, template: str, day: date) -> int:
    """Once for each measure, seat and day: what is put off is told of again."""
    ref = refs.Ref(REF, measure.public_id)
    return notify.notify(membership_ids=[measure.owner_id], ref=ref, template=template, data={"day": day}, once=True)


def tell_due() -> int:
    """Tell of what is soon due, late, or to be followed up. Returns how many were told."""
    today = clock.today()
    rows = Measure.objects.filter(
        Q(status__in=OPEN, due_on__lte=today + BEFORE)
        | Q(status__in=(Status.ONGOING, Status.DONE), follow_up_on__lte=today)
    )
    told = 0
    for row in rows.order_by("pk"):
        if row.status in OPEN and row.due_on <= today + BEFORE:
            told += _tell(row, "measures.late" if row.due_on < today else "measures.soon", row.due_on)
        if row.status in (Status.ONGOING, Status.DONE) and row.follow_up_on and row.follow_up_on <= today:
            told += _tell(row, "measures.follow_up", row.follow_up_on)
    return told


@jobs.periodic("30 6 * * *", name="measures.tell")
def tell_every_morning() -> None:
    """Job: what is due, late or to be followed up."""
    tell_due()


def _resolved(actor: Actor, public_id: UUID) -> refs.Linked | None:
    if not actor.may("measures.view"):
        return None
    found = selectors.measures(actor).filter(public_id=public_id).first()
    return refs.Linked(found.title, reverse("measure", args=[found.public_id])) if found else None


def _about(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, str]:
    if not actor.may("measures.view"):
        return {}
    return dict(selectors.measures(actor).filter(public_id__in=list(ids)).values_list("public_id", "title"))


def register() -> None:
    """What the notices say, and where they lead."""
    refs.register(REF, _resolved, _about)
    say = notify.templates.register
    say(
        "measures.given",
        _("You are responsible for a measure"),
        _(
            "It is to be carried out by {day}. Its page says what is to be done and why, and there you tell how it goes."
        ),
    )
    say(
        "measures.soon",
        _("A measure is to be carried out soon"),
        _("It is to be carried out by {day}. Say how far it has come, or what is in the way."),
    )
    say(
        "measures.late",
        _("A measure is late"),
        _("It was to be carried out by {day}. Say how far it has come, or what is in the way."),
    )
    say(
        "measures.follow_up",
        _("A measure is to be followed up"),
        _("It was to be followed up on {day}. Note what was seen of its effect."),
    )
