"""A measure's states as data: what may follow what, who may do it and what it demands."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import Change, Step, Workflow

from .models import Measure, Status, StatusChange

_START = {"starts_on": gettext_lazy("Choose the first day.")}
_WHY = {"note": gettext_lazy("Write why.")}
_EFFECT = {"effect": gettext_lazy("Write what was seen of the effect. If nothing can be told yet, write that.")}
_FOLLOW = "measures.follow"


def _step(
    before: str, after: str, label: object, needs: str = _FOLLOW, demands: Mapping[str, object] | None = None
) -> Step:
    return Step(after, before, after, label, needs, demands or {})


def _theirs(actor: Actor, row: Measure, step: Step) -> None:
    if not actor.may("measures.manage") and actor.membership_id != row.owner_id:
        raise Refused(step.needs, _("Only the one responsible can say how far the measure has come."))


def _impossible(row: Measure, after: str) -> Refusal:
    return Refusal(
        _("The measure cannot go from {before} to {after}.").format(
            before=Status(row.status).label, after=Status(after).label if after in Status.values else after
        )
    )


def _write(change: Change[Measure]) -> None:
    StatusChange.objects.create(
        measure=change.row,
        before=change.step.before,
        after=change.step.after,
        note=change.told.get("note", ""),
        by_id=change.actor.membership_id,
    )


MEASURE = Workflow(
    Measure,
    "status",
    (
        _step(Status.PLANNED, Status.ONGOING, gettext_lazy("Start the measure"), demands=_START),
        _step(Status.PLANNED, Status.DONE, gettext_lazy("Mark as carried out"), demands=_START),
        _step(Status.PLANNED, Status.STOPPED, gettext_lazy("Stop the measure"), demands=_WHY),
        _step(Status.ONGOING, Status.DONE, gettext_lazy("Mark as carried out")),
        _step(Status.ONGOING, Status.STOPPED, gettext_lazy("Stop the measure"), demands=_WHY),
        _step(Status.DONE, Status.CHECKED, gettext_lazy("Note the effect"), demands=_EFFECT),
        # Inverse steps: what was pressed by mistake is taken back.
        _step(Status.ONGOING, Status.PLANNED, gettext_lazy("Back to planned")),
        _step(Status.DONE, Status.ONGOING, gettext_lazy("Back to ongoing")),
        _step(Status.CHECKED, Status.DONE, gettext_lazy("Back to carried out")),
        _step(Status.STOPPED, Status.PLANNED, gettext_lazy("Plan it anew"), "measures.manage", _WHY),
    ),
    theirs=_theirs,
    impossible=_impossible,
    write=_write,
)

#: States in which something remains to be done.
OPEN = (Status.PLANNED, Status.ONGOING)


def next_step(state: str) -> Step | None:
    """The step that brings a measure forward, which the one responsible takes next."""
    forward = {Status.PLANNED: Status.ONGOING, Status.ONGOING: Status.DONE, Status.DONE: Status.CHECKED}
    after = forward.get(Status(state))
    return MEASURE.between(state, after) if after else None
