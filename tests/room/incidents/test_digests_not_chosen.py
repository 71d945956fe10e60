"""Digests sum up many events and are never counted, so nobody can choose them for one event, a problem or a filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.reporting import selectors as reporting
from samverkan.domain.est.reporting import services
from samverkan.domain.incidents.api import DIGESTS, Category, Incident, ensure_standard
from samverkan.domain.incidents.services import Draft, ensure_source, record
from samverkan.domain.picture import facts
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Any, client_for: Callable[..., Client]) -> Client:
    """The coordinator, where there is a sub category of digests that somebody offered to partners."""
    ensure_standard()
    facts.forget()
    main = Category.objects.get(code=DIGESTS)
    Category.objects.create(code="sammanfattning-natt", name_sv="Sammanfattning natt", main=main, for_reports=True)
    return client_for(cast["coordinator"])


def _offers(client: Client, address: str, name: str) -> set[str]:
    """The values that a page's choice with a name offers."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    form = answer.context["form"]
    return {str(value) for value, _label in form.fields[name].choices}


def _of_digests(values: set[str]) -> set[str]:
    return values & {DIGESTS, "sammanfattning-natt"}


def test_neither_measure_nor_problem_nor_filter_offers_digests(client: Client) -> None:
    for address, field in (
        ("/atgarder/ny/", "kinds"),
        ("/problem/nytt/", "kinds"),
        ("/lagesbild/", "category"),
        ("/lagesbild/lista/", "category"),
    ):
        offered = _offers(client, address, field)
        assert "trafik" in offered and not _of_digests(offered), address


def test_an_address_that_asks_for_digests_says_what_it_asks_for(client: Client) -> None:
    answer = client.get(f"/lagesbild/?category={DIGESTS}")
    assert "Sammanfattningar" in answer.content.decode()
    assert DIGESTS in {value for value, _label in answer.context["form"].fields["category"].choices}


def test_a_partner_who_reports_and_the_one_who_reviews_are_not_offered_digests(cast: Any, client: Client) -> None:
    assert "klotter" in (offered := {c.code for c in reporting.categories()}) and not _of_digests(offered)
    seen = services.Seen(
        category=Category.objects.get(code="klotter"), started_at=clock.now() - timedelta(hours=1), text="Klotter."
    )
    report = services.submit(cast["skola"], seen=seen)
    offered = _offers(client, f"/granska/{report.public_id}/", "category")
    assert "klotter" in offered and not _of_digests(offered)


def test_a_corrected_incident_is_not_made_a_digest(cast: Any, client: Client) -> None:
    source = ensure_source(SYSTEM, code="prov", name="Prov", kind="partners", is_invented=True)
    drafts = [
        Draft(external_id=code, category=Category.objects.get(code=code), started_at=clock.now())
        for code in ("klotter", "sammanfattning-natt")
    ]
    graffiti, misplaced = record(cast["coordinator"], source=source, drafts=drafts)
    assert not _of_digests(_offers(client, f"/lagesbild/handelse/{graffiti.public_id}/andra/", "category"))
    own = _offers(client, f"/lagesbild/handelse/{misplaced.public_id}/andra/", "category")
    assert _of_digests(own) == {"sammanfattning-natt"}, "what it stands under already can stay"
    assert Incident.objects.get(pk=misplaced.pk).category.code == "sammanfattning-natt"
