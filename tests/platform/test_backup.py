"""A backup restored elsewhere is equal in every row and file, and whatever is wrong is refused in clear words."""

from __future__ import annotations

import io
import json
import random
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from samverkan.cli import Failure, archive, runtime
from samverkan.cli.runtime import scratch_folder
from samverkan.foundation.postgres.driver import Server
from tests.harness.command import clean_environment, samverkan
from tests.harness.live import free_port

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
    whole = (place / "b.tar").read_bytes()
    assert (place / "första installationen" / "keys" / "secret.key").read_bytes() not in whole
    assert (place / "b.tar").stat().st_mode & 0o777 == 0o600
    assert (place / "b.keys").stat().st_mode & 0o777 == 0o600
    done = samverkan("restore", "--data", place / "without", place / "b.tar")
    assert done.returncode == 1
    assert "needs the keys" in done.stderr
    assert not (place / "without").exists()


def member(content: bytes, name: str) -> tuple[int, int]:
    """Where a member's content lies in a backup: from and to."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        entry = tar.getmember(name)
    return entry.offset_data, entry.offset_data + entry.size


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


KINDS = ("database.dump", "files/ab/photo", "manifest.json", "manifest.signed.json")


@pytest.mark.parametrize("harm", [*KINDS, "keys", "keys cut short", "cut short", "without its end", "something else"])
def test_damaged_backup_is_refused_before_anything_is_written(
    place: Path, tmp_path: Path, harm: str, tried: Counter[str]
) -> None:
    tried["damaged backups"] += 1
    whole, keys = (place / "b.tar").read_bytes(), (place / "b.keys").read_bytes()
    if harm in KINDS:
        first, end = member(whole, harm)
        whole = flipped(whole, (first + end) // 2)
    elif harm == "keys":
        keys = flipped(keys, len(keys) // 2)
    elif harm == "keys cut short":
        keys = keys[: len(keys) // 2]
    else:
        end = member(whole, "manifest.json")[0] - 512
        whole = {"cut short": whole[: len(whole) // 2], "without its end": whole[:end]}.get(harm, b"no backup at all")
    (tmp_path / "b.tar").write_bytes(whole)
    (tmp_path / "b.keys").write_bytes(keys)
    done = samverkan("restore", "--data", tmp_path / "new", tmp_path / "b.tar", "--keys", tmp_path / "b.keys")
    assert done.returncode == 1, done.stdout
    assert re.search("damaged|cut short|not those of the backup|signature", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_flipped_byte_anywhere_is_refused_or_changes_nothing(
    place: Path, tmp_path: Path, tried: Counter[str]
) -> None:
    """Only the padding between members, and dates and owners that nothing reads, may be other than they were."""
    whole, keys = (place / "b.tar").read_bytes(), archive.read_keys(place / "b.keys")
    dice, damaged, refused = random.Random(8), tmp_path / "b.tar", 0
    with tarfile.open(place / "b.tar") as tar:
        heads = [at for entry in tar for at in range(entry.offset, entry.offset_data)]
    ends = [at for name in ("manifest.json", "manifest.signed.json") for at in range(*member(whole, name))]
    moments = [*dice.sample(heads, 80), *dice.sample(ends, 40), *dice.sample(range(len(whole)), 20)]

    def read(path: Path) -> dict[str, bytes]:
        with archive.opened(path) as tar:
            manifest = archive.verify(tar, path, keys, tmp_path)
            found = {"manifest": json.dumps(manifest).encode()}
            for name, digest in (
                {"database.dump": manifest["dump"]}
                | {f"files/{n}": d for n, d in manifest["files"].items()}
                | {f"seals/{n}": d for n, d in manifest["seals"].items()}
            ).items():
                archive.extract(tar, name, digest, stream := io.BytesIO())
                found[name] = stream.getvalue()
        return found

    expected = read(place / "b.tar")
    for at in moments:
        damaged.write_bytes(flipped(whole, at))
        try:
            assert read(damaged) == expected, at
        except Failure as failure:
            refused += 1
            assert "damaged" in str(failure) or "manifest" in str(failure) or "changed" in str(failure), at
    assert refused >= 60
    tried["flipped bytes in backups"] += len(moments)


def test_a_manifest_written_anew_without_the_keys_is_refused(place: Path, tmp_path: Path) -> None:
    """Somebody who can compute checksums changes a file, and its checksums; what cannot be made is the signature."""
    with tarfile.open(place / "b.tar") as old:
        content = {entry.name: old.extractfile(entry).read() for entry in old}  # type: ignore[union-attr]
    manifest = json.loads(content["manifest.json"])
    manifest["people"] = [{"function": "Angripare"}]
    for strip in (False, True):
        if strip:
            manifest["keys"] = {}
        told = json.dumps(manifest).encode()
        signatures = {} if strip else json.loads(content["manifest.signed.json"])["signatures"]
        content["manifest.json"] = told
        content["manifest.signed.json"] = json.dumps(
            {"sha256": archive.sha256_of(told), "signatures": signatures}
        ).encode()
        with tarfile.open(tmp_path / "forged.tar", "w") as tar:
            for name, data in content.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        done = samverkan("restore", "--data", tmp_path / "new", tmp_path / "forged.tar", "--keys", place / "b.keys")
        assert done.returncode == 1
        assert "sign" in done.stderr, done.stderr
        assert not (tmp_path / "new").exists()


def test_a_restore_that_is_not_complete_is_used_by_nobody(place: Path) -> None:
    folder = place / "half"
    folder.mkdir()
    runtime.half_made_mark(folder).write_text("")
    for command in ("serve", "worker", "check", "demo", "backup"):
        done = samverkan(command, "--data", folder, *([folder / "x.tar"] if command == "backup" else []))
        assert done.returncode == 1, command
        assert "samverkan restore" in done.stderr, command
    assert {path.name for path in folder.iterdir()} <= {"restore-unfinished", "demo.lock"}


def test_a_real_server_refuses_a_demonstrations_people_though_the_folder_does_not_tell(place: Path) -> None:
    """The fixture's cast was loaded into an installation that was never marked as a demonstration."""
    first = place / "första installationen"
    assert "demo" not in runtime.read_state(first)
    done = samverkan("serve", "--data", first, "--port", str(free_port()))
    assert done.returncode == 1
    assert "demonstration" in done.stderr
    done = samverkan("check", "--data", first, "--json", "--language", "en")
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert findings["demo"]["well"] is False


def killed_after(moment: float, *arguments: str | Path) -> int:
    """Run a command and kill it, unless it ended before. Gives its status."""
    process = subprocess.Popen(
        [sys.executable, "-m", "samverkan", *map(str, arguments)],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _kill_backups(place: Path, folder: Path, rounds: int) -> None:
    """Killed at moments spread over the whole of it, it leaves nothing; only a whole one has the name."""
    first, dice, killed = place / "första installationen", random.Random(80), 0
    began = time.monotonic()
    assert killed_after(300, "backup", "--data", first, folder / "whole.tar", "--keys", folder / "whole.keys") == 0
    took = time.monotonic() - began
    (folder / "whole.tar").unlink(), (folder / "whole.keys").unlink()
    in_data = {path.name for path in first.iterdir()}
    for _ in range(rounds):
        status = killed_after(
            dice.uniform(took * 0.2, took), "backup", "--data", first, folder / "b.tar", "--keys", folder / "b.keys"
        )
        killed += status != 0
        left = {path.name for path in folder.iterdir()}
        if (folder / "b.tar").exists():
            with archive.opened(folder / "b.tar") as tar:
                archive.verify(tar, folder / "b.tar", archive.read_keys(folder / "b.keys"), folder)
            (folder / "b.tar").unlink(), (folder / "b.keys").unlink()
        else:
            assert left == set()
        assert {path.name for path in first.iterdir()} == in_data
    assert killed


def _killed_restore(target: Path, restore: tuple[str | Path, ...], moment: float) -> bool:
    """Kill a restore so long after its first trace. Whether it was half made then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "samverkan", "restore", "--data", str(target), *map(str, restore)],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not runtime.half_made_mark(target).exists():
        time.sleep(0.002)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return runtime.half_made_mark(target).exists()


def _kill_restores(place: Path, folder: Path, moments: list[float], *, half_made: int) -> None:
    """Killed at any moment, nothing starts on what is there, and the same command completes it."""
    expected, found_half = content_of(place / "första installationen"), 0
    restore = (place / "b.tar", "--keys", place / "b.keys")
    for number, moment in enumerate(moments):
        target = folder / f"restored {number}"
        if _killed_restore(target, restore, moment):
            found_half += 1
            for command in ("serve", "worker", "check"):
                done = samverkan(command, "--data", target)
                assert (done.returncode, "samverkan restore" in done.stderr) == (1, True), done.stderr
            done = samverkan("restore", "--data", target, *restore)
            assert done.returncode == 0, done.stderr
        found = content_of(target)
        assert [name for name in expected if expected[name] != found[name]] == []
        assert archive.list_files(target).keys() == archive.list_files(place / "första installationen").keys()
        assert archive.keys_in(target) == archive.read_keys(place / "b.keys")
        assert not runtime.half_made_mark(target).exists()
    assert found_half >= half_made


def test_a_killed_backup_leaves_nothing(place: Path, tmp_path: Path, tried: Counter[str]) -> None:
    _kill_backups(place, tmp_path, 3)
    tried["kills of backup and restore"] += 3


@pytest.mark.long
def test_a_backup_killed_at_thirty_moments_leaves_nothing(place: Path, tmp_path: Path, tried: Counter[str]) -> None:
    _kill_backups(place, tmp_path, 30)
    tried["kills of backup and restore"] += 30


def test_a_killed_restore_is_used_by_nobody_and_completed_by_the_same_again(place: Path) -> None:
    with scratch_folder() as folder:
        _kill_restores(place, folder, [random.Random(82).uniform(0, 1)], half_made=1)


@pytest.mark.long
def test_a_restore_killed_at_fifteen_moments(place: Path, tried: Counter[str]) -> None:
    dice = random.Random(83)
    tried["kills of backup and restore"] += 15
    with scratch_folder() as folder:
        _kill_restores(place, folder, [dice.uniform(0, 12) for _ in range(15)], half_made=3)


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
    assert findings["attacks"]["well"] is True
