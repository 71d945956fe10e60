"""Two change the same organisation or substitute: the second sees both, and saves again knowingly."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership, Organisation

People = dict[str, Actor]
BrowserOf = Callable[[str], Client]


def test_an_organisation_shows_both_names_and_belongings(people: People, browser_of: BrowserOf) -> None:
    row = Organisation.objects.get(name="Kfast")
    police = Organisation.objects.get(kind="police")
    address = f"/personer/organisationer/{row.public_id}/"
    sent = {"name": "Kfast", "kind": row.kind, "parent": row.parent_id or "", "controller": "", "version": row.version}
    first, second = browser_of("samordnare"), browser_of("administrator")
    assert first.post(address, sent | {"name": "Kfast AB", "parent": police.pk}).status_code == 302
    answer = second.post(address, sent | {"name": "Kfast bolag"})
    page = answer.content.decode()
    assert answer.status_code == 422 and [f.name for f in answer.context["both"].fields] == ["name", "parent"]
    assert "Sparat nu:</strong> Kfast AB (Samordnare, " in page and 'value="Kfast bolag"' in page
    assert f"Sparat nu:</strong> {police.name} (" in page
    row.refresh_from_db()
    assert row.name == "Kfast AB"
    again = sent | {"name": "Kfast bolag", "version": answer.context["form"]["version"].value()}
    assert second.post(address, again).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.parent_id) == ("Kfast bolag", None)


def test_a_substitute_shows_who_was_chosen_meanwhile(people: People, browser_of: BrowserOf) -> None:
    seat = Membership.objects.get(pk=people["bostadsbolag"].membership_id)
    stand_in = Membership.objects.get(pk=people["bostadsbolag.ersattare"].membership_id)
    assert seat.substitute_id == stand_in.pk
    address = f"/personer/poster/{seat.public_id}/ersattare/"
    sent = {"substitute": str(stand_in.public_id), "version": seat.version}
    first, second = browser_of("samordnare"), browser_of("administrator")
    assert first.post(address, sent | {"substitute": ""}).status_code == 302
    answer = second.post(address, sent)
    assert answer.status_code == 422 and "Sparat nu:</strong> inget (Samordnare, " in answer.content.decode()
    seat.refresh_from_db()
    assert seat.substitute_id is None
    assert second.post(address, sent | {"version": seat.version}).status_code == 302
    seat.refresh_from_db()
    assert seat.substitute_id == stand_in.pk
