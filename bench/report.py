"""One report by a partner: SQL statements and CPU, of the application and the database together; with a photo too.

The form is sent over the whole stack of middleware in this process, on the demonstration. The
database's share is the CPU of this connection's server process. Photos are made here with a fixed
seed: 12 megapixels of noise over a gradient, so that nothing compresses away.

    samverkan bench report
    samverkan bench report --rounds 30 --json
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

CHECKOUT = Path(__file__).resolve().parents[1]
FILLED = {
    "category": "klotter",
    "where": "Bryggtorget",
    "when": "now",
    "trend": "new",
    "observation": "observed",
    "kind": "event",
    "text": "Klotter.",
}
LEVEL_STATEMENTS, LEVEL_MS, LEVEL_PHOTO_MS = 25, 30.0, 1000.0


def photo(kind: str) -> bytes:
    """4,000 × 3,000 pixels as JPEG or HEIC."""
    import numpy as np
    from PIL import Image

    dice = np.random.default_rng(1)
    across, down = np.meshgrid(np.linspace(40, 200, 4000), np.linspace(30, 180, 3000))
    colours = np.stack([across, down, (across + down) / 2], axis=2)
    pixels = np.clip(colours + dice.normal(0, 6, colours.shape), 0, 255).astype(np.uint8)
    held = io.BytesIO()
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
        Image.fromarray(pixels).save(held, "HEIF", quality=60)
    else:
        Image.fromarray(pixels).save(held, "JPEG", quality=85)
    return held.getvalue()


def _server_cpu() -> Callable[[], float]:
    """CPU seconds of this connection's server process."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    tick = os.sysconf("SC_CLK_TCK")

    def read() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / tick

    return read


def measure(rounds: int) -> list[dict[str, Any]]:
    """Rows of what was sent, statements, and CPU milliseconds of one report."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from samverkan.domain.places.api import Place
    from samverkan.foundation.people import demo, selectors
    from tests.harness.people import client_for

    where = Place.objects.exclude(kind="address").order_by("pk")[0].name
    client = client_for(selectors.actor_for_email(f"skola@{demo.DOMAIN}"))
    server = _server_cpu()

    def send(name: str, body: bytes | None) -> None:
        sent: dict[str, Any] = {**FILLED, "where": where, "key": str(uuid4())}
        if body:
            sent["photos"] = SimpleUploadedFile(name, body, "image/jpeg")
        answer = client.post("/rapportera/", sent)
        assert answer.status_code == 302, answer.content[:2000]

    found = []
    for label, name, body, times in (
        ("without photo", "", None, rounds),
        ("JPEG of 12 megapixels", "bild.jpg", photo("jpeg"), max(3, rounds // 6)),
        ("HEIC of 12 megapixels", "bild.heic", photo("heic"), max(3, rounds // 6)),
    ):
        send(name, body)
        with CaptureQueriesContext(connection) as queries:
            send(name, body)
        asked = len(queries)
        spent, database = [], server()
        for _round in range(times):
            before = time.process_time()
            send(name, body)
            spent.append((time.process_time() - before) * 1000)
        found.append(
            {
                "report": label,
                "MB": round(len(body or b"") / 1e6, 1),
                "statements": asked,
                "application ms": round(statistics.median(spent), 1),
                "database ms": round((server() - database) * 1000 / times, 1),
                "level ms": LEVEL_PHOTO_MS if body else LEVEL_MS,
            }
        )
    return found


def main() -> int:
    """Print the table; 1 when a level is missed."""
    parser = argparse.ArgumentParser(
        prog="samverkan bench report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=60, help="reports without a photo (default 60); a sixth as many with one"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    from bench.pages import on_the_demonstration

    found = on_the_demonstration(lambda: measure(args.rounds))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for row in found:
            print(
                f"{row['report']:<24}{row['MB']:>6} MB{row['statements']:>5} statements"
                f"{row['application ms']:>9} + {row['database ms']} ms of CPU, application + database (level {row['level ms']:g})"
            )
    return int(
        any(row["application ms"] + row["database ms"] > row["level ms"] for row in found)
        or found[0]["statements"] > LEVEL_STATEMENTS
    )


if __name__ == "__main__":
    raise SystemExit(main())
