"""How a report's state is shown: ``{% load est_reporting %}``."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import TimePrecision
from samverkan.foundation.web.templatetags.samverkan import date_words, near, status_tag
from samverkan.foundation.weeks import Week

from ..models import Report, ReportState

register = template.Library()


@register.simple_tag
def report_state(report: Report) -> SafeString:
    """The state as a tag; only what asks for something has a colour."""
    tone = (
        "warning" if report.state == ReportState.SENT_BACK else "accent" if report.state == ReportState.IN_WEEK else ""
    )
    return status_tag(str(ReportState(report.state).label), tone)


@register.simple_tag
def state_words(report: Report) -> str:
    """What the state means for the one who reported, as one sentence."""
    week = Week.from_index(report.week).number
    if report.state == ReportState.CLOSED and report.incident_id:
        return _("The report was part of week {week}, which is locked.").format(week=week)
    return {
        ReportState.DRAFT: _("Only you see the draft. It is not sent."),
        ReportState.SUBMITTED: _("The report waits for review."),
        ReportState.SENT_BACK: _("The reviewer asks you to change the report."),
        ReportState.REVIEWED: _("The report is reviewed and part of the picture. Week {week} was locked before that."),
        ReportState.IN_WEEK: _("The report is reviewed and part of week {week}."),
        ReportState.CLOSED: _("The report is closed and not used."),
    }[ReportState(report.state)].format(week=week)


@register.filter
def happened(report: Report) -> str:
    """When it happened; without an hour where only the day is known."""
    return date_words(report.started_at) if report.time_precision == TimePrecision.DAY else near(report.started_at)
