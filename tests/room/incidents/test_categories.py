"""Categories: listed, added, changed with their history, and the places that a home-bound one gives up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.incidents.categories import ensure_standard
from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.mapping import Mapping
from samverkan.domain.incidents.models import Category, Incident
from samverkan.foundation.access import SYSTEM

pytestmark = pytest.mark.django_db
GRAFFITI = "/kategorier/kategori/klotter/"


@pytest.fixture
def client(cast: Any, client_for: Callable[..., Client]) -> Client:
    ensure_standard()
    return client_for(cast["coordinator"])


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def values(**changes: Any) -> dict[str, Any]:
    row = Category.objects.select_related("main").get(code="klotter")
    shown = {
        "name_sv": row.name_sv,
        "name_en": row.name_en,
        "main": row.main.code if row.main else "",
        "version": row.version,
        "for_reports": "on" if row.for_reports else "",
        "points": "area" if row.is_home_bound else "exact",
    }
    return {name: value for name, value in {**shown, **changes}.items() if value != ""}


def test_all_are_listed_under_their_main_category(client: Client) -> None:
    page = client.get("/kategorier/")
    groups = [(main.code, [part.code for part in parts]) for main, parts in page.context["groups"]]
    assert "klotter" in dict(groups)["skadegorelse-och-brand"]
    assert sum(1 + len(parts) for _main, parts in groups) == Category.objects.count()
    assert "bara område" in words(page)


def test_a_category_is_added(client: Client) -> None:
    assert (
        client.post(
            "/kategorier/ny/",
            {"name_sv": "Övergiven bil", "main": "otrygg-plats", "for_reports": "on", "points": "exact"},
        ).status_code
        == 302
    )
    added = Category.objects.get(code="overgiven-bil")
    assert added.main is not None and added.main.code == "otrygg-plats" and added.for_reports
    answer = client.post("/kategorier/ny/", {"name_sv": "", "name_en": "Car"})
    assert answer.status_code == 422 and 'value="Car"' in answer.content.decode()


def test_a_change_keeps_what_it_was(client: Client, cast: Any) -> None:
    assert client.post(GRAFFITI, values(name_sv="Klotter och tags", main="ordning")).status_code == 302
    row = Category.objects.get(code="klotter")
    assert (row.name_sv, row.version) == ("Klotter och tags", 2)
    page = words(client.get(GRAFFITI))
    assert "Klotter / Graffiti" in page and "Skadegörelse och brand" in page
    assert row.versions.get().replaced_by_id == cast["coordinator"].person_id


def test_two_who_change_at_once_lose_nothing(client: Client) -> None:
    mine = values(name_sv="Mitt namn")
    client.post(GRAFFITI, values(name_sv="Den andras namn", main="ordning", for_reports="", do="retire"))
    answer = client.post(GRAFFITI, mine)
    assert answer.status_code == 422
    text = answer.content.decode()
    main = Category.objects.get(code="ordning").name_sv
    assert 'value="Mitt namn"' in text and "Sparat nu: Den andras namn (Samordnare, i dag kl." in words(answer)
    assert f"Sparat nu: {main} (" in words(answer) and "Sparat nu: Nej (" in words(answer)
    assert text.count("Sparat nu:") == 3, "what does not differ says nothing"
    assert "Senast ändrat av Samordnare" in words(answer) and "Kategorin är avslutad nu." in words(answer)
    assert Category.objects.get(code="klotter").name_sv == "Den andras namn"
    # Sent again with the other's change in sight, it holds.
    assert client.post(GRAFFITI, {**mine, "version": answer.context["form"]["version"].value()}).status_code == 302
    row = Category.objects.get(code="klotter")
    assert (row.name_sv, row.for_reports) == ("Mitt namn", True)
    assert row.retired_on is not None, "saving does not bring back what the other retired"


def test_retired_and_brought_back(client: Client) -> None:
    client.post(GRAFFITI, values(do="retire"))
    assert Category.objects.get(code="klotter").retired_on is not None
    assert "Klotter" not in words(client.get("/kategorier/")) and "Klotter" in words(
        client.get("/kategorier/?avslutade=1")
    )
    client.post(GRAFFITI, values(name_sv="Klotter med mera"))
    assert Category.objects.get(code="klotter").retired_on is not None
    client.post(GRAFFITI, values(do="revive"))
    assert Category.objects.get(code="klotter").retired_on is None


def test_home_bound_takes_places_away_only_after_a_clear_warning(
    client: Client, write: Callable[..., Path], mapping: Mapping
) -> None:
    row = {
        "id": "1",
        "when": "2026-03-02 08:05",
        "what": "Klotter",
        "title": "x",
        "lon": "16.51",
        "lat": "59.37",
        "seen": "",
        "grave": "",
    }
    import_files(SYSTEM, paths=[write([row])], mapping=mapping)
    assert "för alltid" in words(client.get(GRAFFITI))
    warned = client.post(GRAFFITI, values(points="area", name_en=""))
    assert "1 händelse förlorar sin exakta plats" in words(warned) and "Det går inte att ångra" in words(warned)
    assert Incident.objects.get().x is not None and not Category.objects.get(code="klotter").is_home_bound
    # The button sends what was filled in.
    hidden = {
        name: value
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', warned.content.decode())
        if name != "csrfmiddlewaretoken"
    }
    assert client.post(GRAFFITI, {**hidden, "confirmed": "1"}).status_code == 302
    changed = Category.objects.get(code="klotter")
    assert changed.is_home_bound and changed.for_reports and changed.name_en == ""
    assert Incident.objects.get().x is None and Incident.objects.get().precision == "municipality"


def test_a_category_belongs_to_a_main_category_only(client: Client) -> None:
    answer = client.post(
        "/kategorier/kategori/ordning/", {"name_sv": "Ordning", "main": "otrygg-plats", "version": 1, "points": "exact"}
    )
    assert answer.status_code == 422 and "huvudkategori" in words(answer)


def test_only_those_who_keep_categories(cast: Any, client_for: Callable[..., Client], client: Client) -> None:
    for role in ("est_reporter", "reviewer", "auditor"):
        for path in ("/kategorier/", "/kategorier/ny/", GRAFFITI):
            assert client_for(cast[role]).get(path).status_code in (403, 404)
    assert client_for(cast["administrator"]).get("/kategorier/").status_code == 200
    assert client.get("/kategorier/kategori/finns-inte/").status_code == 404


def test_the_rail_leads_to_both(client: Client) -> None:
    page = client.get("/kategorier/").content.decode()
    assert 'href="/import/"' in page and 'href="/kategorier/" aria-current="page"' in page
