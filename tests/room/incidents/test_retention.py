"""What an import rejected does not lie for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samverkan.domain.incidents import retention
from samverkan.domain.incidents.models import ImportRun
from samverkan.foundation import clock
from samverkan.foundation.people.services import home
from samverkan.foundation.registries import retention_rules

pytestmark = pytest.mark.django_db


def test_rejected_rows_go_and_the_figures_stay() -> None:
    old, new = (
        ImportRun.objects.create(
            controller=home(),
            started_at=clock.now() - timedelta(days=days),
            rejects=b"id,namn\n1,Anna",
            counts={"rejected": 1},
        )
        for days in (100, 10)
    )
    before = clock.today() - timedelta(days=90)
    assert retention.due(before) == 1
    assert retention.dispose(before) == 1
    assert retention.due(before) == retention.dispose(before) == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.rejects, old.counts) == (None, {"rejected": 1})
    assert new.rejects is not None
    assert any(rule.key == "incidents.rejected_rows" for rule in retention_rules.all())
