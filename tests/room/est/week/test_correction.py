"""A correction of a locked week: also of what the assessment said; the earlier edition stands as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.models import Edition, EstWeek
from samverkan.domain.est.week import services
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(cast: Any) -> EstWeek:
    """Last week, locked with a sentence that is wrong."""
    row = services.open_week(SYSTEM, week=Week.current().plus(-1))
    row = services.judge(cast["coordinator"], week=row, version=row.version, text="Lugnt vid stationen.")
    services.freeze(cast["coordinator"], week=row, version=row.version)
    return EstWeek.objects.get(pk=row.pk)


def _said() -> list[str]:
    return [e.content["judgement"] for e in Edition.objects.order_by("number")]


def test_the_page_offers_the_assessment_and_stores_both(
    cast: Any, locked: EstWeek, client_for: Callable[..., Client]
) -> None:
    client, address = client_for(cast["coordinator"]), f"/veckan/{Week.from_index(locked.first)}/las/"
    assert "Lugnt vid stationen." in client.get(address).content.decode()
    words = {"judgement": "Oroligt vid stationen.", "corrects": "", "version": locked.version}
    refused = client.post(address, words)
    assert refused.status_code == 422 and "Oroligt vid stationen." in refused.content.decode(), "what was typed stays"
    assert EstWeek.objects.get(pk=locked.pk).judgement == "Lugnt vid stationen."
    assert client.post(address, {**words, "corrects": "Bedömningen var fel."}).status_code == 302
    assert _said() == ["Lugnt vid stationen.", "Oroligt vid stationen."]
    assert all(fingerprint(e.content) == e.sha256 for e in Edition.objects.all())


def test_a_correction_of_the_figures_leaves_the_assessment(
    cast: Any, locked: EstWeek, client_for: Callable[..., Client]
) -> None:
    address = f"/veckan/{Week.from_index(locked.first)}/las/"
    answer = client_for(cast["coordinator"]).post(address, {"corrects": "En sen rapport.", "version": locked.version})
    assert answer.status_code == 302 and _said() == ["Lugnt vid stationen."] * 2


def test_locking_the_first_time_takes_what_the_week_says(cast: Any) -> None:
    row = services.open_week(SYSTEM, week=Week.current().plus(-2))
    row = services.judge(cast["coordinator"], week=row, version=row.version, text="Som det var.")
    services.freeze(cast["coordinator"], week=row, version=row.version, judgement="Något annat")
    assert _said() == ["Som det var."]
