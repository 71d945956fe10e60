"""A report's states as data: what may follow what, who may do it and what it demands."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ..models import ReportState


@dataclass(frozen=True)
class Step:
    """One step. ``who`` is ``reporter`` (the own organisation), ``reviewer`` or ``week`` (the lock)."""

    name: str
    before: str
    after: str
    who: str
    needs: str
    label: object
    reason_required: bool = False


STEPS = (
    Step("submit", ReportState.DRAFT, ReportState.SUBMITTED, "reporter", "est.report", _("Send the report")),
    Step("withdraw", ReportState.SUBMITTED, ReportState.DRAFT, "reporter", "est.report", _("Withdraw the report")),
    Step("withdraw", ReportState.SENT_BACK, ReportState.DRAFT, "reporter", "est.report", _("Withdraw the report")),
    Step("submit", ReportState.SENT_BACK, ReportState.SUBMITTED, "reporter", "est.report", _("Send the report again")),
    Step("send_back", ReportState.SUBMITTED, ReportState.SENT_BACK, "reviewer", "est.review", _("Send back"), True),
    Step("recall", ReportState.SENT_BACK, ReportState.SUBMITTED, "reviewer", "est.review", _("Take back to review")),
    Step("accept", ReportState.SUBMITTED, ReportState.IN_WEEK, "reviewer", "est.review", _("Accept")),
    Step(
        "accept_late",
        ReportState.SUBMITTED,
        ReportState.REVIEWED,
        "reviewer",
        "est.review",
        _("Accept after the week was locked"),
    ),
    Step(
        "close", ReportState.SUBMITTED, ReportState.CLOSED, "reviewer", "est.review", _("Close without using it"), True
    ),
    Step("lock", ReportState.IN_WEEK, ReportState.CLOSED, "week", "est.lead", _("Lock the week")),
    Step("correct", ReportState.REVIEWED, ReportState.CLOSED, "week", "est.lead", _("Lock a corrected edition")),
)

#: The reporter may still change what was written.
OPEN_TO_REPORTER = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.SENT_BACK)
#: States in which the raw words still exist.
RAW = OPEN_TO_REPORTER


def find(name: str, before: str) -> Step | None:
    """The step of a name from a state, if there is one."""
    return next((s for s in STEPS if s.name == name and s.before == before), None)


def steps_from(state: str, who: str) -> list[Step]:
    """What somebody may do from a state."""
    return [s for s in STEPS if s.before == state and s.who == who]
