"""Invitations: offered, accepted, taken back, expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from samverkan.foundation import clock, jobs
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.files import retention
from samverkan.foundation.people import invitations
from samverkan.foundation.people.models import Invitation, Membership, Organisation, Person
from samverkan.foundation.web.errors import Refusal

People = dict[str, Actor]
PASSWORD = "sju lugna granar"


@pytest.fixture
def offer(people: People) -> Invitation:
    return invitations.invite(
        people["samordnare"],
        email="Ny@Exempel.test",
        organisation=Organisation.objects.get(name="Kfast"),
        role="est_reporter",
        function="Rapportör",
    )


def test_the_mail_carries_the_link_and_the_queue_does_not(offer: Invitation) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    token = invitations.token_of(offer)
    assert token not in str(list(ProcrastinateJob.objects.values()))
    assert token not in str(list(Invitation.objects.values()))
    jobs.run_pending()
    [message] = mail.outbox
    assert message.to == ["ny@exempel.test"] and f"/inbjudan/{token}/" in message.body
    assert "Rapportör" not in message.body and "Kfast" not in message.body


def test_a_new_person_accepts_and_signs_in(offer: Invitation) -> None:
    address = f"/inbjudan/{invitations.token_of(offer)}/"
    client = Client()
    page = client.get(address)
    assert page.status_code == 200 and page["Referrer-Policy"] == "same-origin", "the address is the secret"
    weak = client.post(address, {"name": "Ny", "password": "kort"})
    assert weak.status_code == 422 and 'value="Ny"' in weak.content.decode()
    done = client.post(address, {"name": "Ny", "password": PASSWORD})
    assert done.status_code == 302 and done["Location"] == "/konto/login/"
    seat = Membership.objects.get(person__email="ny@exempel.test")
    assert (seat.role, seat.function, seat.organisation.name) == ("est_reporter", "Rapportör", "Kfast")
    assert client.get(address).status_code == 404
    signed_in = client.post("/konto/login/", {"login": "ny@exempel.test", "password": PASSWORD})
    assert signed_in.status_code == 302
    led = client.get("/personer/")
    assert led.status_code == 302 and led["Location"] == "/konto/2fa/"


def test_whoever_has_an_account_accepts_when_signed_in(people: People, browser_of) -> None:  # type: ignore[no-untyped-def]
    offer = invitations.invite(
        people["samordnare"],
        email="skola@exempel.test",
        organisation=Organisation.objects.get(name="Kfast"),
        role="member",
        function="",
    )
    address = f"/inbjudan/{invitations.token_of(offer)}/"
    stranger = Client()
    assert f"/konto/login/?next={address}" in stranger.get(address).content.decode()
    assert stranger.post(address, {"name": "Y", "password": PASSWORD}).status_code == 422
    other = browser_of("centrum")
    assert other.post(address).status_code == 422
    assert Membership.objects.filter(role="member", person__email="skola@exempel.test").count() == 0
    browser_of("skola").post(address)
    assert Membership.objects.filter(role="member", person__email="skola@exempel.test").count() == 1


def test_a_link_taken_back_no_longer_works(people: People, offer: Invitation) -> None:
    token = invitations.token_of(offer)
    invitations.revoke(people["samordnare"], public_id=offer.public_id)
    assert invitations.find(token) is None
    with pytest.raises(Refusal):
        invitations.accept(token=token, name="Ny", password=PASSWORD)
    jobs.run_pending()
    assert mail.outbox == []


def test_a_link_expires(offer: Invitation) -> None:
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert Client().get(f"/inbjudan/{invitations.token_of(offer)}/").status_code == 404


def test_inviting_again_replaces_the_open_offer(people: People, offer: Invitation) -> None:
    again = invitations.invite(
        people["samordnare"], email=offer.email, organisation=offer.organisation, role=offer.role, function="Annan"
    )
    assert invitations.find(invitations.token_of(offer)) is None
    assert invitations.find(invitations.token_of(again)) is not None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "åäö", "../../x"])
def test_guessed_links_lead_nowhere(people: People, token: str) -> None:
    assert invitations.find(token) is None


def test_a_coordinator_cannot_invite_an_administrator(people: People) -> None:
    with pytest.raises(Refused):
        invitations.invite(
            people["samordnare"],
            email="ny@exempel.test",
            organisation=Organisation.objects.get(is_home=True),
            role="administrator",
            function="",
        )


@pytest.mark.parametrize("email", ["samordnare@exempel.test", "bostadsbolag@exempel.test"])
def test_one_invites_neither_oneself_nor_who_already_sits(people: People, email: str) -> None:
    with pytest.raises(Refusal):
        invitations.invite(
            people["samordnare"],
            email=email,
            organisation=Organisation.objects.get(name="Kfast"),
            role="est_reporter",
            function="",
        )


def test_unused_invitations_are_disposed_of_after_their_time(offer: Invitation) -> None:
    Invitation.objects.update(expires_at=clock.now() - timedelta(days=89))
    assert {row.key: row.count for row in retention.due()}["invitations"] == 0
    Invitation.objects.update(expires_at=clock.now() - timedelta(days=92))
    retention.run()
    assert not Invitation.objects.exists() and Person.objects.exists()
