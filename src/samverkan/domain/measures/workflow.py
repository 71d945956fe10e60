"""A measure's states as data: what may follow what, who may do it and what it demands."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .models import Status


@dataclass(frozen=True)
class Transition:
    """One step. ``demands`` names fields of the measure that must be filled in."""

    before: str
    after: str
    label: object
    needs: str = "measures.follow"
    demands: tuple[str, ...] = ()
    note_required: bool = False


TRANSITIONS = (
    Transition(Status.PLANNED, Status.ONGOING, _("Start the measure"), demands=("starts_on",)),
    Transition(Status.PLANNED, Status.DONE, _("Mark as carried out"), demands=("starts_on",)),
    Transition(Status.PLANNED, Status.STOPPED, _("Stop the measure"), note_required=True),
    Transition(Status.ONGOING, Status.DONE, _("Mark as carried out")),
    Transition(Status.ONGOING, Status.STOPPED, _("Stop the measure"), note_required=True),
    Transition(Status.DONE, Status.CHECKED, _("Note the effect"), demands=("effect",)),
    # Inverse steps: what was pressed by mistake is taken back.
    Transition(Status.ONGOING, Status.PLANNED, _("Back to planned")),
    Transition(Status.DONE, Status.ONGOING, _("Back to ongoing")),
    Transition(Status.CHECKED, Status.DONE, _("Back to carried out")),
    Transition(Status.STOPPED, Status.PLANNED, _("Plan it anew"), needs="measures.manage", note_required=True),
)

#: States in which something remains to be done.
OPEN = (Status.PLANNED, Status.ONGOING)


def find(before: str, after: str) -> Transition | None:
    """The step between two states, if there is one."""
    return next((t for t in TRANSITIONS if t.before == before and t.after == after), None)


def next_step(state: str) -> Transition | None:
    """The step that brings a measure forward, which the one responsible takes next."""
    forward = {Status.PLANNED: Status.ONGOING, Status.ONGOING: Status.DONE, Status.DONE: Status.CHECKED}
    after = forward.get(Status(state))
    return find(state, after) if after else None


def steps_from(state: str) -> list[Transition]:
    return [t for t in TRANSITIONS if t.before == state]
