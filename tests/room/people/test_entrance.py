"""Signing in: two steps, the demonstration's one click, and the change of seat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.people import demo
from samverkan.foundation.people.models import Membership, Person
from samverkan.foundation.people.passwords import PUBLIC_PASSWORD
from samverkan.site import demo as site_demo

People = dict[str, Actor]


def _sign_in(client: Client, code: str) -> Any:
    return client.post("/konto/login/", {"login": f"{code}@exempel.test", "password": demo.PASSWORD})


@pytest.fixture
def in_demo(settings: Any) -> None:
    settings.DEMO = True


def test_password_alone_leads_to_the_second_step(people: People) -> None:
    client = Client()
    _sign_in(client, "samordnare")
    for path in ("/", "/personer/", "/inkorg/", "/konto/password/change/", "/konto/email/"):
        answer = client.get(path)
        assert (answer.status_code, answer.get("Location")) == (302, "/konto/2fa/"), path
    assert client.get("/konto/2fa/").status_code == 200


def test_setting_up_totp_opens_the_session(fresh_db: str) -> None:
    """With real transactions: allauth tells of the second step when they commit."""
    from allauth.mfa.totp.internal import auth

    context = demo.Context()
    site_demo.load_profile(context)
    demo.load_cast(context)
    client = Client()
    _sign_in(client, "samordnare")
    page = client.get("/konto/2fa/totp/activate/")
    assert page.status_code == 200, "whoever just signed in is not asked for the password again"
    secret = page.context["form"].secret
    code = auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))
    done = client.post("/konto/2fa/totp/activate/", {"code": code})
    assert done.status_code == 302
    assert client.get("/personer/").status_code == 200
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored


def test_a_session_opened_before_the_second_step_was_set_up_is_closed(people: People) -> None:
    early = Client()
    _sign_in(early, "samordnare")
    person = Person.objects.get(email="samordnare@exempel.test")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})
    answer = early.get("/konto/2fa/")
    assert (answer.status_code, answer["Location"]) == (302, "/konto/login/")
    assert early.get("/inkorg/")["Location"].startswith("/konto/login/")


def test_the_password_does_not_suffice_once_there_is_a_second_step(people: People) -> None:
    person = Person.objects.get(email="samordnare@exempel.test")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})
    client = Client()
    assert "authenticate" in _sign_in(client, "samordnare")["Location"]
    assert client.get("/personer/")["Location"].startswith("/konto/login/")


def test_a_demonstration_signs_in_by_one_click_and_shows_the_cast(people: People, in_demo: None) -> None:
    client = Client()
    person = Person.objects.get(email="samordnare@exempel.test")
    address = f"/logga-in/demo/{person.public_id}/"
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    assert client.get("/personer/").status_code == 200


def test_a_demonstration_lets_the_cast_in_by_password_too(people: People, in_demo: None) -> None:
    client = Client()
    _sign_in(client, "samordnare")
    assert client.get("/personer/").status_code == 200


def test_outside_demonstrations_there_is_no_such_way_in(people: People) -> None:
    person = Person.objects.get(email="samordnare@exempel.test")
    client = Client()
    assert client.post(f"/logga-in/demo/{person.public_id}/").status_code == 404
    assert client.get("/inkorg/").status_code == 302


def test_the_public_password_opens_demonstrations_only(people: People, settings: Any) -> None:
    """Whatever is in the database: a demonstration's people may have come there by a restore."""
    person = Person.objects.get(email="samordnare@exempel.test")
    person.set_password(PUBLIC_PASSWORD)
    person.save()
    for is_demo in (False, True):
        settings.DEMO = is_demo
        client = Client()
        client.post("/konto/login/", {"login": person.email, "password": PUBLIC_PASSWORD})
        assert ("_auth_user_id" in client.session) == is_demo


def test_nobody_chooses_the_public_password() -> None:
    with pytest.raises(ValidationError, match="dokumentationen"):
        validate_password(PUBLIC_PASSWORD)


def test_the_demonstration_lets_nobody_real_in(people: People, in_demo: None) -> None:
    person = Person.objects.get(email="samordnare@exempel.test")
    Person.objects.filter(pk=person.pk).update(is_invented=False)
    assert Client().post(f"/logga-in/demo/{person.public_id}/").status_code == 404


def test_who_holds_two_seats_sees_one_at_a_time(people: People, browser_of: Callable[[str], Client]) -> None:
    client = browser_of("atgardsansvarig")
    first, second = Membership.objects.filter(person_id=people["atgardsansvarig"].person_id).order_by("pk")
    assert client.get("/inkorg/").wsgi_request.actor.membership_id == first.pk  # type: ignore[attr-defined]
    assert client.post("/byt-post/", {"seat": second.public_id}).status_code == 302
    assert client.get("/inkorg/").wsgi_request.actor.membership_id == second.pk  # type: ignore[attr-defined]


def test_nobody_takes_anothers_seat(people: People, browser_of: Callable[[str], Client]) -> None:
    client = browser_of("skola")
    other = Membership.objects.get(pk=people["administrator"].membership_id)
    assert client.post("/byt-post/", {"seat": other.public_id}).status_code == 404
    assert client.post("/byt-post/", {"seat": "x"}).status_code == 404


def test_a_closed_sign_in_is_closed_at_once(people: People, browser_of: Callable[[str], Client]) -> None:
    client = browser_of("skola")
    Person.objects.filter(pk=people["skola"].person_id).update(is_active=False)
    assert client.get("/inkorg/").status_code == 302
