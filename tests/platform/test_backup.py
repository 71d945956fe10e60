"""A backup restored elsewhere is equal in every row and file, and whatever is wrong is refused in clear words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from samverkan.cli.runtime import scratch_folder
from samverkan.foundation.postgres.driver import Server
from tests.harness.command import samverkan

LOAD = (
    "from samverkan.foundation.people import demo; from samverkan.site import demo as site_demo; context = demo.Context();"
    " site_demo.load_profile(context); demo.load_cast(context)"
)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """An installation with people and files in ``first``, its backup and its keys."""
    with scratch_folder() as folder:
        first = folder / "första installationen"
        done = samverkan("manage", "--data", first, "migrate")
        assert done.returncode == 0, done.stderr
        done = samverkan("manage", "--data", first, "shell", "-c", LOAD)
        assert done.returncode == 0, done.stderr
        for name, content in (("ab/photo", b"\x00\xff" * 5000), ("cd/tom", b""), ("cd/större", b"x" * 3_000_000)):
            path = first / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        done = samverkan("backup", "--data", first, folder / "b.tar", "--keys", folder / "b.keys", "--json")
        assert done.returncode == 0, done.stderr
        manifest = json.loads(done.stdout)
        assert manifest["tables"]["people_person"] > 10
        assert len(manifest["files"]) == 3
        yield folder


def content_of(directory: Path) -> dict[str, object]:
    """Every table's rows, every sequence, and what the database is made of."""
    with Server(directory) as server, psycopg.connect(server.url("owner")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        found: dict[str, object] = {}
        for (table,) in tables:
            with connection.cursor().copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as copy:
                found[table] = sorted(b"".join(bytes(block) for block in copy).splitlines())
        for what, query in {
            "sequences": "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
            # Not their text and numbers: a dump drops the gaps that removed columns leave, and writes casts anew.
            "constraints": "SELECT conrelid::regclass::text, conname, contype, convalidated FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
            "indexes": "SELECT indexrelid::regclass::text, indisunique, indisvalid, indnatts FROM pg_index i"
            " JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1",
            "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2",
            "grants": "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public' ORDER BY 1, 2, 3",
            "functions": "SELECT p.oid::regprocedure::text, prosrc FROM pg_proc p"
            " WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        }.items():
            found[f"the {what}"] = connection.execute(query).fetchall()
    return found


def test_restored_installation_is_equal(place: Path) -> None:
    second = place / "second"
    done = samverkan("restore", "--data", second, place / "b.tar", "--keys", place / "b.keys")
    assert done.returncode == 0, done.stderr
    assert "Restored and verified" in done.stdout
    before, after = content_of(place / "första installationen"), content_of(second)
    assert before.keys() == after.keys()
    # Restoring migrates, which tells Django's own bookkeeping nothing new; so no table may differ.
    assert [name for name in before if before[name] != after[name]] == []
    for name in ("files/ab/photo", "files/cd/tom", "files/cd/större", "keys/secret.key"):
        assert (second / name).read_bytes() == (place / "första installationen" / name).read_bytes()
    again = samverkan("restore", "--data", second, place / "b.tar", "--keys", place / "b.keys")
    assert again.returncode == 1
    assert "empty" in again.stderr


def test_keys_are_not_in_the_backup_and_are_asked_for(place: Path) -> None:
    archive = (place / "b.tar").read_bytes()
    assert (place / "första installationen" / "keys" / "secret.key").read_bytes() not in archive
    assert (place / "b.tar").stat().st_mode & 0o777 == 0o600
    assert (place / "b.keys").stat().st_mode & 0o777 == 0o600
    done = samverkan("restore", "--data", place / "without", place / "b.tar")
    assert done.returncode == 1
    assert "need the keys" in done.stderr


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda content: content[: len(content) // 2], "no manifest|damaged"),
        (lambda content: content[:3000] + bytes([content[3000] ^ 1]) + content[3001:], "damaged"),
        (lambda content: content.replace(b"\x00\xff\x00\xff", b"\x00\xff\x00\xfe", 1), "damaged"),
        (lambda content: b"not a backup at all", "not a backup|damaged"),
    ],
    ids=["cut short", "database changed", "file changed", "something else"],
)
def test_damaged_backup_is_refused(place: Path, tmp_path: Path, harm: object, sentence: str) -> None:
    assert callable(harm)
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(harm((place / "b.tar").read_bytes()))
    with scratch_folder() as folder:
        done = samverkan("restore", "--data", folder / "d", damaged, "--keys", place / "b.keys")
    assert done.returncode == 1, done.stdout
    assert any(part in done.stderr for part in sentence.split("|")), done.stderr
    assert "Traceback" not in done.stderr


def test_backup_never_replaces_a_file(place: Path) -> None:
    before = (place / "b.tar").read_bytes()
    done = samverkan("backup", "--data", place / "första installationen", place / "b.tar")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert (place / "b.tar").read_bytes() == before


def test_check_knows_of_the_backup(place: Path) -> None:
    done = samverkan("check", "--data", place / "första installationen", "--json", "--language", "en")
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["backup"]["well"] is True
    assert findings["migrations"]["well"] is True
    assert findings["unchangeable"]["well"] is True
