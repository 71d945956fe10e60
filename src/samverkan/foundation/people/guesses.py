"""Wrong passwords and codes: how many are tried, and whom that stops.

Three counts hold a stranger back, each over the time that has just passed: what one network may try at
one account in an hour, what one network may try at all accounts in an hour, and what all networks
together may try at one account in a day. Passwords and codes are counted apart.

A browser that the person has signed in from before carries a signed cookie that says so (the device
cookies of OWASP: Slow Down Online Guessing Attacks with Device Cookies). It is counted by itself, so
that strangers, who fill the other three, cannot keep the person out. Nor can they stop a passkey, which
is never counted since nobody guesses it, or whoever has just chosen a new password by a link in their
mail. The cookie opens nothing: password and second step are asked for as always.

Counts are kept for all processes together (``attempts``), under keyed hashes. An attempt is counted
before it is tried and given back when it was right, so that any number at once get no more tries.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
import unicodedata
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_reset
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .. import events, municipality
from .attempts import SharedCache
from .models import Person

HOUR, DAY = 3600, 86400
_SALT = "samverkan.people.guesses"
#: Set in the session of who chose a new password by the link in their mail: the person's public id.
_BY_MAIL = "samverkan_known_by_mail"
#: A browser that many share knows those who used it last.
_MOST_PEOPLE = 20
_BROWSER = "browser"

municipality.declare(
    "people.guesses_hour",
    int,
    10,
    _(
        "How many wrong passwords or codes may be tried at one account in an hour, from one network or from one browser "
        "that the person has used before. A lower number makes guessing slower and mistakes costlier."
    ),
    name=_("Wrong attempts in an hour"),
    least=3,
    most=100,
    needs="settings.operate",
)
municipality.declare(
    "people.guesses_day",
    int,
    100,
    _(
        "How many wrong passwords or codes may be tried at one account in a day by all strangers together. After that "
        "the person gets in by a passkey, from a browser used before, or by choosing a new password by mail."
    ),
    name=_("Strangers' wrong attempts in a day"),
    least=10,
    most=1000,
    needs="settings.operate",
)
municipality.declare(
    "people.guesses_network",
    int,
    100,
    _(
        "How many wrong passwords or codes may be tried at all accounts together in an hour from one network. Everybody "
        "in an office may share one."
    ),
    name=_("A network's wrong attempts in an hour"),
    least=10,
    most=10_000,
    needs="settings.operate",
)
municipality.declare(
    "people.guesses_told",
    int,
    10,
    _("How many wrong attempts strangers make in a day before the person is told, once a day."),
    name=_("Wrong attempts before the person is told"),
    least=1,
    most=1000,
    needs="settings.operate",
)
municipality.declare(
    "people.browser_days",
    int,
    180,
    _("How many days after signing in a browser counts as used before, so that strangers' attempts do not stop it."),
    name=_("How long a browser is remembered"),
    least=1,
    most=730,
    unit=municipality.days,
    needs="settings.operate",
)


@dataclass(frozen=True)
class Guessed:
    """Strangers have tried many wrong passwords, or codes (``codes``: they have the password), at an account."""

    person_id: int
    number: int
    codes: bool


@dataclass(frozen=True)
class Guess:
    """An attempt that may be tried. It stays counted unless it was right."""

    marks: tuple[tuple[str, str], ...]
    account: str
    person_id: int | None
    codes: bool
    by_stranger: bool

    def right(self) -> None:
        """It was no guess: give it back."""
        for key, mark in self.marks:
            _memory().give_back(key, mark)

    def wrong(self) -> None:
        """Tell the person once a day when strangers have tried many."""
        number = municipality.get("people.guesses_told")
        if (
            self.by_stranger
            and self.person_id is not None
            and _memory().count(self.account, after=time.time() - DAY) >= number
            and cache.add(f"guesses:told:{self.account}", True, DAY)
        ):
            events.publish(Guessed(self.person_id, number, self.codes))


def password(request: HttpRequest, email: str) -> Guess | None:
    """An attempt at the password of an address, or None when no more may be tried now."""
    # As allauth compares addresses, so that no other way to write one is another account's allowance.
    name = unicodedata.normalize("NFKC", email.strip()).casefold()
    person = Person.objects.filter(email=name, is_active=True).first()
    return _take(request, f"password:{name}", person, codes=False)


def code(request: HttpRequest, person: Person) -> Guess | None:
    """An attempt at the second step of whoever has given the password, or None when no more may be tried now."""
    return _take(request, f"code:{person.pk}", person, codes=True)


def remember(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """The browser that gets the answer has been signed in from."""
    cookie = _cookie(request)
    people = {key: at for key, at in cookie.get("people", {}).items() if key != person.public_id.hex}
    last = sorted(people, key=lambda key: people[key])[-(_MOST_PEOPLE - 1) :]
    known = {key: people[key] for key in last} | {person.public_id.hex: int(time.time())}
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps({_BROWSER: cookie.get(_BROWSER) or secrets.token_hex(8), "people": known}, salt=_SALT),
        max_age=municipality.get("people.browser_days") * DAY,
        path="/konto/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def connect() -> None:
    """Follow who chooses a new password by the link in their mail."""
    password_reset.connect(_by_mail, dispatch_uid="people.guesses.by_mail")


def _by_mail(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    request.session[_BY_MAIL] = user.public_id.hex


def _take(request: HttpRequest, account: str, person: Person | None, *, codes: bool) -> Guess | None:
    an_hour, a_day = municipality.get("people.guesses_hour"), municipality.get("people.guesses_day")
    browser = _known(request, person) if person else ""
    if browser:
        limits = [(f"{account}:{browser}", an_hour, HOUR), (f"{account}:{browser}:day", a_day, DAY)]
    else:
        network = _network(request)
        limits = [
            (f"{account}:{network}", an_hour, HOUR),
            (f"network:{network}", municipality.get("people.guesses_network"), HOUR),
            (account, a_day, DAY),
        ]
    marks: list[tuple[str, str]] = []
    for key, amount, seconds in limits:
        mark = _memory().take(key, amount=amount, seconds=seconds, at=time.time())
        if mark is None:
            for taken in marks:  # what is refused is not tried, and not counted
                _memory().give_back(*taken)
            return None
        marks.append((key, mark))
    return Guess(tuple(marks), account, person.pk if person else None, codes, not browser)


def _known(request: HttpRequest, person: Person) -> str:
    """What the browser is counted by when the person has signed in from it before, else empty."""
    if request.session.get(_BY_MAIL) == person.public_id.hex:
        return f"mail:{person.pk}"
    cookie = _cookie(request)
    signed_in_at = cookie.get("people", {}).get(person.public_id.hex, 0)
    held = municipality.get("people.browser_days") * DAY
    return f"browser:{cookie[_BROWSER]}" if time.time() - signed_in_at < held else ""


def _cookie(request: HttpRequest) -> dict[str, Any]:
    try:
        return dict(signing.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=_SALT))
    except signing.BadSignature:
        return {}


def _network(request: HttpRequest) -> str:
    """The visitor's address; of IPv6 the 64 bits that one subscriber has all of."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def _memory() -> SharedCache:
    return SharedCache("", {})
