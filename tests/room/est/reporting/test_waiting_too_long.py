"""Reports that nobody reviewed do not lie for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from samverkan.domain.est.models import Report
from samverkan.domain.incidents.categories import ensure_standard
from samverkan.domain.incidents.models import Category
from samverkan.foundation import clock
from samverkan.foundation.files import retention
from samverkan.foundation.files.models import Disposal

pytestmark = pytest.mark.django_db


def _ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def test_reports_that_nobody_reviewed_go_after_their_days(cast: Any) -> None:
    ensure_standard()
    seat = cast["est_reporter"]

    def report(state: str, days: int) -> Report:
        return Report.objects.create(
            controller_id=seat.controller_id,
            organisation_id=seat.organisation_id,
            membership_id=seat.membership_id,
            week=2900,
            started_at=_ago(days),
            created_at=_ago(days),
            submitted_at=_ago(days),
            text="Ord",
            state=state,
            category=Category.objects.get(code="klotter"),
        )

    report("submitted", 182)
    young, reviewed = report("submitted", 170), report("in_week", 400)
    done = {outcome.key: outcome.count for outcome in retention.run()}
    assert done["est.waiting_reports"] == 1
    assert set(Report.objects.values_list("pk", flat=True)) == {young.pk, reviewed.pk}
    assert Disposal.objects.get(rule="est.waiting_reports").count == 1
