"""The demonstration's planted measures: the one that helped is told from the one that moved the problem."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from samverkan.domain.incidents import demo as incidents_demo
from samverkan.domain.incidents.demo import PLANTED
from samverkan.domain.measures import demo as measures_demo
from samverkan.domain.measures import telling
from samverkan.domain.measures.models import Measure
from samverkan.domain.picture.insight import finding, services
from samverkan.domain.picture.models import Insight, MeasureEvaluation
from samverkan.domain.places import demo as places_demo
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.notify.models import Notice
from tests.harness.people import Cast, client_for


@pytest.fixture
def planted(cast: Cast) -> Cast:
    """The demonstration's places, incidents and measures."""
    context = SimpleNamespace(seed=20_261_123, today=clock.today(), cast=cast, actor=cast.__getitem__)
    for loader in (places_demo, incidents_demo, measures_demo):
        loader.load(context)
    return cast


def test_what_was_planted_is_told(planted: Cast) -> None:
    assert services.prepare_due(SYSTEM) == 2
    found = {e.measure.place.name: e for e in MeasureEvaluation.objects.select_related("measure__place")}
    worked, moved = found[PLANTED.worked_place], found[PLANTED.moved_place]
    assert worked.verdict == "lower"
    assert moved.verdict == "displaced"
    assert worked.result["weeks"] == moved.result["weeks"] == PLANTED.measure_weeks
    assert len(worked.comparison.sites) >= 3 and worked.comparison.by is None
    told = Notice.objects.filter(template="picture.measure_judged")
    assert {n.membership_id for n in told} == {planted["coordinator"].membership_id}
    telling.tell_due()
    owners = Notice.objects.filter(template="measures.follow_up").values_list("membership_id", flat=True)
    assert {worked.measure.owner_id, moved.measure.owner_id} <= set(owners), "with a page that they may read"
    assert services.prepare_due(SYSTEM) == 0

    client = client_for(planted["coordinator"])
    page = client.get(f"/atgarder/{worked.measure.public_id}/hjalpte-det/").content.decode()
    assert "Troligen ja." in page and "ingen skillnad" in page and "brott" not in page.replace("anmälda brott", "")
    page = client.get(f"/atgarder/{moved.measure.public_id}/hjalpte-det/").content.decode()
    assert "Antalet minskade här men ökade i närområdet. Problemet kan ha flyttat dit." in page
    panel = client.get(f"/atgarder/{moved.measure.public_id}/").content.decode()
    assert "Problemet kan ha flyttat dit." in panel and f"/atgarder/{moved.measure.public_id}/hjalpte-det/" in panel
    for one in Measure.objects.filter(starts_on__gt=clock.today() - timedelta(weeks=4), place__isnull=False):
        page = client.get(f"/atgarder/{one.public_id}/hjalpte-det/").content.decode()
        assert "Det går inte att säga än. Vänta till" in page
    later = Measure.objects.get(title__startswith="Fritidsgården")
    page = client.get(f"/atgarder/{later.public_id}/hjalpte-det/").content.decode()
    assert "Det vi inte vet" in page and "Troligen ja." not in page


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-26", "2027-01-24"])
def test_what_was_planted_is_told_whatever_day_it_is_made(
    day: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", day)
    request.getfixturevalue("planted")
    services.prepare_due(SYSTEM)
    verdicts = dict(MeasureEvaluation.objects.values_list("measure__place__name", "verdict"))
    assert (verdicts[PLANTED.worked_place], verdicts[PLANTED.moved_place]) == ("lower", "displaced")
    finding.find()
    spots = {s["where"] for s in Insight.objects.get(kind="hotspots").result["spots"]}
    assert len(spots) >= 2 and PLANTED.moved_place in spots
