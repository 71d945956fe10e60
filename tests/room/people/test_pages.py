"""The people pages: who reaches them, and what was typed is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people import services
from samverkan.foundation.people.models import Invitation, Membership, Organisation, Person

People = dict[str, Actor]
Browser = Callable[[str], Client]


def _addresses() -> list[str]:
    person = Person.objects.get(email="skola@exempel.test")
    seat = Membership.objects.get(person=person)
    return [
        "/personer/",
        "/personer/?q=kfast&sortera=-organisation&role=est_reporter&ended=1",
        "/personer/?role=nonsense&sida=999&sortera=nonsense",
        "/personer/organisationer/",
        "/personer/organisationer/?sortera=-seats&kind=school",
        f"/personer/organisationer/{seat.organisation.public_id}/",
        f"/personer/{person.public_id}/",
    ]


def _managed() -> list[str]:
    seat = Membership.objects.get(person__email="skola@exempel.test")
    return [
        "/personer/bjud-in/",
        "/personer/inbjudningar/",
        "/personer/organisationer/ny/",
        f"/personer/poster/{seat.public_id}/ersattare/",
    ]


@pytest.mark.parametrize("code", ["samordnare", "administrator"])
def test_who_manages_sees_every_page(browser_of: Browser, code: str) -> None:
    client = browser_of(code)
    for path in [*_addresses(), *_managed()]:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("code", ["granskare", "revisor"])
def test_who_only_sees_changes_nothing(browser_of: Browser, code: str) -> None:
    client = browser_of(code)
    for path in _addresses():
        page = client.get(path)
        assert page.status_code == 200 and "bjud-in" not in page.content.decode(), path
    for path in _managed():
        assert client.get(path).status_code == 403, path
    organisation = Organisation.objects.get(name="Kfast")
    answer = client.post(
        f"/personer/organisationer/{organisation.public_id}/", {"name": "Annat", "kind": "school", "version": 1}
    )
    assert answer.status_code == 403
    organisation.refresh_from_db()
    assert organisation.name == "Kfast"


@pytest.mark.parametrize("code", ["bostadsbolag", "hyresvard", "lacus", "fortroendevald"])
def test_partners_see_none_of_it(browser_of: Browser, code: str) -> None:
    client = browser_of(code)
    for path in [*_addresses(), *_managed()]:
        assert client.get(path).status_code == 403, path


def test_what_was_typed_is_kept_when_something_is_wrong(browser_of: Browser) -> None:
    page = browser_of("samordnare").post("/personer/organisationer/ny/", {"name": "Kfast", "kind": "school"})
    assert page.status_code == 422
    assert 'value="Kfast"' in page.content.decode() and "ds-error-summary" in page.content.decode()


def test_an_invitation_is_sent_from_the_organisations_page(browser_of: Browser) -> None:
    organisation = Organisation.objects.get(name="Kfast")
    client = browser_of("samordnare")
    form = client.get(f"/personer/bjud-in/?organisation={organisation.public_id}")
    assert f'value="{organisation.public_id}" selected' in form.content.decode()
    sent = client.post(
        "/personer/bjud-in/",
        {"email": "ny@exempel.test", "organisation": str(organisation.public_id), "role": "est_reporter"},
    )
    assert sent.status_code == 302
    offer = Invitation.objects.get()
    page = client.get("/personer/inbjudningar/").content.decode()
    take_back = f"/personer/inbjudningar/{offer.public_id}/ta-tillbaka/"
    assert "ny@exempel.test" in page and take_back in page
    assert client.post(take_back).status_code == 302
    offer.refresh_from_db()
    assert offer.revoked_at is not None


def test_ending_a_seat_offers_to_undo(browser_of: Browser) -> None:
    seat = Membership.objects.get(person__email="skola@exempel.test")
    client = browser_of("samordnare")
    page = client.post(f"/personer/poster/{seat.public_id}/avsluta/", {"version": seat.version}, follow=True)
    undo = f"/personer/poster/{seat.public_id}/oppna/"
    assert undo in page.content.decode()
    client.post(undo)
    seat.refresh_from_db()
    assert seat.until_on is None


def test_a_second_change_of_an_old_page_is_refused_and_kept(people: People, browser_of: Browser) -> None:
    row = Organisation.objects.get(name="Kfast")
    services.change_organisation(
        people["administrator"], public_id=row.public_id, version=row.version, name="Kfast AB", kind=row.kind
    )
    page = browser_of("samordnare").post(
        f"/personer/organisationer/{row.public_id}/", {"name": "Kfast Nytt", "kind": row.kind, "version": row.version}
    )
    assert page.status_code == 422 and 'value="Kfast Nytt"' in page.content.decode()


def test_the_lists_stay_within_their_queries(browser_of: Browser, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = browser_of("samordnare")
    for path in ("/personer/", "/personer/organisationer/"):
        with django_assert_max_num_queries(12):
            client.get(path)
