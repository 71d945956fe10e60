"""Every address that can be read, with parameters nobody thought of: refused or answered, never broken."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import samverkan
from samverkan.domain.picture import filters
from samverkan.foundation.access import Actor
from tests.attack import hostile
from tests.harness.people import client_for
from tests.harness.routes import Route, make_rows, routes

_READ = re.compile(r'(?:GET|POST|parameters|data)\.(?:get|getlist)\("([a-z_]+)"')
_FIELD = re.compile(r"^    ([a-z_]+) = (?:forms\.)?\w*(?:Field|Choice|Photos)\(", re.M)
#: Who reads most, and who reads least.
CODES = ("samordnare", "administrator", "hyresvard", "kommunpolis")


def _parameters() -> list[str]:
    """The names of all parameters that the code reads."""
    found = set(filters.NAMES)
    for path in Path(samverkan.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        found.update(_READ.findall(text))
        if path.name.endswith("forms.py"):
            found.update(_FIELD.findall(text))
    return sorted(found)


PARAMETERS = _parameters()
_values = st.one_of(
    st.sampled_from(hostile.VALUES),
    st.sampled_from(("1", "2026-W47", "2026-11-23", "nyhet", "event", "week", "hexagon", "name", "-name", "")),
    st.text(max_size=40),
    st.integers().map(str),
    st.dates().map(str),
    st.uuids().map(str),
)
_queries = st.lists(st.tuples(st.sampled_from(PARAMETERS), _values), min_size=1, max_size=5)


def _send(client: Client, address: str, query: list[tuple[str, str]]) -> Any:
    data: dict[str, list[str]] = {}
    for name, value in query:
        data.setdefault(name, []).append(value.encode("utf-8", "replace").decode())
    return client.get(address, data)


def _breaks(client: Client, address: str, query: list[tuple[str, str]]) -> str | None:
    answer = _send(client, address, query)
    if answer.status_code >= 500:
        return f"{answer.status_code} {address} {query!r}"
    is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
    if is_page and hostile.would_run(answer.content.decode("utf-8", "replace")):
        return f"runs: {address} {query!r}"
    return None


def _readable(demo: dict[str, Actor]) -> tuple[list[tuple[Route, str]], list[Client]]:
    rows = make_rows(demo)
    clients = [client_for(demo[code]) for code in CODES]
    for client in clients:
        client.raise_request_exception = False
    return [(route, rows.address(route)) for route in routes() if route.name != "account_logout"], clients


def _fuzz(demo: dict[str, Actor], undone: Callable[..., Any], examples: int, number: int) -> None:
    """As many questions, drawn with a seed of their own."""
    addresses, clients = _readable(demo)

    @seed(number)
    @settings(max_examples=examples, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([a for _r, a in addresses]), st.sampled_from(clients), _queries)
    def attack(address: str, client: Client, query: list[tuple[str, str]]) -> None:
        assert undone(lambda: _breaks(client, address, query)) is None

    attack()


def test_the_parameters_are_found() -> None:
    assert {"sida", "sortera", "q", "from", "to", "steg", "vecka", "som"} <= set(PARAMETERS)


def test_no_parameter_breaks_a_page(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], tried: Counter[str]
) -> None:
    _fuzz(demo, undone, 200, 0)
    tried["hostile questions to pages"] += 200


@pytest.mark.long
@pytest.mark.parametrize("part", range(1, 5))
def test_ten_thousand_questions_break_no_page(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], part: int, tried: Counter[str]
) -> None:
    """In parts, so that processes share them."""
    _fuzz(demo, undone, 2_500, part)
    tried["hostile questions to pages"] += 2_500


@pytest.mark.parametrize("parameter", ["q", "where", "rad"])
def test_what_is_asked_for_by_a_nul_does_not_exist(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], parameter: str
) -> None:
    """These are read as they come, without a form: by the search, the suggestions of places, the log."""
    addresses, clients = _readable(demo)
    for client in (clients[0], clients[1]):
        for _route, address in addresses:
            assert undone(lambda: client.get(address, {parameter: "a\x00b"})).status_code in {302, 403, 404}  # noqa: B023
    found = undone(lambda: clients[0].get("/sok/", {parameter: "a\x00b"}))
    assert found.status_code == 404 and "Sidan finns inte" in found.content.decode()


def test_each_page_bears_its_own_parameters_with_hostile_values(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any]
) -> None:
    """The fields of each page's own search and filters, each with one of the values; the seed is fixed."""
    dice = random.Random(7341)
    addresses, clients = _readable(demo)
    broken = []
    for _route, address in addresses:
        page = undone(lambda: clients[0].get(address))  # noqa: B023 (called at once)
        if page.streaming or not page.get("Content-Type", "").startswith("text/html"):
            continue
        asked = {
            name
            for form in hostile.forms_of(page.content.decode())
            if form.method == "get"
            for name in (*form.values, *form.choices)
        }
        for name in sorted(asked | {"sida", "sortera"}):
            value = dice.choice(hostile.VALUES)
            found = undone(lambda: _breaks(clients[0], address, [(name, value)]))  # noqa: B023
            if found:
                broken.append(found)
    assert broken == []


def test_identities_in_addresses_may_be_anything(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any]
) -> None:
    """Weeks before and after all weeks, numbers beyond the database, tokens of nobody, other rooms' rows."""
    rows = make_rows(demo)
    client = client_for(demo["samordnare"])
    client.raise_request_exception = False
    filled = {route.name: rows.values(route) or {} for route in routes()}
    identities = {str(found["public_id"]) for found in filled.values() if "public_id" in found}
    tried = {
        "week": hostile.DAYS,
        "number": ("0", "2147483648", "9" * 30),
        "pk": ("0", "9223372036854775808"),
        "token": ("x", "a:b:c", ".eJw:1:x", "%00", "A" * 3000),
        "key": ("x", "set-password", "a-b", "A" * 3000),
        "uidb36": ("0", "zzzzzzzzzzzzz", "1"),
        "form": ("pdf", "exe", "csv", "%00", "x" * 300),
        "code": ("x", "-", "a" * 300),
        "public_id": (*sorted(identities)[:2], hostile.IDENTITIES[0]),
        "seat": (*sorted(identities)[:2], hostile.IDENTITIES[0]),
    }
    broken = []
    unknown = sorted({p for route in routes() for p in route.parameters} - set(tried))
    assert unknown == [], "say what is tried in these parts of addresses"
    for route in routes():
        for parameter in route.parameters:
            for value in tried[parameter]:
                before = filled[route.name][parameter]
                address = rows.address(route).replace(f"/{before}", f"/{value}".replace("\n", "%0A"), 1)
                for method in (client.get, client.post):
                    answer = undone(lambda: method(address))  # noqa: B023
                    if answer.status_code >= 500:
                        broken.append(f"{answer.status_code} {method.__name__} {address}")
    assert broken == []
