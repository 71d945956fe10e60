"""The command that invites: in an installation of its own, beside a running server, and on somebody else's database."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest
from django.test import Client

from samverkan.cli import Failure, parser_for
from samverkan.cli import invite as command
from samverkan.cli.runtime import scratch_folder
from samverkan.foundation import clock, seal
from samverkan.foundation.people import demo
from samverkan.foundation.people.models import Invitation, Membership
from samverkan.foundation.postgres.driver import Server
from samverkan.site import demo as site_demo
from tests.harness.command import samverkan
from tests.harness.database import TestDatabases
from tests.harness.live import get, serving
from tests.harness.people import Cast

PROFILE = '[municipality]\nname = "Exempelby kommun"\n'
ADMINISTRATOR = ("namn@exempel.test", "--role", "administrator")

Invite = Callable[..., CompletedProcess[str]]


@pytest.fixture
def invite(fresh_db: str, databases: TestDatabases, tmp_path: Path, settings: object) -> Invite:
    """The command in a process of its own, on the test's database, with the key of a folder of its own."""
    site_demo.load_profile(demo.Context())

    def run(*arguments: str) -> CompletedProcess[str]:
        return samverkan(
            "invite",
            *arguments,
            DATABASE_URL=databases.server.url("app", fresh_db),
            SAMVERKAN_DATA=str(tmp_path),
            SAMVERKAN_BASE_URL="https://samverkan.exempel.test/",
        )

    settings.DATA = tmp_path  # type: ignore[attr-defined]
    seal._keys.cache_clear()
    return run


def _link(words: str) -> str:
    found = re.search(r"https?://\S+/inbjudan/[\w-]{43}/", words)
    assert found, words
    return found[0]


def test_the_first_administrator_comes_in_by_the_link(invite: Invite) -> None:
    done = invite(*ADMINISTRATOR, "--function", "Systemförvaltare", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["link"].startswith("https://samverkan.exempel.test/inbjudan/")
    assert (said["role"], said["organisation"]) == ("administrator", "Eskilstuna kommun")
    days = datetime.fromisoformat(said["expires_at"]) - clock.now()
    assert timedelta(days=13, hours=23) < days <= timedelta(days=14)
    client, path = Client(), said["link"].removeprefix("https://samverkan.exempel.test")
    page = client.get(path).content.decode()
    assert "Du är inbjuden som Systemförvaltare för Eskilstuna kommun." in page
    assert client.post(path, {"name": "Namn", "password": "sju lugna granar"}).status_code == 302
    seat = Membership.objects.get(person__email="namn@exempel.test")
    assert (seat.role, seat.function) == ("administrator", "Systemförvaltare")
    again = invite(*ADMINISTRATOR)
    assert again.returncode == 1 and again.stderr == "Personen har redan en sådan post.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("namn@exempel.test", "--role", "kung"), "ingen roll ”kung”. Välj en av: coordinator, "),
        ((*ADMINISTRATOR, "--organisation", "Ankeborg"), "”Ankeborg”. Välj en av: Arbetsmarknads"),
        ((*ADMINISTRATOR, "--organisation", "Kfast"), "Rollen kan inte finnas i en organisation av den typen."),
        (("inte en adress", "--role", "administrator"), "Skriv adressen så här: namn@example.org."),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(cast: Cast, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(Failure) as refusal:
        command._invite(parser_for("invite").parse_args(arguments))
    assert said in str(refusal.value) and "\n" not in str(refusal.value)
    assert not Invitation.objects.exists()


def test_a_database_that_is_not_migrated_is_refused(databases: TestDatabases, tmp_path: Path) -> None:
    name = f"unmigrated_{os.getpid()}"
    with databases._administer() as connection:
        connection.execute(f'CREATE DATABASE "{name}" OWNER owner')
    try:
        for url, said in (
            (databases.server.url("app", name), "samverkan manage migrate"),
            (databases.server.url("app", "finnsinte"), "Databasen svarar inte."),
        ):
            done = samverkan("invite", *ADMINISTRATOR, DATABASE_URL=url, SAMVERKAN_DATA=str(tmp_path))
            assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr, done.stderr
    finally:
        databases.drop(name)


def test_an_installation_of_its_own_with_the_server_down_and_up() -> None:
    with scratch_folder() as base:
        folder, profile = base / "data", base / "exempelby.toml"
        done = samverkan("invite", *ADMINISTRATOR, "--data", folder)
        assert done.returncode == 1 and "samverkan profile load" in done.stderr, done.stderr
        profile.write_text(PROFILE, "utf-8")
        assert samverkan("profile", "load", profile, "--data", folder).returncode == 0
        down = samverkan("invite", *ADMINISTRATOR, "--data", folder)
        assert down.returncode == 0 and "Exempelby kommun" in down.stdout, down.stderr
        with Server(folder) as server, serving(server.url("app"), folder, SAMVERKAN_DEMO="0") as url:
            up = samverkan("invite", *ADMINISTRATOR, "--data", folder, SAMVERKAN_BASE_URL=url)
            assert up.returncode == 0, up.stderr
            assert get(_link(up.stdout)) == 200
            assert get(_link(down.stdout).replace("http://localhost:8000", url)) == 404
            with psycopg.connect(server.url("owner")) as connection:
                rows = connection.execute(
                    "SELECT role, invited_by_id, revoked_at IS NULL FROM people_invitation ORDER BY id"
                )
                assert rows.fetchall() == [("administrator", None, False), ("administrator", None, True)]
