"""kill -9 in the middle: of an import, of locking a week, of the database, of a first start.

Afterwards the same again completes, nothing is half and nothing is doubled. The moments are drawn
with a fixed seed over the time that an undisturbed run takes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from samverkan.cli import runtime
from samverkan.cli.runtime import scratch_folder
from samverkan.domain.incidents.api import Incident
from samverkan.domain.picture import facts
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.weeks import Week
from tests.harness.command import clean_environment
from tests.harness.database import TestDatabases
from tests.platform.test_demo import Demo, left_behind

#: Two chunks; every ninth row is an edited repeat of an earlier one.
ROWS = 25_000
MAPPING = """
[source]
code = "avbruten"
name = "Avbruten"
[columns]
id = "id"
started = "when"
category = "what"
title = "title"
lon = "lon"
lat = "lat"
observed_at = "seen"
"""
FREEZE = """
import sys, django
django.setup()
from samverkan.domain.est.week import services
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.selectors import actor_for_email
from samverkan.foundation.weeks import Week
lead = actor_for_email("samordnare@exempel.test")
print("ready", flush=True)
for text in sys.argv[1:]:
    week = services.open_week(SYSTEM, week=Week.parse(text))
    services.freeze(lead, week=week, version=week.version)
    print(text, flush=True)
"""


@pytest.fixture(scope="module")
def import_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("avbruten")
    lines = ["id,when,what,title,lon,lat,seen"]
    for n in range(ROWS):
        identity = n - 4500 if n % 9 == 8 and n > 4500 else n
        lines.append(
            f"{identity},2026-{n % 9 + 1:02d}-{n % 28 + 1:02d} {n % 24:02d}:15,Klotter,Rad {n},"
            f"{16.4 + n % 97 / 1000:.4f},{59.3 + n % 89 / 1000:.4f},2026-10-01 {n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}"
        )
    (folder / "rader.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    return folder / "rader.csv", folder / "mapping.toml"


def _import(files: tuple[Path, Path], database_url: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "samverkan", "import", "incidents", files[0], "--mapping", files[1], "--json"],
        env=clean_environment(DATABASE_URL=database_url, SAMVERKAN_DATA=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    counts: dict[str, Any] = json.loads(out)
    assert counts["read"] == sum(counts[k] for k in ("created", "updated", "unchanged", "digests", "rejected"))
    return counts


def _content() -> tuple[Any, ...]:
    """All that was stored, whatever order it came in: incidents and versions, counted and summed up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT external_id), sum(version), md5(string_agg(concat_ws('|', external_id,"
            " title, started_at, observed_at, version, week, x, y, encode(content_hash, 'hex')), ',' ORDER BY external_id))"
            " FROM incidents_incident"
        )
        incidents = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), md5(string_agg(concat_ws('|', i.external_id, v.observed_at, v.content - 'category_id'), ','"
            " ORDER BY i.external_id, v.observed_at)) FROM incidents_incidentversion v"
            " JOIN incidents_incident i ON i.id = v.incident_id"
        )
        return (*incidents, *cursor.fetchone())


def _weeks_agree() -> None:
    """Every week that holds an incident is noted as changed, and the picture's figures are the incidents."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM incidents_incident i WHERE NOT EXISTS"
            " (SELECT 1 FROM incidents_weekchange w WHERE w.week = i.week)"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT week, count(*) FROM incidents_incident WHERE NOT is_digest GROUP BY week ORDER BY week")
        stored = cursor.fetchall()
    facts.forget()
    held = facts.current()
    sizes = (held.offsets[1:] - held.offsets[:-1]).tolist()
    assert [(w, n) for w, n in zip(held.weeks.tolist(), sizes, strict=True) if n] == stored
    facts.forget()


def _alone() -> None:
    """Wait until nobody else is connected to the database."""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    raise AssertionError("a killed import's connection to the database lives on")


def _kill_imports(
    files: tuple[Path, Path], databases: TestDatabases, folder: Path, rounds: int, *, in_the_middle: int
) -> None:
    dice = random.Random(2311)
    name = databases.clone()
    with databases.django_on(name):
        began = time.monotonic()
        whole = _finish(_import(files, databases.server.url("app", name), folder))
        took = time.monotonic() - began
        assert whole["read"] == ROWS and whole["rejected"] == 0
        reference = _content()
        _weeks_agree()
    databases.drop(name)
    caught = 0
    for number in range(rounds):
        name = databases.clone()
        with databases.django_on(name):
            process = _import(files, databases.server.url("app", name), folder)
            if number % 2:
                # Most of the time passes before the first chunk: every other kill waits for that one.
                while process.poll() is None and not Incident.objects.exists():
                    time.sleep(0.002)
                time.sleep(dice.uniform(0, took * 0.05))
            else:
                time.sleep(dice.uniform(took * 0.3, took))
            process.kill()
            process.communicate()
            _alone()  # the server ends what it was told before the kill, a commit perhaps
            before = Incident.objects.count()
            caught += 0 < before < reference[0]
            _weeks_agree()
            again = _finish(_import(files, databases.server.url("app", name), folder))
            assert again["read"] == ROWS and again["rejected"] == 0
            assert again["created"] == reference[0] - before
            assert _content() == reference
            _weeks_agree()
        databases.drop(name)
    assert caught >= in_the_middle, "no import was killed between its first chunk and its last"


def test_a_killed_import_is_completed_by_the_same_again(
    import_files: tuple[Path, Path], fresh_db: str, databases: TestDatabases, tmp_path: Path, tried: Counter[str]
) -> None:
    _kill_imports(import_files, databases, tmp_path, 2, in_the_middle=0)
    tried["kills of imports and locking"] += 2


@pytest.mark.long
def test_an_import_killed_at_twenty_moments(
    import_files: tuple[Path, Path], fresh_db: str, databases: TestDatabases, tmp_path: Path, tried: Counter[str]
) -> None:
    _kill_imports(import_files, databases, tmp_path, 20, in_the_middle=3)
    tried["kills of imports and locking"] += 20


class Installation:
    """A demonstration's database of its own, so that its server may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        runtime.make_directory(folder)
        self.server = Server(folder)

    def environment(self) -> dict[str, str]:
        given = {"SAMVERKAN_DEMO": "1", "SAMVERKAN_TODAY": "2026-11-23"}
        ours = runtime.environment_for(self.folder, self.server)
        names = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "SAMVERKAN_OWNER_DATABASE_URL", "SAMVERKAN_SECRET_KEY_FILE")
        own = {name: ours[name] for name in names if name in ours} | {"SAMVERKAN_DATA": str(self.folder)}
        return clean_environment(**given, **own)

    def freeze(self, *weeks: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", FREEZE, *weeks],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def editions(self, week: str) -> list[tuple[dict[str, Any], str, str]]:
        with psycopg.connect(self.server.url("app")) as connection:
            return connection.execute(
                "SELECT e.content, e.sha256, w.state FROM est_edition e JOIN est_estweek w ON w.id = e.week_id"
                " WHERE w.first = %s",
                [Week.parse(week).index],
            ).fetchall()

    def state(self, week: str) -> str | None:
        with psycopg.connect(self.server.url("app")) as connection:
            row = connection.execute(
                "SELECT state FROM est_estweek WHERE first = %s", [Week.parse(week).index]
            ).fetchone()
            return row[0] if row else None

    def postmaster(self) -> int:
        return int((self.server.layout.data / "postmaster.pid").read_text().split()[0])


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with scratch_folder() as base:
        made = Installation(base / "data")
        with made.server:
            done = subprocess.run(
                [sys.executable, "-m", "samverkan.cli.prepare", "--demo"], env=made.environment(), capture_output=True
            )
            assert done.returncode == 0, done.stderr
        yield made


def _kill_freezes(installed: Installation, weeks: list[str], dice: random.Random, *, database: bool) -> None:
    with installed.server:
        process = installed.freeze("2026-W10")
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        process.communicate(timeout=120)
        took = time.monotonic() - began
    for week in weeks:
        server = Server(installed.folder)
        with server:
            process = installed.freeze(week)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(dice.uniform(0, took))
            os.kill(installed.postmaster() if database else process.pid, signal.SIGKILL)
            process.communicate(timeout=120)
        with Server(installed.folder):
            found = installed.editions(week)
            if found:
                [(content, sha256, state)] = found
                assert (fingerprint(content), "frozen") == (sha256, state)
                assert content["edition"] == 1
            else:
                assert installed.state(week) in {None, "open"}
                process = installed.freeze(week)
                _out, err = process.communicate(timeout=120)
                assert process.returncode == 0, err
                [(content, sha256, _state)] = installed.editions(week)
                assert fingerprint(content) == sha256


def test_locking_killed_with_its_process_or_its_database(installed: Installation, tried: Counter[str]) -> None:
    dice = random.Random(47)
    _kill_freezes(installed, ["2026-W20"], dice, database=False)
    _kill_freezes(installed, ["2026-W21"], dice, database=True)
    tried["kills of imports and locking"] += 2


@pytest.mark.long
def test_locking_killed_at_twenty_moments(installed: Installation, tried: Counter[str]) -> None:
    dice = random.Random(48)
    _kill_freezes(installed, [f"2026-W{n}" for n in range(22, 32)], dice, database=False)
    _kill_freezes(installed, [f"2026-W{n}" for n in range(32, 42)], dice, database=True)
    tried["kills of imports and locking"] += 20


def _starts_after_kills(folder: Path, moments: list[float]) -> None:
    for moment in moments:
        killed = Demo(folder)
        time.sleep(moment)
        os.kill(killed.process.pid, signal.SIGKILL)
        killed.process.communicate()
        assert left_behind(folder) == []
    both = [Demo(folder), Demo(folder)]
    deadline = time.monotonic() + 240
    while all(demo.process.poll() is None for demo in both) and time.monotonic() < deadline:
        time.sleep(0.1)
    refused = next(demo for demo in both if demo.process.poll() is not None)
    _out, err = refused.process.communicate()
    assert (refused.process.returncode, "already running" in err) == (1, True), err
    winner = next(demo for demo in both if demo is not refused)
    answer = winner.ready()
    assert len({person["email"] for person in answer["people"]}) == len(answer["people"]) > 10
    with Server(folder) as server, psycopg.connect(server.url("app")) as connected:
        counted = connected.execute(
            "SELECT (SELECT count(*) FROM people_organisation WHERE is_home),"
            " (SELECT count(*) - count(DISTINCT email) FROM people_person),"
            " (SELECT count(*) - count(DISTINCT (source_id, external_id)) FROM incidents_incident)"
        ).fetchone()
    assert counted == (1, 0, 0)
    assert winner.end(signal.SIGTERM) == 0
    assert left_behind(folder, 2) == []


def test_a_killed_first_start_and_two_starts_at_once() -> None:
    """One kill while the data are being made, then two at once: one starts, the other is told."""
    with scratch_folder() as base:
        _starts_after_kills(base / "ny", [random.Random(5).uniform(3, 8)])


@pytest.mark.long
def test_a_first_start_killed_ten_times() -> None:
    dice = random.Random(6)
    with scratch_folder() as base:
        _starts_after_kills(base / "ny", [dice.uniform(0.1, 25) for _ in range(10)])
