"""No page asks the database much, however much it shows: at most 25 queries each, in the demonstration.

What each page asks stands in ``queries.txt``: one that asks more than it did fails, though it stays below the
roof. One query more is let through, since the rows that are opened are drawn anew and some have more beside them.
``SAMVERKAN_WRITE_MATRIX=1`` writes the file anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.domain.est.models import AlarmRun, EstWeek
from samverkan.foundation.access import SIGNED_IN
from samverkan.foundation.people.services import home
from tests.harness.database import TestDatabases
from tests.harness.demo import loaded
from tests.harness.people import client_for
from tests.harness.routes import make_rows, routes

MOST = 25
BASELINE = Path(__file__).parent / "queries.txt"
#: The first of these who may see a page opens it, and partners open what they share with others.
ORDER = ("samordnare", "administrator", "dataskyddsombud", "hyresvard")

#: An answer of the search for what is starting, so that the pages need not ask for it to be run.
_NOTHING_FOUND = {
    "clusters": [],
    "notes": [],
    "replicates": 999,
    "seed": 1,
    "events": 0,
    "places": 0,
    "first_day": "2026-10-26",
    "last_day": "2026-11-22",
}


def _counted(demo: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Queries, pattern and person of every page, the second time it is opened."""
    rows = make_rows(demo)
    for first in EstWeek.objects.values_list("first", flat=True):
        AlarmRun.objects.get_or_create(
            week=first, defaults={"controller": home, "enough": False, "result": _NOTHING_FOUND}
        )
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
    return counted


def test_every_page_asks_little(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> None:
    """As in operation: what is committed is kept in the process, so no transaction around it all."""
    with django_db_blocker.unblock(), loaded(databases) as database, database.in_use() as demo:
        counted = _counted(demo)
    assert len(counted) > 50
    assert [row for row in counted if row[0] > MOST] == []
    asked = {f"{pattern} {code}": number for number, pattern, code in counted}
    if os.environ.get("SAMVERKAN_WRITE_MATRIX"):
        width = max(map(len, asked)) + 2
        BASELINE.write_text("".join(f"{page:<{width}}{asked[page]:>3}\n" for page in sorted(asked)), "utf-8")
    before = {page: int(number) for page, number in (row.rsplit(None, 1) for row in BASELINE.read_text().splitlines())}
    assert asked.keys() == before.keys(), "pages have come or gone; see this module's first lines"
    more = [f"{page}: {asked[page]}, was {before[page]}" for page in asked if asked[page] > before[page] + 1]
    assert more == [], "pages ask the database more than before; see this module's first lines"
