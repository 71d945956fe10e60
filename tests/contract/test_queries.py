"""No page asks the database much, however much it shows: at most 25 queries each, in the demonstration."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.foundation.access import SIGNED_IN, Actor
from tests.harness.people import client_for
from tests.harness.routes import make_rows, routes

MOST = 25
#: The first of these who may see a page opens it, and partners open what they share with others.
ORDER = ("samordnare", "administrator", "dataskyddsombud", "hyresvard")


def test_every_page_asks_little(demo: dict[str, Actor]) -> None:
    rows = make_rows(demo)
    clients = {code: client_for(demo[code]) for code in ORDER}
    counted: list[tuple[int, str, str]] = []
    for route in routes():
        if route.pattern.startswith(("/konto/", "/stil/")) or route.needs is None:
            continue
        allowed = [
            c for c in ORDER if route.needs == SIGNED_IN or (route.needs != "public" and demo[c].may(route.needs))
        ]
        for code in dict.fromkeys([*allowed[:1], *allowed[-1:]]):
            address = rows.address(route)
            clients[code].get(address)  # what is looked up once per process is not the page's
            with CaptureQueriesContext(connection) as queries:
                answer = clients[code].get(address)
            if answer.status_code == 200:
                counted.append((len(queries), route.pattern, code))
    counted.sort(reverse=True)
    print("\n" + "\n".join(f"{number:>4}  {pattern:<50} {code}" for number, pattern, code in counted[:20]))
    assert len(counted) > 50
    assert [row for row in counted if row[0] > MOST] == []
