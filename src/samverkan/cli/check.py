"""Tell what is well with the installation and what is not, each in one sentence.

Ends with status 1 when anything is not well, so that a monitor can run it.
"""

from __future__ import annotations

import argparse
import gettext
import os
import platform
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from samverkan.cli import runtime
from samverkan.cli.prepare import ahead
from samverkan.foundation import closed

EXAMPLE = "samverkan check\n  samverkan check --json"

POSTGRES_FLOOR = 18
LEAST_FREE = 2_000_000_000
BACKUP_AGE = timedelta(days=7)
WAITING_SECONDS = 15 * 60
UNSEALED_SECONDS = 10 * 60
SHORTEST_KEY = 50

_translate: Callable[[str], str] = str


def _(text: str) -> str:
    """The sentence in the language asked for. Django's own choice is made per request, and here is none."""
    return _translate(text)


@dataclass(frozen=True)
class Finding:
    """One sentence, and whether it tells of something well."""

    subject: str
    well: bool
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """In which form."""
    runtime.add_data_argument(parser)
    parser.add_argument("--language", choices=["sv", "en"], help="otherwise Swedish, unless LANG is English")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Look at everything, even when something early is not well."""
    with runtime.installation(args, migrated=False) as directory:
        _speak(args.language)
        findings = list(look(directory))
    if args.json:
        runtime.emit_json(
            {"well": all(finding.well for finding in findings), "findings": [asdict(finding) for finding in findings]}
        )
    else:
        well, lacking = _("well"), _("NOT WELL")
        for finding in findings:
            print(f"{well if finding.well else lacking:<9} {finding.sentence}")
    return 0 if all(finding.well for finding in findings) else 1


def _speak(language: str | None) -> None:
    global _translate
    wanted = language or ("en" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("en") else "sv")
    catalogue = gettext.translation("django", Path(__file__).with_name("locale"), [wanted], fallback=True)
    _translate = catalogue.gettext if wanted == "sv" else str


def look(directory: Path) -> Iterator[Finding]:
    """Every finding, in the order in which one would mend."""
    yield from _versions_and_database(bool(runtime.read_state(directory).get("demo")))
    yield from _settings()
    yield from _folders(directory)
    yield from _backups(directory)


def _versions_and_database(demo: bool = False) -> Iterator[Finding]:
    from django.conf import settings
    from django.db import DatabaseError, connection

    yield Finding("python", True, _("Python {version}.").format(version=platform.python_version()))
    try:
        connection.ensure_connection()
    except DatabaseError:
        yield Finding("database", False, _("The database does not answer. Look at DATABASE_URL and at its log."))
        return
    version = connection.cursor().connection.info.server_version // 10_000
    yield Finding(
        "postgresql",
        version >= POSTGRES_FLOOR,
        _("PostgreSQL {version}.").format(version=version)
        if version >= POSTGRES_FLOOR
        else _("PostgreSQL {version} is too old: {floor} is needed.").format(version=version, floor=POSTGRES_FLOOR),
    )
    behind = _behind()
    yield Finding(
        "migrations",
        not behind,
        _("The database has every migration.")
        if not behind
        else _("{number} migrations are missing. Run: samverkan manage migrate").format(number=behind),
    )
    if newer := ahead():
        yield Finding(
            "newer",
            False,
            _("The database was made by a newer Samverkan ({names}). Run that version or a later one.").format(
                names=", ".join(newer[:3])
            ),
        )
    if not settings.DEMO and runtime.holds_demonstration(connection.connection):
        yield Finding(
            "demo",
            demo,
            _("This is a demonstration: everyone may sign in as anyone.")
            if demo
            else _(
                "The database holds a demonstration's people, whose password everybody knows. Restore a real backup."
            ),
        )
    yield from _roles()
    if not behind:
        yield from _attacks()
        yield from recorded()
        yield from sealed()
        yield from _jobs()


def _behind() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _roles() -> Iterator[Finding]:
    from django.db import connection

    from samverkan.foundation.postgres.passwords import ROLES

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES[1:])])
        present = {name for (name,) in cursor.fetchall()}
        missing = sorted(set(ROLES[1:]) - present)
        yield Finding(
            "roles",
            not missing,
            _("The database has all its roles.")
            if not missing
            else _("The database lacks the roles {roles}. The confidential rooms cannot be switched on.").format(
                roles=", ".join(missing)
            ),
        )
        powerful = _owns(cursor)
        yield Finding(
            "rights",
            not powerful,
            _("The web server's role owns no tables.")
            if not powerful
            else _("The web server's role owns tables or is superuser. Let DATABASE_URL name the role app."),
        )


def _owns(cursor: Any) -> bool:
    cursor.execute(
        "SELECT rolsuper, EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user)"
        " FROM pg_roles WHERE rolname = current_user"
    )
    return any(cursor.fetchone())


def _attacks() -> Iterator[Finding]:
    """Try what the role must not be able to do, instead of believing the grants."""
    from django.db import connection

    from samverkan.foundation.postgres import attacks

    with connection.cursor() as cursor:
        if _owns(cursor):
            return  # told already; it would be refused nothing, and tried in earnest
    attempts = attacks.attempt()
    through = [attempt for attempt in attempts if attempt.why]
    yield Finding(
        "attacks",
        not through,
        _(
            "{number} ways to change the log, the locked weeks and the database were tried, and all were refused."
        ).format(number=len(attempts))
        if not through
        else _(
            "{through} of {number} ways to change the log, the locked weeks and the database were not refused, such as: "
            "{statement} ({why}). Run samverkan manage migrate, and look at docs/operate/database.md, Roles."
        ).format(through=len(through), number=len(attempts), statement=through[0].attack, why=through[0].why),
    )


def recorded() -> Iterator[Finding]:
    """Whether the database still writes the change log of every table."""
    from django.db import connection

    from samverkan.foundation.audit import triggers

    tables = triggers.lacking(connection)
    yield Finding(
        "recorded",
        not tables,
        _("Every table's changes are written to the change log.")
        if not tables
        else _(
            "Changes in {tables} are not written to the change log as they should be. "
            "Run samverkan manage migrate, and find out who changed the database's triggers."
        ).format(tables=", ".join(tables[:3]) + (" …" if len(tables) > 3 else "")),
    )


def sealed() -> Iterator[Finding]:
    """Whether what was written is sealed; that it still is what was sealed is told by ``samverkan audit verify``."""
    from django.db import connection

    from samverkan.foundation.chain import ledger
    from samverkan.foundation.seal import KeyProblem

    try:
        head = ledger.read_head()
    except (ledger.ChainBroken, KeyProblem) as problem:
        yield Finding("sealed", False, _("What was sealed cannot be trusted: {why}").format(why=problem))
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_auditentry WHERE id > %s AND at < now() - make_interval(secs => %s)",
            [head.tables.get("audit_auditentry", {}).get("last", 0), UNSEALED_SECONDS],
        )
        (late,) = cursor.fetchone()
    yield Finding(
        "sealed",
        not late,
        _("The change log and the locked weeks are sealed.")
        if not late
        else _("{number} entries of the change log have waited long to be sealed. Is samverkan worker running?").format(
            number=late
        ),
    )


def _jobs() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'failed'),"
            " count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, e.at) < now() - make_interval(secs => %s))"
            " FROM procrastinate_jobs j"
            " LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON true",
            [WAITING_SECONDS],
        )
        failed, waiting = cursor.fetchone()
    yield Finding(
        "queue",
        not waiting,
        _("No job has waited long.")
        if not waiting
        else _("{number} jobs have waited for more than a quarter of an hour. Is samverkan worker running?").format(
            number=waiting
        ),
    )
    yield Finding(
        "jobs",
        not failed,
        _("No job has failed.")
        if not failed
        else _("{number} jobs have failed. See: samverkan manage procrastinate shell").format(number=failed),
    )


def _settings() -> Iterator[Finding]:
    from django.conf import settings

    if settings.DEMO:
        yield Finding("demo", True, _("This is a demonstration: everyone may sign in as anyone."))
    long_enough = len(settings.SECRET_KEY) >= SHORTEST_KEY
    yield Finding(
        "secret",
        long_enough,
        _("The secret key is long enough.")
        if long_enough
        else _("The secret key is too short. Give SAMVERKAN_SECRET_KEY at least 50 random characters."),
    )
    yield Finding(
        "debug",
        not settings.DEBUG,
        _("Program errors are not shown to visitors.")
        if not settings.DEBUG
        else _("SAMVERKAN_DEBUG is on: program errors are shown to visitors. Switch it off."),
    )
    local = settings.BASE_URL.startswith(("http://localhost", "http://127.0.0.1"))
    safe = settings.BASE_URL.startswith("https://") or local
    yield Finding(
        "address",
        safe,
        _("The address is {address}.").format(address=settings.BASE_URL)
        if safe
        else _("The address {address} is not encrypted. Let SAMVERKAN_BASE_URL begin with https://.").format(
            address=settings.BASE_URL
        ),
    )
    sends = "smtp" in settings.EMAIL_BACKEND
    yield Finding(
        "mail",
        sends or local,
        _("Mail is sent.")
        if sends
        else _("Mail is not sent but kept in the folder {folder}. Set SAMVERKAN_SMTP_URL to send it.").format(
            folder=settings.EMAIL_FILE_PATH
        ),
    )


def _folders(directory: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(directory).free
    gigabytes = free // 10**9
    yield Finding(
        "disk",
        free >= LEAST_FREE,
        _("{free} GB are free on the disk.").format(free=gigabytes)
        if free >= LEAST_FREE
        else _("Only {free} GB are free on the disk of {folder}. Make room.").format(free=gigabytes, folder=directory),
    )
    seen = [str(path) for path in closed.open_to_others(directory)]
    yield Finding(
        "closed",
        not seen,
        _("Only their owner can read keys, passwords, mail, logs and files.")
        if not seen
        else _("Others can read {files}. Run: chmod -R go-rwx {folder}").format(
            files=", ".join(seen[:3]) + (" …" if len(seen) > 3 else ""), folder=shlex.quote(seen[0])
        ),
    )


def _backups(directory: Path) -> Iterator[Finding]:
    from samverkan.foundation import clock

    state: dict[str, Any] = runtime.read_state(directory)
    if state.get("demo"):
        return
    last = state.get("last_backup_at")
    if last is None:
        yield Finding("backup", False, _("No backup has been made. Run: samverkan backup FILE --keys FILE"))
        return
    age = clock.now() - datetime.fromisoformat(last)
    yield Finding(
        "backup",
        age <= BACKUP_AGE,
        _("The last backup is {days} days old.").format(days=age.days)
        if age <= BACKUP_AGE
        else _("The last backup is {days} days old, which is more than a week. Make one: samverkan backup FILE").format(
            days=age.days
        ),
    )
