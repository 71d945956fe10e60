"""A report's states as data: what may follow what, who may do it and what it demands."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samverkan.foundation import notify
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week
from samverkan.foundation.workflow import Change, Step, Workflow

from ..models import Report, ReportState
from . import selectors

#: Whose step it is: the organisation's that reports, the reviewer's, or the lock's of the week.
REPORTER, REVIEWER, WEEK = "reporter", "reviewer", "week"

#: The reporter may still change what was written; the raw words still exist.
OPEN_TO_REPORTER = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.SENT_BACK)


def _theirs(actor: Actor, row: Report, step: Step) -> None:
    if step.who == REPORTER and not selectors.own(actor).filter(pk=row.pk).exists():
        raise Refused(step.needs)


def _impossible(row: Report, name: str) -> Refusal:
    if any(s.name == name and s.who == REPORTER for s in REPORT.steps):
        return Refusal(_("The report has been reviewed and can no longer be changed."), code="reviewed")
    return Conflict()


def _tell(change: Change[Report]) -> None:
    """Feedback to the one who reported; who wrote it in for them learns it too."""
    row = change.row
    if change.step.tells:
        notify.notify(
            membership_ids={row.membership_id} | ({row.entered_by_id} if row.entered_by_id else set()),
            ref=Ref("report", row.public_id),
            template=change.step.tells,
            data={"week": Week.from_index(row.week).number},
        )


def _reporter(name: str, before: str, after: str, label: object) -> Step:
    return Step(name, before, after, label, "est.report", who=REPORTER)


def _reviewer(
    name: str, before: str, after: str, label: object, tells: str = "", demands: Mapping[str, object] | None = None
) -> Step:
    return Step(name, before, after, label, "est.review", demands or {}, REVIEWER, tells)


REPORT = Workflow(
    Report,
    "state",
    (
        _reporter("submit", ReportState.DRAFT, ReportState.SUBMITTED, gettext_lazy("Send the report")),
        _reporter("submit", ReportState.SENT_BACK, ReportState.SUBMITTED, gettext_lazy("Send the report again")),
        _reporter("withdraw", ReportState.SUBMITTED, ReportState.DRAFT, gettext_lazy("Withdraw the report")),
        _reporter("withdraw", ReportState.SENT_BACK, ReportState.DRAFT, gettext_lazy("Withdraw the report")),
        *(
            _reporter("change", before, ReportState.SUBMITTED, gettext_lazy("Change the report"))
            for before in OPEN_TO_REPORTER
        ),
        _reviewer(
            "send_back",
            ReportState.SUBMITTED,
            ReportState.SENT_BACK,
            gettext_lazy("Send back"),
            "est.sent_back",
            {"reason": gettext_lazy("Write what needs to be changed.")},
        ),
        _reviewer("recall", ReportState.SENT_BACK, ReportState.SUBMITTED, gettext_lazy("Take back to review")),
        _reviewer("accept", ReportState.SUBMITTED, ReportState.IN_WEEK, gettext_lazy("Accept"), "est.accepted"),
        _reviewer(
            "accept_late",
            ReportState.SUBMITTED,
            ReportState.REVIEWED,
            gettext_lazy("Accept after the week was locked"),
            "est.accepted",
        ),
        _reviewer(
            "close",
            ReportState.SUBMITTED,
            ReportState.CLOSED,
            gettext_lazy("Close without using it"),
            "est.closed",
            {"answer": gettext_lazy("Write what the one who reported is told.")},
        ),
        Step("lock", ReportState.IN_WEEK, ReportState.CLOSED, gettext_lazy("Lock the week"), "est.lead", who=WEEK),
        Step(
            "lock",
            ReportState.REVIEWED,
            ReportState.CLOSED,
            gettext_lazy("Lock a corrected edition"),
            "est.lead",
            who=WEEK,
        ),
    ),
    theirs=_theirs,
    impossible=_impossible,
    tell=_tell,
)
