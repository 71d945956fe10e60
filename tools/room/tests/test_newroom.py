"""Newroom: who may, who sees, two at once, what is refused, the pages, and what is disposed of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from samverkan.domain.newroom import demo, retention, selectors, services
from samverkan.domain.newroom.api import Newthing
from samverkan.foundation import clock, refs
from samverkan.foundation.access import Refused
from samverkan.foundation.people.demo import Context
from samverkan.foundation.web.errors import Conflict, Refusal

ADDRESS = "/nyadress/"


@pytest.fixture
def row(cast: Any) -> Newthing:
    return services.add(cast["samordnare"], title="Nyckeln")


def test_who_does_not_manage_changes_nothing(cast: Any, row: Newthing) -> None:
    for code in ("kommunpolis", "hyresvard", "administrator"):
        with pytest.raises(Refused):
            services.add(cast[code], title="Nej")
        with pytest.raises(Refused):
            services.change(cast[code], row=row, version=row.version, title="Nej")
        with pytest.raises(Refused):
            services.step(cast[code], row=row, version=row.version, name="close")
    assert [r.title for r in Newthing.objects.all()] == ["Nyckeln"]


def test_only_what_the_own_organisation_answers_for_is_seen(cast: Any, row: Newthing) -> None:
    assert list(selectors.newthings(cast["samordnare"])) == [row]
    assert list(selectors.newthings(cast["direktor"])) == [row], "the municipality answers for it"
    assert list(selectors.newthings(cast["kommunpolis"])) == []
    with pytest.raises(Refused):
        selectors.newthings(cast["hyresvard"])


def test_a_heading_is_asked_for_at_its_field(cast: Any, row: Newthing) -> None:
    for title in ("", "  "):
        with pytest.raises(Refusal) as refusal:
            services.change(cast["samordnare"], row=row, version=row.version, title=title)
        assert refusal.value.field == "title" and refusal.value.message


def test_two_at_once_lose_nothing(cast: Any, row: Newthing, client_for: Callable[[Any], Any]) -> None:
    services.change(cast["samordnare"], row=row, version=1, title="Den ena")
    with pytest.raises(Conflict):
        services.change(cast["samordnare"], row=row, version=1, title="Den andra")
    client, address = client_for(cast["samordnare"]), f"{ADDRESS}{row.public_id}/andra/"
    page = client.post(address, {"title": "Den andra", "version": "1"})
    shown = page.content.decode()
    assert page.status_code == 422 and "Den ena" in shown and "Den andra" in shown
    row.refresh_from_db()
    assert row.title == "Den ena"


def test_pages_from_empty_to_closed(cast: Any, client_for: Callable[[Any], Any]) -> None:
    client = client_for(cast["samordnare"])
    assert "Här finns inget än." in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}ny/", {"title": " "}).status_code == 422
    page = client.post(f"{ADDRESS}ny/", {"title": "Nyckeln"}, follow=True).content.decode()
    assert "Ändringen är sparad." in page and "Nyckeln" in page
    row = Newthing.objects.get()
    client.post(f"{ADDRESS}{row.public_id}/steg/", {"step": "close", "version": row.version})
    row.refresh_from_db()
    assert row.state == "closed" and row.closed_at
    assert "Avslutad" in client.get(ADDRESS).content.decode()
    client.post(f"{ADDRESS}{row.public_id}/steg/", {"step": "reopen", "version": row.version})
    row.refresh_from_db()
    assert row.state == "open" and row.closed_at is None
    assert client.get(f"{ADDRESS}{uuid4()}/").status_code == 404
    assert client_for(cast["kommunpolis"]).get(f"{ADDRESS}{row.public_id}/").status_code == 404


def test_search_and_links_tell_only_what_one_may_see(cast: Any, row: Newthing) -> None:
    assert [hit.title for hit in selectors.hits(cast["samordnare"], "nyck")] == ["Nyckeln"]
    assert selectors.hits(cast["kommunpolis"], "nyck") == selectors.hits(cast["hyresvard"], "nyck") == []
    ref = refs.Ref("newthing", row.public_id)
    assert refs.resolve(cast["samordnare"], ref)
    assert refs.resolve(cast["kommunpolis"], ref) is None


def test_what_was_closed_long_ago_is_disposed_of(cast: Any) -> None:
    demo.load(Context(cast=dict(cast)))
    tomorrow = clock.today() + timedelta(days=1)
    assert retention.due(clock.today()) == 0
    assert retention.due(tomorrow) == 1
    assert retention.dispose(tomorrow) == 1
    assert Newthing.objects.count() == 2 and retention.due(tomorrow) == 0
