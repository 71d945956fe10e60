"""The week's states as data."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ..models import WeekState


@dataclass(frozen=True)
class Transition:
    before: str
    after: str
    label: object
    needs: str = "est.lead"


TRANSITIONS = (
    Transition(WeekState.OPEN, WeekState.MEETING, _("Start the meeting")),
    Transition(WeekState.MEETING, WeekState.OPEN, _("End the meeting without locking")),
    Transition(WeekState.OPEN, WeekState.FROZEN, _("Lock the week")),
    Transition(WeekState.MEETING, WeekState.FROZEN, _("Lock the week")),
)


def allowed(before: str, after: str) -> Transition | None:
    """The step between two states, if there is one. A locked week has none: corrections are editions."""
    return next((t for t in TRANSITIONS if t.before == before and t.after == after), None)
