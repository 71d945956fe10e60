"""Who guesses, and whom that must not stop: strangers from many addresses, and the coordinator meanwhile."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail, signing
from django.db import connection
from django.test import Client

from samverkan.foundation import jobs
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.municipality import settings as municipality
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.people import demo, guesses
from samverkan.foundation.people.adapter import MFAAdapter
from samverkan.foundation.people.models import Person

EMAIL = "samordnare@exempel.test"
SECRET = "JBSWY3DPEHPK3PXP" * 2
DAY = 86400


class Time:
    """The guesses' and allauth's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        return self.now

    def code(self, steps: int = 0) -> str:
        """The app's code, so many periods from now."""
        return totp.format_hotp_value(totp.hotp_value(SECRET, int(self.now) // 30 + steps))


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(guesses, "time", clock)
    monkeypatch.setattr(totp, "time", clock)
    return clock


@pytest.fixture
def coordinator(cast: dict[str, Actor], settings: Any) -> Iterator[Person]:
    """The coordinator, who uses an app for the second step. Hashing is made quick: guesses are counted, not timed."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    person = Person.objects.get(email=EMAIL)
    person.set_password(demo.PASSWORD)
    person.save()
    Authenticator.objects.create(user=person, type="totp", data={"secret": MFAAdapter().encrypt(SECRET)})
    yield person


def _password(client: Client, password: str, *, email: str = EMAIL, address: str = "192.0.2.1") -> Any:
    return client.post("/konto/login/", {"login": email, "password": password}, REMOTE_ADDR=address)


def _code(client: Client, code: str, address: str = "192.0.2.1") -> Any:
    return client.post("/konto/2fa/authenticate/", {"code": code}, REMOTE_ADDR=address)


def _signs_in(client: Client, moved: Time, address: str = "192.0.2.1") -> bool:
    """Whether the right password and code let somebody in."""
    moved.now += 120  # a code is used once
    if _password(client, demo.PASSWORD, address=address).get("Location", "") != "/konto/2fa/authenticate/":
        return False
    _code(client, moved.code(), address)
    return bool(client.get("/inkorg/", REMOTE_ADDR=address).status_code == 200)


def _signs_out(client: Client) -> None:
    client.post("/konto/logout/")


def _is_tried(answer: Any) -> bool:
    """Whether a password or code was looked at, right or wrong."""
    if answer.status_code == 302:
        return True
    codes = {error.code for errors in answer.context["form"].errors.as_data().values() for error in errors}
    assert codes <= {"too_many_login_attempts", "email_password_mismatch", "incorrect_code"}, codes
    return "too_many_login_attempts" not in codes


def _fill(n: int = 10) -> None:
    """Strangers use up what they may try of passwords at the account."""
    assert all(_is_tried(_password(Client(), f"fel-{k}", address=_address(k))) for k in range(n))


@pytest.fixture
def tight(coordinator: Person) -> None:
    """Lower limits, so that they are met soon."""
    for key, value in (("hour", 3), ("day", 10), ("network", 20), ("told", 5)):
        municipality.put(SYSTEM, key=f"people.guesses_{key}", value=value)


def _address(n: int) -> str:
    return f"198.51.{n // 250}.{n % 250}"


def _attacked(moved: Time, an_hour: int) -> tuple[int, int, bool]:
    """A day of guessing, each from another address, while the coordinator signs in every hour from the usual browser.

    Gives how many guesses were tried, how often the coordinator got in, and whether a new browser did at the end.
    """
    own, stranger = Client(), Client()
    assert _signs_in(own, moved), "the browser becomes known before the attack"
    begins, tried, signed_in = moved.now, 0, 0
    for hour in range(24):
        for n in range(an_hour):
            moved.now = begins + hour * 3600 + n
            tried += _is_tried(_password(stranger, f"fel-{hour}-{n}", address=_address(hour * an_hour + n)))
        _signs_out(own)
        signed_in += _signs_in(own, moved)
    return tried, signed_in, _signs_in(Client(), moved)


@pytest.mark.long
def test_a_thousand_addresses_try_a_hundred_a_day_and_the_coordinator_signs_in(
    coordinator: Person, moved: Time, tried: Counter[str]
) -> None:
    """With the limits that nobody has set: as a whole, what an attacker and the coordinator meet."""
    looked_at, signed_in, new = _attacked(moved, 42)
    print(
        f"of 1,008 guesses from as many addresses {looked_at} were looked at; "
        f"the coordinator signed in {signed_in} times of 24"
    )
    assert (looked_at, signed_in) == (100, 24)
    tried["guesses at one account from 1,000 addresses"] += 1_008
    assert not new, "a browser never used before is held back with the strangers"


def test_strangers_share_what_may_be_tried_and_the_coordinator_signs_in(tight: None, moved: Time) -> None:
    assert _attacked(moved, 2) == (10, 24, False)
    moved.now += DAY
    assert _signs_in(Client(), moved), "it is over when the guessing is"


def test_every_way_to_write_the_address_is_one_account(tight: None, moved: Time) -> None:
    """allauth compares addresses without case and form, so that ſ is s; each would else have an allowance."""
    ways = [EMAIL, EMAIL.upper(), f" {EMAIL}", EMAIL.replace("samord", "ſamord")]
    tried = sum(_is_tried(_password(Client(), "fel", email=ways[n % 4], address=_address(n))) for n in range(16))
    assert tried == 10


def test_one_network_and_one_account(tight: None, moved: Time) -> None:
    assert sum(_is_tried(_password(Client(), f"fel-{n}")) for n in range(5)) == 3
    assert not _is_tried(_password(Client(), demo.PASSWORD)), "the right password is not told from a wrong one"
    assert _signs_in(Client(), moved, address="192.0.2.2"), "others are not held back by it"
    moved.now += 3601
    assert _signs_in(Client(), moved)


def test_one_network_and_many_accounts(tight: None, moved: Time) -> None:
    tried = sum(_is_tried(_password(Client(), "Sommar2026!!", email=f"n{n}@exempel.test")) for n in range(24))
    assert tried == 20
    assert not _signs_in(Client(), moved)


def test_a_subscribers_ipv6_addresses_are_one_network(tight: None, moved: Time) -> None:
    tried = sum(_is_tried(_password(Client(), f"fel-{n}", address=f"2001:db8:0:7::{n:x}")) for n in range(1, 6))
    assert tried == 3
    assert _is_tried(_password(Client(), "fel", address="2001:db8:0:8::1"))


def test_a_known_browser_in_other_hands_guesses_no_faster(tight: None, moved: Time) -> None:
    thief = Client()
    assert _signs_in(thief, moved)
    _signs_out(thief)
    tried = []
    for _hour in range(5):
        moved.now += 3600
        tried.append(sum(_is_tried(_password(thief, "fel", address=_address(n))) for n in range(4)))
    assert tried == [3, 3, 3, 1, 0]
    assert _signs_in(Client(), moved, address="192.0.2.9"), "nor does it stop anybody else"


def test_a_stolen_session_guesses_the_password_no_faster(tight: None, moved: Time, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"change_password": ""}  # of allauth: 7,200 a day
    client, new = Client(), {"password1": "ett helt nytt ord", "password2": "ett helt nytt ord"}
    assert _signs_in(client, moved)

    def changed(password: str) -> Any:
        return client.post("/konto/password/change/", {"oldpassword": password} | new, REMOTE_ADDR="192.0.2.1")

    def is_tried(answer: Any) -> bool:
        [error] = answer.context["form"].errors.as_data()["oldpassword"]
        return bool(error.code != "too_many_login_attempts")

    assert [is_tried(changed(f"fel-{n}")) for n in range(6)] == [True] * 3 + [False] * 3
    assert not is_tried(changed(demo.PASSWORD)), "nor the right one, or it would be found by its answer"
    _signs_out(client)
    assert not _is_tried(_password(client, "fel")), "and what was tried there is not tried again at sign-in"
    moved.now += 3601
    assert _signs_in(client, moved)
    assert changed(demo.PASSWORD).status_code == 302


def test_the_cookie_serves_nobody_else_and_cannot_be_forged(
    tight: None, coordinator: Person, moved: Time, settings: Any
) -> None:
    colleague, name = Client(), settings.KNOWN_BROWSER_COOKIE_NAME
    colleague.post("/konto/login/", {"login": "skola@exempel.test", "password": demo.PASSWORD})
    cookie = colleague.cookies[name]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/konto/"
    assert "exempel" not in str(signing.loads(cookie.value, salt="samverkan.people.guesses"))
    _fill()
    for value in (cookie.value, cookie.value[:-1] + "x", "", "{}"):
        browser = Client()
        browser.cookies[name] = value
        assert not _is_tried(_password(browser, demo.PASSWORD)), value
    assert signing.loads(cookie.value, salt="samverkan.people.guesses")["people"].keys() != {coordinator.public_id.hex}


def test_a_browser_not_used_for_long_is_a_stranger(tight: None, moved: Time) -> None:
    own = Client()
    assert _signs_in(own, moved)
    _signs_out(own)
    moved.now += 181 * DAY
    _fill()
    assert not _signs_in(own, moved)


def test_a_shared_browser_knows_all_who_used_it(tight: None, moved: Time) -> None:
    shared = Client()
    assert _signs_in(shared, moved)
    _signs_out(shared)
    shared.post("/konto/login/", {"login": "skola@exempel.test", "password": demo.PASSWORD})
    _signs_out(shared)
    _fill()
    assert _signs_in(shared, moved)


def test_whoever_knows_the_password_cannot_keep_the_person_from_the_second_step(
    tight: None, coordinator: Person, moved: Time
) -> None:
    own, thief = Client(), Client()
    assert _signs_in(own, moved)
    _signs_out(own)
    tried = 0
    for n in range(14):
        moved.now += 1
        _password(thief, demo.PASSWORD, address=_address(n))
        tried += _is_tried(_code(thief, "000000", _address(n)))
    assert tried == 10
    assert _signs_in(own, moved)
    jobs.run_pending()
    assert [row.template for row in Notice.objects.filter(membership__person=coordinator)] == ["people.guessed_code"]


def test_the_person_is_told_once_a_day_and_the_mail_says_nothing(tight: None, coordinator: Person, moved: Time) -> None:
    for n in range(14):
        _password(Client(), f"fel-{n}", address=_address(n))
        if n == 3:
            jobs.run_pending()
            assert not Notice.objects.exists()
    jobs.run_pending()
    notice = Notice.objects.get()
    assert notice.membership.person_id == coordinator.pk
    assert notice.data == {"number": 5}
    (sent,) = mail.outbox
    assert sent.to == [EMAIL] and not re.search(r"lösenord|gissa|försök|\b5\b", sent.subject + sent.body)
    own = Client()
    moved.now += DAY
    assert _signs_in(own, moved)
    assert "Minst 5 felaktiga lösenord" in own.get("/inkorg/").content.decode()
    assert own.get(f"/inkorg/{notice.public_id}/")["Location"] == "/konto/2fa/"


def test_nobody_is_told_of_an_account_that_is_not_there(tight: None, moved: Time) -> None:
    for n in range(12):
        _password(Client(), f"fel-{n}", email="finns.inte@exempel.test", address=_address(n))
    assert jobs.run_pending() == 0


def test_a_new_password_by_mail_lets_a_new_browser_in_during_the_attack(tight: None, moved: Time) -> None:
    _fill()
    browser = Client()
    assert not _signs_in(browser, moved)
    browser.post("/konto/password/reset/", {"email": EMAIL})
    link = re.search(r"/konto/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert link
    page = browser.get(link[0], follow=True)
    new = "ett-helt-nytt-losenord-7"
    browser.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert _password(browser, new)["Location"] == "/konto/2fa/authenticate/"
    assert not _is_tried(_password(Client(), new, address="192.0.2.200")), "strangers are held back as before"


def test_mail_of_new_passwords_does_not_fill_anybodys_box(coordinator: Person, moved: Time) -> None:
    for n in range(6):
        Client().post("/konto/password/reset/", {"email": EMAIL}, REMOTE_ADDR=_address(n))
    assert len(mail.outbox) == 3


def test_strangers_on_ones_network_do_not_stop_a_passkey(coordinator: Person, moved: Time) -> None:
    answers = {Client().post("/konto/2fa/webauthn/login/", {"credential": "{}"}).status_code for _n in range(12)}
    assert answers == {302}
    asked = Client().get("/konto/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert asked.status_code == 200 and "request_options" in asked.json()


@pytest.mark.parametrize(("steps", "lets_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_second_step_has_the_same_tolerance_at_set_up_as_at_sign_in(
    coordinator: Person, moved: Time, steps: int, lets_in: bool
) -> None:
    """A phone's clock may be a period off, both times."""
    client = Client()
    _password(client, demo.PASSWORD)
    assert (_code(client, moved.code(steps)).status_code == 302) is lets_in
    Authenticator.objects.all().delete()
    new = Client()
    _password(new, demo.PASSWORD)
    new.get("/konto/2fa/totp/activate/")
    session = new.session
    session[totp.SECRET_SESSION_KEY] = SECRET
    session.save()
    moved.now += 300
    answer = new.post("/konto/2fa/totp/activate/", {"code": moved.code(steps)})
    assert (answer.status_code == 302) is lets_in


def test_a_code_is_used_once_for_as_long_as_it_is_right(coordinator: Person, moved: Time) -> None:
    """allauth remembers it for one period; with a tolerance of one it is right for three."""
    early = moved.code(1)
    first = Client()
    _password(first, demo.PASSWORD)
    assert _code(first, early).status_code == 302
    with connection.cursor() as cursor:  # the memory's own clock, half a minute later
        cursor.execute("UPDATE people_remembered SET expires_at = expires_at - interval '31 seconds'")
    moved.now += 31
    again = Client()
    _password(again, demo.PASSWORD)
    assert _code(again, early).status_code == 200
