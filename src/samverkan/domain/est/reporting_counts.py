"""How many reports wait, for Monday's heading and the rail."""

from __future__ import annotations

from samverkan.foundation.access import Actor

from .models import Report, ReportState


def waiting(actor: Actor) -> int:
    """Reports that wait for review; zero for those who do not review."""
    return Report.objects.filter(state=ReportState.SUBMITTED).count() if actor.may("est.review") else 0
