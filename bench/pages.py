"""Time of every page of the demonstration on the server, warm, for the first of the cast who may see it.

Each page is rendered in this process over the whole stack of middleware, without a network:
p95 of the rounds, with the number of queries.

    samverkan bench pages
    samverkan bench pages --rounds 30 --json
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
LEVEL_MS, LEVEL_QUERIES = 150.0, 25
_ORDER = ("samordnare", "administrator", "hyresvard", "dataskyddsombud")
_NOT_PAGES = {"account_logout", "metrics", "healthz", "readyz"}


def measure(rounds: int) -> list[dict[str, Any]]:
    """Rows of address, person, p95 and median in milliseconds, CPU milliseconds and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from samverkan.foundation.access import PUBLIC, SIGNED_IN
    from tests.harness.people import client_for
    from tests.harness.routes import make_rows, routes

    cast = _cast()
    rows = make_rows(cast)
    clients = {code: client_for(cast[code]) for code in _ORDER}
    found = []
    for route in routes():
        if route.needs is None or route.name in _NOT_PAGES or rows.values(route) is None:
            continue
        code = next((c for c in _ORDER if route.needs in (PUBLIC, SIGNED_IN) or cast[c].may(route.needs)), None)
        if code is None:
            continue
        address, client = rows.address(route), clients[code]
        first = client.get(address)
        if first.status_code != 200 or not first.get("Content-Type", "").startswith("text/html"):
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked = len(queries)  # the next request forgets them
        walls, processor = [], time.process_time()
        for _round in range(rounds):
            began = time.perf_counter()
            client.get(address)
            walls.append((time.perf_counter() - began) * 1000)
        found.append(
            {
                "page": route.pattern,
                "person": code,
                "p95 ms": round(sorted(walls)[min(rounds - 1, int(rounds * 0.95))], 1),
                "median ms": round(statistics.median(walls), 1),
                "CPU ms": round((time.process_time() - processor) * 1000 / rounds, 1),
                "queries": asked,
            }
        )
    return sorted(found, key=lambda row: -row["p95 ms"])


def _cast() -> dict[str, Any]:
    from samverkan.foundation.people import demo, selectors

    return {player.code: selectors.actor_for_email(f"{player.code}@{demo.DOMAIN}") for player in demo.cast.all()}


def on_the_demonstration(measured: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a function finds on a demonstration in a database of its own, in this process, with its jobs done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samverkan.site.settings")
    os.environ.setdefault("SAMVERKAN_SECRET_KEY", "only-for-the-bench-" + "x" * 50)
    from samverkan.cli.runtime import scratch_folder

    with scratch_folder() as room:
        os.environ["SAMVERKAN_DATA"] = str(room)
        import gc
        import logging

        import django

        django.setup()
        logging.disable(logging.CRITICAL)
        from django.test.utils import setup_test_environment

        setup_test_environment()
        from tests.harness.database import TestDatabases
        from tests.harness.demo import loaded

        databases = TestDatabases()
        databases.up()
        try:
            with loaded(databases, run_jobs=True) as demo, demo.in_use():
                # What loading left behind is not searched through again and again while pages are timed.
                gc.collect()
                gc.freeze()
                return measured()
        finally:
            databases.down()


def main() -> int:
    """Print the table; 1 when a page misses its level."""
    parser = argparse.ArgumentParser(
        prog="samverkan bench pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30, help="times that each page is rendered (default 30)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    found = on_the_demonstration(lambda: measure(args.rounds))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"{'page':<52}{'as':<18}{'p95 ms':>8}{'median':>8}{'CPU ms':>8}{'queries':>9}")
        for row in found:
            print(
                f"{row['page']:<52}{row['person']:<18}{row['p95 ms']:>8}{row['median ms']:>8}{row['CPU ms']:>8}{row['queries']:>9}"
            )
        print(f"{len(found)} pages; at most {LEVEL_MS:g} ms and {LEVEL_QUERIES} queries each")
    return int(any(row["p95 ms"] > LEVEL_MS or row["queries"] > LEVEL_QUERIES for row in found))


if __name__ == "__main__":
    sys.exit(main())
