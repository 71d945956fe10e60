"""Looking changes nothing: a GET of any address adds, changes and takes away no row, and queues no job."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.urls import reverse

from samverkan.domain.est.models import EstWeek
from samverkan.foundation.access import PUBLIC, SIGNED_IN
from samverkan.foundation.weeks import Week
from tests.harness.database import TestDatabases
from tests.harness.demo import loaded
from tests.harness.people import client_for
from tests.harness.routes import Route, Rows, make_rows, routes

#: The first of these who may see a page opens it.
ORDER = ("samordnare", "administrator", "dataskyddsombud", "hyresvard")
#: Whoever signs out, or follows a link of their own to another seat, has done something by it.
_DO = ("/konto/",)
#: A message that is opened is read from then on, which is all that this says of it.
_READ = {"/inkorg/<uuid:public_id>/"}


def _written() -> tuple[int, int]:
    """The last entry of the change log, which the database itself writes of every table, and the last job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM audit_auditentry), (SELECT coalesce(max(id), 0) FROM procrastinate_jobs)"
        )
        return cursor.fetchone()


def _addresses(rows: Rows, route: Route) -> list[str]:
    """The address with a row's identity in it; of a week also one that nobody has done anything with."""
    values = rows.values(route)
    found = [reverse(route.name, kwargs=values)]
    if values and "week" in values:
        last, first = Week.current().plus(-1), Week.current().plus(-60)
        for week in (last, first, Week.current()):
            if not EstWeek.objects.filter(first=week.index).exists():
                found.append(reverse(route.name, kwargs={**values, "week": str(week)}))
    return found


def test_looking_changes_no_row_and_queues_no_job(
    django_db_setup: None, databases: TestDatabases, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), loaded(databases) as database, database.in_use() as demo:
        rows = make_rows(demo)
        # What waited has been done, so that a job that is asked for again is seen.
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET queueing_lock = NULL, status = 'cancelled' WHERE status = 'todo'"
            )
        clients = {code: client_for(demo[code]) for code in ORDER}
        opened, wrote = 0, []
        for route in routes():
            if (
                route.needs is None
                or route.pattern.startswith(_DO)
                or route.pattern in _READ
                or rows.values(route) is None
            ):
                continue
            code = next((c for c in ORDER if route.needs in (PUBLIC, SIGNED_IN) or demo[c].may(route.needs)), ORDER[0])
            for address in _addresses(rows, route):
                before = _written()
                opened += clients[code].get(address).status_code == 200
                if _written() != before:
                    wrote.append((address, code))
        assert opened > 60
        assert not wrote
