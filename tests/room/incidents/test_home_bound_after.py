"""A category marked home-bound afterwards: no exact place of it remains anywhere, whatever was under way."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from samverkan.domain.est.models import Report, ReportState
from samverkan.domain.incidents.api import (
    Category,
    Draft,
    Incident,
    IncidentVersion,
    ensure_source,
    ensure_standard,
    record,
)
from samverkan.domain.incidents.services import categories
from samverkan.foundation import clock, jobs
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.models import Membership
from samverkan.foundation.weeks import Week

EXACT = ("585123", "6582321")


def mark(category: Category) -> Category:
    category.refresh_from_db()
    return categories.change(
        SYSTEM,
        category=category,
        version=category.version,
        name_sv=category.name_sv,
        name_en=category.name_en,
        main=category.main,
        is_home_bound=True,
        for_reports=category.for_reports,
    )


def told(category: Category, external_id: str = "1") -> Incident:
    source = ensure_source(SYSTEM, code="prov", name="Prov")
    draft = Draft(
        external_id=external_id, category=category, started_at=clock.now(), title="T", x=585123.0, y=6582321.0
    )
    return record(SYSTEM, source=source, drafts=[draft])[0]


def everything_kept() -> str:
    """All that the tables of incidents and reports hold."""
    found = []
    with connection.cursor() as cursor:
        for table in ("incidents_incident", "incidents_incidentversion", "est_report"):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.django_db
def test_what_was_of_the_category_once_loses_its_place_too(cast: Any) -> None:
    ensure_standard()
    first, other = Category.objects.get(code="klotter"), Category.objects.get(code="brak")
    told(first)
    # The source moves it to another category and corrects the place, so that its history alone holds the first.
    source = ensure_source(SYSTEM, code="prov", name="Prov")
    record(
        SYSTEM,
        source=source,
        drafts=[Draft(external_id="1", category=other, started_at=clock.now(), title="T", x=586000.0, y=6583000.0)],
    )
    assert "585123" in json.dumps([v.content for v in IncidentVersion.objects.all()])
    mark(first)
    assert not any(number in everything_kept() for number in EXACT)


@pytest.mark.django_db
def test_partners_reports_of_it_lose_their_place(cast: Any) -> None:
    ensure_standard()
    category = Category.objects.get(code="klotter")
    seat = Membership.objects.select_related("organisation").get(pk=cast["est_reporter"].membership_id)
    for state in ReportState.values:
        Report.objects.create(
            controller_id=seat.organisation.controller_or_self_id,
            organisation=seat.organisation,
            membership=seat,
            week=Week.current().index,
            state=state,
            category=category,
            text="t",
            started_at=clock.now() - timedelta(hours=1),
            x=585123.0,
            y=6582321.0,
            radius_m=200,
        )
    mark(category)
    jobs.run_pending()
    assert not Report.objects.exclude(x=None, y=None, radius_m=None, place=None).exists()
    assert not any(number in everything_kept() for number in EXACT)


@pytest.mark.django_db
def test_a_main_categorys_mark_holds_for_its_parts() -> None:
    ensure_standard()
    part = Category.objects.get(code="klotter")
    assert part.main is not None
    told(part)
    mark(part.main)
    part.refresh_from_db()
    assert part.is_home_bound
    assert Incident.objects.get().x is None
    assert (
        categories.add(
            SYSTEM, name_sv="Ny del", name_en="", main=part.main, is_home_bound=False, for_reports=True
        ).is_home_bound
        is True
    )


def test_an_import_under_way_obeys_the_mark(fresh_db: str) -> None:
    """Its reader still believes the category may have points; the database knows better."""
    ensure_standard()
    category = Category.objects.get(code="klotter")
    done = threading.Event()
    failed: list[BaseException] = []

    def importer() -> None:
        try:
            told(category, "sen")
        except BaseException as error:  # told of by the test
            failed.append(error)
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=importer)
    with transaction.atomic():
        mark(Category.objects.get(pk=category.pk))
        thread.start()
        assert not done.wait(1), "it waits for the one who marks"
    thread.join(20)
    assert failed == []
    assert Incident.objects.get(external_id="sen").x is None
