"""Texts from files are looked through after the import: what is marked is counted and waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.mapping import Mapping
from samverkan.domain.incidents.models import ImportRun, Incident, IncidentVersion, Source
from samverkan.foundation import jobs
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.marks.models import Waiting

pytestmark = pytest.mark.django_db


def row(number: str, title: str) -> dict[str, str]:
    return {
        "id": number, "when": "2026-03-02 08:05", "what": "Klotter", "title": title, "lon": "16.51", "lat": "59.37",
        "seen": "", "grave": "",
    }  # fmt: skip


@pytest.fixture
def imported(write: Callable[..., Path], mapping: Mapping, cast: Any) -> Callable[..., None]:
    def read(*titles: str) -> None:
        rows = [row(str(n), title) for n, title in enumerate(titles)]
        import_files(SYSTEM, paths=[write(rows)], mapping=mapping)
        jobs.run_pending()

    return read


TITLES = ("Klotter på en vägg", "Anna Svensson ringde 070-123 45 67", "Skriv till kalle.kula@kommunen.example")


def test_marks_are_counted_and_wait(
    imported: Callable[..., None], cast: Any, client_for: Callable[..., Client]
) -> None:
    imported(*TITLES)
    assert ImportRun.objects.get().counts["marks"] == 3 and Waiting.objects.count() == 2
    client = client_for(cast["coordinator"])
    told = client.get(f"/import/{ImportRun.objects.get().public_id}/").content.decode()
    assert "3 ställen" in told and 'href="/markerat/"' in told
    page = client.get("/markerat/").content.decode()
    assert "2 texter väntar" in page and "Anna Svensson" in page and "kalle.kula@kommunen.example" in page
    first, second = Incident.objects.filter(external_id__in=["1", "2"]).order_by("external_id")
    client.post("/markerat/svara/", {"model": "incidents.Incident", "row": first.pk, "do": "out"})
    first.refresh_from_db()
    assert "Svensson" not in first.title and "070" not in first.title and "ringde" in first.title
    tokens = [mark.token for r in client.get("/markerat/").context["rows"] for mark in r.marks]
    client.post("/markerat/svara/", {"model": "incidents.Incident", "row": second.pk, "mark": tokens})
    assert not Waiting.objects.exists() and "Ingen text" in client.get("/markerat/").content.decode()
    # The same file again brings neither back.
    imported(*TITLES)
    first.refresh_from_db()
    assert "Svensson" not in first.title and not Waiting.objects.exists() and not IncidentVersion.objects.exists()


def test_a_row_told_anew_without_the_words_waits_no_longer(imported: Callable[..., None]) -> None:
    imported(*TITLES)
    imported("Klotter på en vägg", "En person ringde", "Skriv till oss")
    assert not Waiting.objects.exists()


def test_what_is_taken_out_on_the_incidents_own_page_waits_no_longer(
    imported: Callable[..., None], cast: Any, client_for: Callable[..., Client]
) -> None:
    imported(*TITLES)
    found = Incident.objects.get(external_id="1")
    sent = {"title": "En person ringde", "description": "", "version": found.version}
    assert (
        client_for(cast["coordinator"]).post(f"/lagesbild/handelse/{found.public_id}/ta-bort-ord/", sent).status_code
        == 302
    )
    assert Waiting.objects.count() == 1


def test_the_polices_published_words_do_not_wait(imported: Callable[..., None]) -> None:
    imported("Klotter")
    Source.objects.update(kind="police_feed")
    imported(*TITLES)
    assert not Waiting.objects.exists()


def test_who_sees_the_list(imported: Callable[..., None], cast: Any, client_for: Callable[..., Client]) -> None:
    imported(*TITLES)
    for role in ("est_reporter", "auditor", "measure_owner", "administrator"):
        assert client_for(cast[role]).get("/markerat/").status_code in (403, 404)
    assert "Anna Svensson" in client_for(cast["reviewer"]).get("/markerat/").content.decode()
    assert "Anna Svensson" not in client_for(cast["municipal_police"]).get("/markerat/").content.decode()
