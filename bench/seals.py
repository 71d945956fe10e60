"""How long sealing and verifying the change log take: a million entries in an installation of its own.

Printed: seconds on the clock to seal all of them at once, to seal one more, and to verify all; the chain's size; and
what verifying finds when the owner has changed one entry in the middle.

    ./samverkan bench seals
    ./samverkan bench seals --rows 100000
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

from samverkan.cli import runtime

_ENTRIES = """
INSERT INTO audit_auditentry (at, person_id, membership_id, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)
SELECT now(), n %% 50, n %% 60, gen_random_uuid()::text, 'incidents_incident', 'U', 1, ARRAY[n::text], n::text, n::text,
       ARRAY['title', 'version'] FROM generate_series(1, %s) n
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    args = parser.parse_args()
    with runtime.scratch_folder() as folder, runtime.database(folder / "data") as environment:
        os.environ.update(environment)
        import django

        django.setup()
        _measure(args.rows, environment["SAMVERKAN_OWNER_DATABASE_URL"])
    return 0


def _measure(rows: int, url: str) -> None:
    import psycopg
    from django.db import connection

    from samverkan.foundation.chain import ledger, sealing, verifying

    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_ENTRIES, [rows])  # type: ignore[arg-type]
        sealed = _timed(f"seal {rows:,} entries", sealing.seal)
        owner.execute(_ENTRIES, [1])  # type: ignore[arg-type]
        _timed("seal one more", sealing.seal)
        connection.ensure_connection()
        verdict = _timed("verify all", lambda: verifying.verify(connection.connection))
        print(f"{'':<24}{verdict.rows:,} rows (sealed at first: {sealed:,}), {len(verdict.damages)} differ")
        print(f"{'the chain':<24}{ledger.read_head().size / 1e6:.2f} MB in {ledger.read_head().lines:,} lines")
        owner.execute("UPDATE audit_auditentry SET person_id = 99 WHERE id = %s", [rows // 2])
        verdict = _timed("verify, one changed", lambda: verifying.verify(connection.connection))
        print(f"{'':<24}{[(d.after, d.upto) for d in verdict.damages]}")
    connection.close()


def _timed(name: str, call: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = call()
    print(f"{name:<24}{time.perf_counter() - started:.2f} s", flush=True)
    return answer


if __name__ == "__main__":
    raise SystemExit(main())
