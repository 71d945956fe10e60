"""What a report and the pages may cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting.services import duty
from samverkan.foundation.people.models import Membership

FILLED = {
    "category": "klotter",
    "where": "Lindtorget",
    "when": "now",
    "trend": "new",
    "observation": "observed",
    "kind": "event",
    "text": "Klotter.",
}


def test_one_report_is_at_most_25_statements(world: Any, client_for: Any) -> None:
    client = client_for(world["skola"])
    client.post("/rapportera/", {**FILLED, "key": str(uuid4())})  # warm
    with CaptureQueriesContext(connection) as queries:
        assert client.post("/rapportera/", {**FILLED, "key": str(uuid4())}).status_code == 302
    assert len(queries) <= 25, [q["sql"][:90] for q in queries]


def test_pages_are_at_most_25_queries_however_long_the_lists(
    world: Any, sent: Callable[..., Report], client_for: Any
) -> None:
    for code in ("skola", "bostadsbolag", "fritid", "hyresvard"):
        seat = Membership.objects.get(pk=world[code].membership_id)
        duty.expect(world["samordnare"], seat=seat, group="Grupp")
        for _n in range(8):
            row = sent(code)
    for code, path in (
        ("skola", "/rapportera/"),
        ("skola", "/mina-rapporter/"),
        ("granskare", "/granska/"),
        ("granskare", f"/granska/{row.public_id}/"),
        ("hyresvard", f"/mina-rapporter/{row.public_id}/"),
        ("samordnare", "/rapportorer/"),
    ):
        client = client_for(world[code])
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= 25, (path, len(queries), [q["sql"][:100] for q in queries])
