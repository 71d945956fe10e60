"""What points somebody out and is seen only after the review is taken out for good, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting import services
from samverkan.domain.incidents.api import Incident, IncidentVersion
from samverkan.domain.incidents.services import erasing
from samverkan.foundation import files, jobs
from samverkan.foundation.access import Refused
from samverkan.foundation.audit.models import AuditEntry
from samverkan.foundation.files.models import Disposal, StoredFile
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Conflict, Refusal
from tests.room.est.reporting.test_erasure import SECRET, accepted, everywhere, photo


@pytest.fixture
def told(world: Any, sent: Callable[..., Report]) -> Incident:
    """A development that has been told of twice, with a secret in both tellings and one of them in its history."""
    first = accepted(
        world, sent("skola"), kind="development", title=f"{SECRET} grupp", text=f"{SECRET} samlas.", marks_seen=True
    )
    found = Incident.objects.get(pk=first.incident_id)
    accepted(world, sent("skola"), kind="development", text=f"Fler än {SECRET} nu.", merge_into=found, marks_seen=True)
    assert set(everywhere(SECRET)) == {
        "est_report.text",
        "incidents_incident.title",
        "incidents_incident.description",
        "incidents_incidentversion.content",
    }
    return Incident.objects.get(pk=found.pk)


def test_words_leave_incident_history_and_reports(
    world: Any, told: Incident, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        done = erasing.take_out(
            world["granskare"], incident=told, version=told.version, title="En grupp", description="De samlas."
        )
        jobs.run_pending()
    assert everywhere(SECRET) == []
    assert (done.title, done.description, done.version) == ("En grupp", "De samlas.", told.version + 1)
    assert IncidentVersion.objects.filter(incident=done).exists(), (
        "that there were versions is kept, their words are not"
    )
    assert set(Report.objects.values_list("text", flat=True)) == {""}
    record = Disposal.objects.get(rule=erasing.RULE)
    assert (record.ref_id, record.by_id) == (told.public_id, world["granskare"].membership_id) and record.count >= 2
    entry = AuditEntry.objects.filter(table="incidents_incident", operation="U").latest("pk")
    assert {"title", "description"} <= set(entry.columns)


def test_reports_that_wait_and_others_incidents_keep_theirs(
    world: Any, told: Incident, sent: Callable[..., Report], django_capture_on_commit_callbacks: Any
) -> None:
    waiting, other = sent("skola", text="Väntar."), accepted(world, sent("skola"), text="Något annat.")
    with django_capture_on_commit_callbacks(execute=True):
        erasing.take_out(world["granskare"], incident=told, version=told.version, title="", description="")
        jobs.run_pending()
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.text, other.text) == ("Väntar.", "Något annat.")


@pytest.mark.parametrize("photos", [False, True])
def test_photos_go_when_that_is_said(
    photos: bool, world: Any, seen: Callable[..., services.Seen], django_capture_on_commit_callbacks: Any
) -> None:
    row = services.submit(world["skola"], seen=seen(), photos=[photo()])
    kept = files.files_of(world["granskare"], Ref("report", row.public_id))[0]
    done = accepted(world, row, keep_photos=(str(kept.public_id),))
    incident = Incident.objects.get(pk=done.incident_id)
    with django_capture_on_commit_callbacks(execute=True):
        erasing.take_out(
            world["samordnare"], incident=incident, version=incident.version, title="", description="", photos=photos
        )
        jobs.run_pending()
    path = Path(settings.MEDIA_ROOT) / kept.digest[:2] / kept.digest
    assert StoredFile.objects.exists() is not photos and path.exists() is not photos


def test_the_page_asks_keeps_what_was_typed_and_takes_out(world: Any, told: Incident, client_for: Any) -> None:
    client, address = client_for(world["granskare"]), f"/lagesbild/handelse/{told.public_id}/ta-bort-ord/"
    assert f"{SECRET} grupp" in client.get(address).content.decode()
    words = {"title": "En grupp", "description": "De samlas.", "version": told.version}
    erasing.take_out(world["samordnare"], incident=told, version=told.version, title="Annat", description="")
    clash = client.post(address, words)
    page = clash.content.decode()
    assert clash.status_code == 422 and "En grupp" in page and "Annat" in page
    assert client.post(address, {**words, "version": told.version + 1}).status_code == 302
    assert Incident.objects.get(pk=told.pk).title == "En grupp"
    assert client.post(address, {**words, "version": told.version + 2, "title": "x" * 301}).status_code == 422
    assert client_for(world["kommunpolis"]).get(address).status_code == 403


def test_who_may_and_what_is_refused(world: Any, told: Incident) -> None:
    for code in ("kommunpolis", "skola", "hyresvard", "dataskyddsombud", "administrator"):
        with pytest.raises(Refused):
            erasing.take_out(world[code], incident=told, version=told.version, title="", description="")
    with pytest.raises(Conflict):
        erasing.take_out(world["granskare"], incident=told, version=told.version + 1, title="", description="")
    with pytest.raises(Refusal):
        erasing.take_out(world["granskare"], incident=told, version=told.version, title="x" * 301, description="")
    assert SECRET in Incident.objects.get(pk=told.pk).title
