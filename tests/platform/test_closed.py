"""What an installation writes is for its owner only, whatever the umask is and whoever made the folders."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samverkan.cli.runtime import scratch_folder
from samverkan.foundation import closed
from samverkan.foundation.postgres.layout import DatabaseFailure, make_directory
from tests.harness.command import clean_environment, samverkan

MAIL = "from django.core.mail import send_mail; send_mail('x', 'a link', None, ['ny@exempel.test'])"
SEALED = "from samverkan.foundation import seal; seal.mac(b'x')"


def open_handed(*arguments: str | Path) -> None:
    """Run a command in a shell whose umask closes nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "samverkan", *map(str, arguments)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        umask=0,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _by_hand(*folders: Path, files: tuple[str, ...]) -> None:
    for folder in folders:
        folder.mkdir()
        folder.chmod(0o777)
    for name in files:
        (folders[0] / name).write_text("for its owner only")
        (folders[0] / name).chmod(0o666)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """An installation in folders that were made by hand and open to all, used with umask 000, and its backup."""
    with scratch_folder() as base:
        data = base / "data"
        _by_hand(data, data / "mail", data / "log", data / "files", files=("mail/earlier.log", "log/serve.log"))
        open_handed("manage", "--data", data, "migrate")
        open_handed("manage", "--data", data, "shell", "-c", f"{MAIL}; {SEALED}")
        (data / "files").chmod(0o755)
        _by_hand(data / "files" / "ab", files=("photo",))
        open_handed("backup", "--data", data, base / "b.tar", "--keys", base / "b.keys")
        yield base


def _all(base: Path) -> list[Path]:
    return [path for path in base.rglob("*") if not path.is_symlink()]


def test_everything_is_for_its_owner_only(place: Path) -> None:
    assert list((place / "data" / "mail").glob("2*.log")), "no mail was written"
    found = {str(path.relative_to(place)): path.stat().st_mode & 0o777 for path in _all(place)}
    own = found.pop("data")
    assert own == (0o711 if os.geteuid() == 0 else 0o700)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
    assert closed.open_to_others(place / "data") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read as somebody else")
def test_another_user_reads_nothing(place: Path) -> None:
    database = place / "data" / "postgres"
    nobody = pwd.getpwnam("nobody").pw_uid
    stranger = nobody if not database.exists() or database.stat().st_uid != nobody else 54_321
    files = [path for path in _all(place) if path.is_file()]
    assert len(files) > 20
    done = subprocess.run(
        ["/usr/bin/xargs", "-0", "/bin/cat"],
        input=b"\0".join(os.fsencode(path) for path in files),
        user=stranger,
        group=stranger,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    assert done.stdout == b""
    assert done.stderr.count(b"Permission denied") == len(files)


@pytest.mark.parametrize("name", ["keys/seal.key", "mail/earlier.log", "files/ab/photo", "database-passwords.json"])
def test_the_check_says_what_is_open_and_how_to_mend_it(place: Path, name: str) -> None:
    path = place / "data" / name
    path.chmod(0o644)
    try:
        found = closed.open_to_others(place / "data")
        assert found == [path]
        closed.close(place / "data")  # what every command does when it begins
        if path.parent == place / "data":
            assert closed.open_to_others(place / "data") == []
            return
        done = samverkan("check", "--data", place / "data", "--json", "--language", "en")
        finding = next(row for row in json.loads(done.stdout)["findings"] if row["subject"] == "closed")
        assert (finding["well"], done.returncode) == (False, 1)
        assert f"chmod -R go-rwx {path}" in finding["sentence"]
    finally:
        path.chmod(0o600)


def test_a_folder_where_everybody_writes_is_refused(tmp_path: Path) -> None:
    common = tmp_path / "common"
    common.mkdir()
    common.chmod(0o1777)
    with pytest.raises(DatabaseFailure, match="Everybody may write"):
        make_directory(common)
    assert common.stat().st_mode & 0o7777 == 0o1777
