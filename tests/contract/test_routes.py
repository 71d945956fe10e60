"""Every address × everyone: who reaches what, and that nothing breaks.

The answers stand in ``matrix.txt``, so that a change of who reaches what is seen in the change that
makes it. Written anew by ``SAMVERKAN_WRITE_MATRIX=1 pytest tests/contract/test_routes.py``.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from samverkan.foundation import access, registries
from samverkan.foundation.access import PUBLIC, SIGNED_IN, Actor
from samverkan.foundation.access.roles import roles
from samverkan.foundation.people.models import Person
from samverkan.foundation.people.second_step import OPEN_ADDRESSES
from tests.harness.people import client_for
from tests.harness.routes import Route, make_rows, routes

MATRIX = Path(__file__).parent / "matrix.txt"
#: Column → code of the cast. Every role, and the partners who are no authorities.
SEATS = {
    "coord": "samordnare",
    "review": "granskare",
    "police": "kommunpolis",
    "owner": "atgardsansvarig",
    "secret": "sekreterare",
    "manage": "direktor",
    "elect": "fortroendevald",
    "member": "lacus",
    "report": "skola",
    "house": "bostadsbolag",
    "landl": "hyresvard",
    "guard": "ordningsvakt",
    "desk": "kontaktcenter",
    "dpo": "dataskyddsombud",
    "regis": "registrator",
    "admin": "administrator",
    "audit": "revisor",
}
COLUMNS = ("nobody", "half", *SEATS)
#: Where the role means nothing (the account's own pages, the pages of style, what is public): tried as these.
FEW = ("nobody", "half", "coord", "landl")


def test_every_address_is_declared() -> None:
    undeclared = [route.pattern for route in routes() if route.needs is None]
    assert undeclared == []
    known = access.registered()
    unknown = [r.pattern for r in routes() if r.needs not in (PUBLIC, SIGNED_IN) and r.needs not in known]
    assert unknown == [], "an address needs a permission that no room declares"


def test_no_address_is_there_twice() -> None:
    from samverkan.site.urls import ROOMS

    assert [room for room, n in Counter(ROOMS).items() if n > 1] == []
    names = Counter(route.name for route in routes())
    assert [name for name, n in names.items() if n > 1] == []


def test_every_role_has_its_column() -> None:
    from samverkan.foundation.people import demo

    held = {seat[0] for player in demo.cast.all() if player.code in SEATS.values() for seat in player.seats}
    assert held == set(roles.codes())


def test_what_is_public_is_little_and_named_here() -> None:
    """A new public address is a decision."""
    public = {route.name for route in routes() if route.needs == PUBLIC}
    assert public == {
        "start",
        "healthz",
        "readyz",
        "metrics",
        "set_language",
        "set_appearance",
        "accessibility",
        "invitation",
        "demo_sign_in",
        "api:openapi-json",
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_login_webauthn",
    }


def test_permissions_are_held_by_roles_that_exist() -> None:
    for name, holders in access.registered().items():
        assert holders and holders <= set(roles.codes()), name
    needed = {route.needs for route in routes()}
    assert needed - {PUBLIC, SIGNED_IN} <= set(access.registered())


def _answer(client: Client, method: str, address: str) -> str:
    """The status, and where one is led when that is sign-in (``in``) or the second step (``2nd``)."""
    kept = dict(client.cookies)
    mark = transaction.savepoint()
    cache.clear()  # what counts how often one has tried
    try:
        # A page always posts its token; with nothing at all a form would not know that it was sent.
        response = client.get(address) if method == "get" else client.post(address, {"csrfmiddlewaretoken": "x"})
        if response.streaming:
            list(response.streaming_content)  # type: ignore[arg-type]
    finally:
        transaction.savepoint_rollback(mark)
        client.cookies.clear()
        client.cookies.update(kept)
    if response.status_code in (301, 302):
        target = urlsplit(response["Location"]).path
        if target == "/konto/login/":
            return "in"
        if target == "/konto/2fa/":
            return "2nd"
    return str(response.status_code)


def _clients(cast: dict[str, Actor]) -> dict[str, tuple[Actor, Client]]:
    half = Client()
    half.force_login(Person.objects.get(pk=cast["fritid"].person_id))
    clients = {"nobody": (access.ANONYMOUS, Client()), "half": (access.ANONYMOUS, half)}
    clients.update({column: (cast[code], client_for(cast[code])) for column, code in SEATS.items()})
    for _actor, client in clients.values():
        client.raise_request_exception = False
    return clients


def _wrong(route: Route, column: str, actor: Actor, method: str, answer: str) -> bool:
    """Whether an answer is not what the declaration says."""
    if answer.startswith("5"):
        return True
    if route.needs == PUBLIC:
        return answer in {"401", "403"}
    api = route.pattern.startswith("/api/")
    if column == "nobody":
        return answer != ("401" if api else "in")
    if column == "half":
        return route.name not in OPEN_ADDRESSES and answer != ("401" if api else "2nd")
    assert route.needs is not None
    if route.needs != SIGNED_IN and not actor.may(route.needs):
        return answer != "403"
    # Whoever holds the permission is led nowhere else. One's own rows may still be others' 404, and
    # a service may ask for more than the page that shows it.
    return answer in {"in", "401"} or (answer == "403" and method == "get" and route.needs != SIGNED_IN)


def _table(lines: dict[tuple[str, str], dict[str, str]], needs: dict[str, str]) -> str:
    wide = max(len(pattern) for pattern, _method in lines) + 1
    need = max(map(len, needs.values())) + 1
    head = f"{'address':<{wide}}{'needs':<{need}}{'':<5}" + "".join(f"{name:>7}" for name in COLUMNS)
    body = [
        f"{pattern:<{wide}}{needs[pattern]:<{need}}{method:<5}" + "".join(f"{answers[name]:>7}" for name in COLUMNS)
        for (pattern, method), answers in lines.items()
    ]
    return "\n".join([head, *body]) + "\n"


@pytest.fixture
def quiet() -> Iterator[None]:
    """Thousands of expected refusals need no lines in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_who_reaches_what(demo: dict[str, Actor], quiet: None) -> None:
    rows = make_rows(demo)
    lacking = [route.pattern for route in routes() if rows.values(route) is None]
    assert lacking == [], "say in tests/harness/routes.py which row fills these addresses"
    clients = _clients(demo)
    lines: dict[tuple[str, str], dict[str, str]] = {}
    wrong = []
    for route in routes():
        address = rows.address(route)
        for method in ("get", "post"):
            answers = dict.fromkeys(COLUMNS, "-")
            alike = route.name != "start" and (route.needs == PUBLIC or route.pattern.startswith(("/konto/", "/stil/")))
            for column, (actor, client) in clients.items():
                if alike and column not in FEW:
                    continue
                answers[column] = _answer(client, method, address)
                if _wrong(route, column, actor, method, answers[column]):
                    wrong.append(f"{method.upper()} {route.pattern} ({route.needs}) as {column}: {answers[column]}")
            lines[route.pattern, method.upper()] = answers
    table = _table(lines, {route.pattern: route.needs or "" for route in routes()})
    if os.environ.get("SAMVERKAN_WRITE_MATRIX"):
        MATRIX.write_text(table, "utf-8")
    assert wrong == []
    assert table == MATRIX.read_text("utf-8"), "who reaches what has changed; see this module's first lines"


def test_the_rail_leads_only_where_one_may_go(demo: dict[str, Actor]) -> None:
    for code, actor in demo.items():
        client = client_for(actor)
        entries = [item for group in registries.navigation.for_actor(actor) for item in group.entries]
        for item in entries:
            assert client.get(item.url).status_code == 200, f"{code}: {item.url}"
        start = client.get("/", follow=True)
        assert start.status_code == 200, code


def test_the_rail_has_no_entry_without_an_address() -> None:
    from django.urls import reverse

    for entry in registries.navigation.all():
        assert reverse(entry.url_name)
        assert registries.navigation.roles_of(entry) <= set(roles.codes()), entry.key
    for role in roles.codes():
        name = registries.start_pages.for_role(role)
        assert name is None or reverse(name)
