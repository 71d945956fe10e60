"""The command that verifies what was sealed, on an installation, and what a backup and a worker have to do with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from samverkan.cli import Failure, audit, check, parser_for
from samverkan.cli.runtime import scratch_folder
from samverkan.foundation.chain import sealing
from samverkan.foundation.files.models import Disposal
from tests.harness.command import samverkan
from tests.harness.database import TestDatabases

MAKE = (
    "from samverkan.foundation.people.models import Organisation;"
    "Organisation.objects.create(name='Påhittad', kind='school', is_invented=True)"
)


def _entries(owner: psycopg.Connection[Any], days: int) -> None:
    owner.execute("TRUNCATE audit_auditentry RESTART IDENTITY")
    owner.execute(
        'INSERT INTO audit_auditentry (at, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)'
        " SELECT '2020-01-01'::timestamptz + n * interval '1 hour', '', 't', 'U', 1, '{1}', '1', '1', '{}'"
        " FROM generate_series(1, %s * 24) n",
        [days],
    )


@pytest.fixture
def owner(
    fresh_db: str, databases: TestDatabases, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection[Any]]:
    """Two hundred days of entries, sealed, in a folder of the test's own; the commands find the owner."""
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("SAMVERKAN_OWNER_DATABASE_URL", databases.server.url("owner", fresh_db))
    with psycopg.connect(databases.server.url("owner", fresh_db), autocommit=True) as found:
        _entries(found, 200)
        sealing.seal()
        yield found


def _asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    args = parser_for("audit").parse_args(list(words))
    code = audit.verify(args) if args.what == "verify" else audit.dispose(args)
    return code, capsys.readouterr().out


def test_verifying_says_what_is_well_and_where_it_is_not(
    owner: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = _asked(capsys, "verify")
    assert code == 0 and "well      4800 rows are what was sealed" in said
    head = said.split("Head: ")[1].strip()
    owner.execute("UPDATE audit_auditentry SET person_id = 7 WHERE id = 3000")
    code, said = _asked(capsys, "verify")
    assert code == 1
    assert "NOT WELL  audit_auditentry, rows after number 2048 and up to 3072: 1024 rows" in said
    assert "At least one was changed or moved." in said
    code, said = _asked(capsys, "verify", "--json", "--head", head)
    told = json.loads(said)
    assert (code, told["well"], told["head"], told["damages"][0]["upto"]) == (1, False, head, 3072)
    with pytest.raises(Failure, match="cut short or written anew"):
        _asked(capsys, "verify", "--head", head[:-4] + "0000")
    with pytest.raises(Failure, match="is not a head"):
        _asked(capsys, "verify", "--head", "abc")


def test_disposing_by_decision_keeps_the_rest_verifiable(
    owner: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = _asked(capsys, "dispose", "--before", "2020-05-01", "--decision", "KS 2026/12")
    assert code == 0 and said.startswith("2048 entries"), "whole trees only: those of which every entry is older"
    assert Disposal.objects.filter(rule="audit.entries", count=2048).exists()
    code, said = _asked(capsys, "verify")
    assert code == 0 and "2048 were disposed of by decision" in said
    with pytest.raises(Failure, match="--before DATE --decision TEXT"):
        _asked(capsys, "dispose", "--before", "2020-05-01")
    with pytest.raises(Failure, match="has not been yet"):
        _asked(capsys, "dispose", "--before", "2999-01-01", "--decision", "KS 2026/12")


def test_check_says_when_what_was_written_is_not_sealed(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    [finding] = check.sealed()
    assert finding.well
    owner.execute(
        "INSERT INTO audit_auditentry SELECT (jsonb_populate_record(a, '{\"id\": 99999}')).* FROM audit_auditentry a WHERE id = 1"
    )
    [finding] = check.sealed()
    assert not finding.well and finding.sentence.startswith("1 entries of the change log have waited")
    (tmp_path / "seals" / "head").write_text("{}")
    [finding] = check.sealed()
    assert not finding.well and "cannot be trusted" in finding.sentence


def test_a_worker_seals_and_a_backup_carries_the_chain(tmp_path: Path) -> None:
    with scratch_folder() as folder:
        first, second = folder / "a", folder / "b"
        done = samverkan("manage", "--data", first, "migrate")
        assert done.returncode == 0, done.stderr
        done = samverkan("manage", "--data", first, "shell", "-c", MAKE)
        assert done.returncode == 0, done.stderr
        done = samverkan("worker", "--once", "--data", first)
        assert done.returncode == 0, done.stderr
        before = json.loads(samverkan("audit", "verify", "--json", "--data", first).stdout)
        assert before["well"] and before["rows"] > 0 and set(before["unsealed"].values()) == {0}
        assert {path.stat().st_mode & 0o077 for path in [first / "seals", *(first / "seals").iterdir()]} == {0}
        done = samverkan("backup", tmp_path / "b.tar", "--keys", tmp_path / "b.keys", "--data", first)
        assert done.returncode == 0, done.stderr
        assert (first / "keys" / "chain").read_text() == before["head"].partition(":")[0] + "\n"
        # Of the installation that was here before, which had come further.
        (second / "keys").mkdir(0o700, parents=True)
        (second / "keys" / "chain").write_text("999999\n")
        done = samverkan("restore", tmp_path / "b.tar", "--keys", tmp_path / "b.keys", "--data", second)
        assert done.returncode == 0, done.stderr
        after = json.loads(samverkan("audit", "verify", "--json", "--head", before["head"], "--data", second).stdout)
        assert (after["well"], after["rows"], after["head"]) == (True, before["rows"], before["head"])
