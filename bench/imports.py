"""How long an import takes: a million rows of CSV with coordinates, and the police's events where they are at hand.

Each import runs through the command in a process of its own on an installation of its own. Printed: rows, wall and CPU
seconds of the command, its highest memory, and the same again with nothing new. Last the floor under the million: the
very same rows by plain COPY into a table like that of incidents, with and without its indexes, checks and triggers.

    ./samverkan bench imports                       1,000,000 rows
    ./samverkan bench imports --rows 100000
    ./samverkan bench imports --police FILE.jsonl.gz
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MAPPING = """
[source]
code = "prov"
[columns]
id = "id"
started = "when"
category = "what"
title = "title"
lon = "lon"
lat = "lat"
"""
KINDS = ("Klotter", "Bråk", "Stöld", "Störningar", "Skadegörelse", "Buskörning med moped eller bil")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--police",
        type=Path,
        default=os.environ.get("SAMVERKAN_SHARED_DATA"),
        help="the events' file, or the folder that holds polisen/",
    )
    args = parser.parse_args()
    print(f"{'import':<34}{'rows':>10}{'wall s':>9}{'CPU s':>8}{'MB':>7}  result")
    with tempfile.TemporaryDirectory(prefix="samverkan-bench-") as folder:
        base = Path(folder)
        police = args.police and Path(args.police)
        if police and police.is_dir():
            police = police / "polisen" / "events.jsonl.gz"
        if police and police.exists():
            data = base / "police"
            _command(
                ["picture", "summary", "--json", "--data", str(data)]
            )  # the database is made outside the measured time
            for name in ("police events, all new", "police events, again"):
                _measured(name, [str(police), "--profile", "polisen"], data)
        else:
            print("police events: not at hand (--police FILE)")
        table = base / "rows.csv"
        _write(table, args.rows)
        (base / "mapping.toml").write_text(MAPPING, "utf-8")
        data = base / "rows"
        _command(["picture", "summary", "--json", "--data", str(data)])
        for name in ("CSV with coordinates, all new", "CSV with coordinates, again"):
            _measured(name, [str(table), "--mapping", str(base / "mapping.toml")], data)
        _floor(data, base / "rows.copy")
    return 0


def _floor(data: Path, copied: Path) -> None:
    """The rows as they are stored, by COPY alone into tables of the same shape that are removed again."""
    import psycopg

    from samverkan.cli.runtime import database

    with database(data) as environment, psycopg.connect(environment["SAMVERKAN_OWNER_DATABASE_URL"]) as connection:
        with copied.open("wb") as file, connection.cursor().copy("COPY incidents_incident TO STDOUT") as out:
            for block in out:
                file.write(block)
        for name, shape in (
            ("plain COPY, with all", "INCLUDING ALL"),
            ("plain COPY, bare table", "INCLUDING DEFAULTS"),
        ):
            connection.execute(f"CREATE TABLE floor (LIKE incidents_incident {shape})")
            if shape == "INCLUDING ALL":
                for (statement,) in connection.execute(_HANGING).fetchall():
                    connection.execute(statement)
            connection.commit()
            started = time.perf_counter()
            with copied.open("rb") as file, connection.cursor() as cursor:
                with cursor.copy("COPY floor FROM STDIN") as into:
                    while block := file.read(1 << 18):
                        into.write(block)
                rows = cursor.rowcount
            connection.commit()
            print(f"{name:<34}{rows:>10}{time.perf_counter() - started:>9.1f}", flush=True)
            connection.execute("DROP TABLE floor")
            connection.commit()


#: What LIKE does not take along: references to other tables, and triggers.
_HANGING = """
SELECT format('ALTER TABLE floor ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE conrelid = 'incidents_incident'::regclass AND contype = 'f'
UNION ALL
SELECT replace(pg_get_triggerdef(oid), 'incidents_incident', 'floor') FROM pg_trigger
WHERE tgrelid = 'incidents_incident'::regclass AND NOT tgisinternal
"""


def _write(path: Path, rows: int) -> None:
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "when", "what", "title", "lon", "lat"])
        for number in range(rows):
            day = f"20{dice.randrange(16, 26)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
            clock = f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:00"
            writer.writerow(
                [
                    number,
                    f"{day} {clock}",
                    dice.choice(KINDS),
                    f"Rad {number}",
                    round(dice.uniform(16.3, 16.8), 6),
                    round(dice.uniform(59.3, 59.5), 6),
                ]
            )


def _command(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "samverkan", *arguments], capture_output=True, text=True, check=False)


def _measured(name: str, arguments: list[str], data: Path) -> None:
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "samverkan", "import", "incidents", *arguments, "--data", str(data), "--json"],
        cwd=data.parent,  # where rejected rows are written
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _pid, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{name}: the import ended with status {status}")
    counts = json.loads(said)
    result = ", ".join(
        f"{counts[k]} {k}" for k in ("created", "updated", "unchanged", "digests", "rejected") if counts[k]
    )
    print(
        f"{name:<34}{counts['read']:>10}{wall:>9.1f}{used.ru_utime + used.ru_stime:>8.1f}{used.ru_maxrss / 1024:>7.0f}  {result}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
