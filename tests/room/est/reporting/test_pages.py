"""The pages of reporting and review, as their people use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from samverkan.domain.est.models import NothingToReport, Report
from samverkan.domain.incidents.api import Incident
from samverkan.domain.places.api import Place
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership

Browser = Callable[[Actor], Client]
FILLED = {
    "category": "klotter",
    "where": "Lindtorget",
    "when": "now",
    "trend": "worse",
    "observation": "observed",
    "kind": "event",
    "text": "Nytt klotter.",
}


def test_a_report_in_one_page(world: Any, client_for: Browser) -> None:
    client = client_for(world["skola"])
    page = client.get("/rapportera/")
    assert page.status_code == 200 and "Inget att rapportera" in page.content.decode()
    key = str(uuid4())
    answer = client.post("/rapportera/", {**FILLED, "key": key})
    assert answer.status_code == 302, answer.content.decode()
    row = Report.objects.get(public_id=key)
    assert row.state == "submitted" and row.place == Place.objects.get(name="Lindtorget") and row.trend == "worse"
    assert client.get(answer["Location"]).status_code == 200
    # Sent twice, as without a connection: stored once.
    assert client.post("/rapportera/", {**FILLED, "key": key})["Location"] == answer["Location"]
    assert Report.objects.count() == 1
    for path in ("/mina-rapporter/", f"/mina-rapporter/{key}/", f"/mina-rapporter/{key}/andra/"):
        page = client.get(path)
        assert page.status_code == 200 and "klotter" in page.content.decode().lower(), path


def test_what_is_wrong_is_told_at_the_field_and_what_was_written_stays(world: Any, client_for: Browser) -> None:
    client = client_for(world["skola"])
    page = client.post(
        "/rapportera/", {**FILLED, "category": "", "where": "", "when": "other", "text": "Det här står kvar."}
    )
    html = page.content.decode()
    assert page.status_code == 422 and "Det här står kvar." in html
    assert "Välj vad det gäller." in html and "Skriv var det hände" in html and "Skriv datumet så här" in html
    page = client.post("/rapportera/", {**FILLED, "where": "torget"})
    assert page.status_code == 422 and "Lindtorget" in page.content.decode()
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("where", "place", "area"),
    [("vid Lindtorget", "Lindtorget", None), ("på  LINDTORGET", "Lindtorget", None), ("i centrum", None, "Centrum")],
)
def test_where_is_understood_as_it_is_said(
    world: Any, client_for: Browser, where: str, place: str | None, area: str | None
) -> None:
    answer = client_for(world["skola"]).post("/rapportera/", {**FILLED, "where": where, "key": str(uuid4())})
    assert answer.status_code == 302, answer.content.decode()
    row = Report.objects.get()
    assert (row.place and row.place.name) == place
    assert area is None or (row.area and row.area.name) == area


def test_a_near_spelling_is_proposed_and_never_taken_for_meant(world: Any, client_for: Browser) -> None:
    client = client_for(world["skola"])
    page = client.post("/rapportera/", {**FILLED, "where": "vid Lintorgt", "key": str(uuid4())})
    assert page.status_code == 422 and "Menade du Lindtorget" in page.content.decode()
    assert Report.objects.count() == 0
    for written in ("Lintorgt", "vid lindt"):
        options = client.get("/rapportera/platser/", {"where": written}).content.decode()
        assert f'<option value="Lindtorget" label="{written}">' in options, written
    assert 'value="Centrum"' in client.get("/rapportera/platser/", {"where": "centr"}).content.decode()
    assert "<option" not in client.get("/rapportera/platser/", {"where": "qqqqqqq"}).content.decode()


@pytest.mark.parametrize(("day", "at", "said"), [("i går", "2230", "24 21:30"), ("24/11", "22.30", "24 21:30")])
def test_when_is_understood_as_it_is_said(world: Any, client_for: Browser, day: str, at: str, said: str) -> None:
    filled = {**FILLED, "when": "other", "day": day, "at": at, "key": str(uuid4())}
    answer = client_for(world["skola"]).post("/rapportera/", filled)
    assert answer.status_code == 302, answer.content.decode()
    assert f"{Report.objects.get().started_at:%d %H:%M}" == said


def test_nothing_is_one_tap_and_can_be_taken_back(world: Any, client_for: Browser) -> None:
    client = client_for(world["skola"])
    page = client.post("/rapportera/inget/", follow=True)
    assert NothingToReport.objects.count() == 1 and "/rapportera/inget/angra/" in page.content.decode()
    client.post("/rapportera/inget/")
    assert NothingToReport.objects.count() == 1
    client.post("/rapportera/inget/angra/", follow=True)
    assert NothingToReport.objects.count() == 0


def test_withdrawn_and_sent_again(sent: Callable[..., Report], world: Any, client_for: Browser) -> None:
    row, client = sent("skola"), client_for(world["skola"])
    base = f"/mina-rapporter/{row.public_id}/"
    page = client.post(base + "dra-tillbaka/", follow=True)
    assert f"{base}skicka/" in page.content.decode()
    row.refresh_from_db()
    assert row.state == "draft"
    client.post(base + "skicka/")
    row.refresh_from_db()
    assert row.state == "submitted"


def test_review_from_the_queue_to_the_week(sent: Callable[..., Report], world: Any, client_for: Browser) -> None:
    row = sent("skola", text="En moped, ABC 12X, stod kvar.")
    client = client_for(world["granskare"])
    assert "väntar på granskning" in client.get("/granska/").content.decode()
    path = f"/granska/{row.public_id}/"
    page = client.get(path)
    assert page.status_code == 200 and "<mark" in page.content.decode()
    form = {
        "version": row.version,
        "title": "Klotter, Lindtorget",
        "text": row.text,
        "category": "klotter",
        "kind": "event",
        "precision": "as_reported",
        "trend": "new",
        "observation": "observed",
    }
    page = client.post(path, {**form, "act": "accept"})
    assert page.status_code == 422 and "personuppgift" in page.content.decode()
    page = client.post(path, {**form, "act": "strip"})
    assert "ABC 12X" not in page.context["form"]["text"].value()
    # The length is asked before anything is looked through.
    page = client.post(path, {**form, "text": "ABC 12X " * 4000, "act": "strip"})
    assert page.context["form"]["text"].value().startswith("ABC 12X") and page.context["marks"] == 0
    page = client.post(path, {**form, "text": "En moped stod kvar.", "act": "accept"}, follow=True)
    assert page.status_code == 200
    row.refresh_from_db()
    incident = Incident.objects.get(external_id=str(row.public_id))
    assert (
        row.state == "in_week"
        and row.text == incident.description == "En moped stod kvar."
        and row.incident == incident
    )
    assert client.get("/granska/?visa=granskade").status_code == 200 and client.get(path).status_code == 200


def test_the_coordinators_pages(world: Any, client_for: Browser) -> None:
    client = client_for(world["samordnare"])
    seat = Membership.objects.get(person__email="skola@exempel.test")
    assert client.get("/rapportorer/").status_code == 200 and client.get("/rapportorer/ny/").status_code == 200
    page = client.post("/rapportorer/ny/", {"seat": str(seat.public_id), "group": "Skolor"}, follow=True)
    assert "Skolor" in page.content.decode(), (
        "one who begins today is seen at once, though not yet in the week gone through"
    )
    page = client.post("/rapportorer/paminn/", {"week": "2026-W48"}, follow=True)
    assert "1 person är påmind" in page.content.decode()
    client.post(f"/rapportorer/inget/{seat.public_id}/", {"week": "2026-W48"})
    assert NothingToReport.objects.get().membership == seat
    path = f"/rapportera/at/{seat.public_id}/"
    assert client.get(path).status_code == 200
    answer = client.post(path, {**FILLED, "channel": "call"})
    row = Report.objects.get()
    assert (
        answer.status_code == 302
        and row.membership == seat
        and row.channel == "call"
        and row.entered_by_id == world["samordnare"].membership_id
    )
