"""Files are whole or not there, and for their owner only."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from samverkan.foundation import whole


@pytest.fixture(autouse=True)
def open_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_file_is_replaced_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert whole.write(path, b"one") and whole.write(path, b"two")
    assert path.read_bytes() == b"two" and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_that_write_once_one_does(tmp_path: Path) -> None:
    path, written, gate = tmp_path / "a", [], threading.Barrier(8)

    def make(n: int) -> None:
        gate.wait()
        if whole.write(path, bytes([n]), once=True):
            written.append(bytes([n]))

    threads = [threading.Thread(target=make, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == [path.read_bytes()] and list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_leaves_the_old_file_and_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    whole.write(path, b"one")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        whole.write(path, b"two")
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


_WRITE = "from samverkan.foundation import whole; whole.write(folder / "
_APPEAR = "from samverkan.cli import archive\nwith archive.appearing(folder / 'b', folder / 'c'): pass"


@pytest.mark.parametrize(
    ("writer", "moment"),
    [(f"{_WRITE}'a', b'two')", 1), (f"{_WRITE}'b', b'two', once=True)", 1), (_APPEAR, 1), (_APPEAR, 2)],
)
def test_a_killed_writer_leaves_nothing(tmp_path: Path, writer: str, moment: int) -> None:
    """Killed while the disk is waited for, which takes longest; of two files none has its name before both are there."""
    whole.write(tmp_path / "a", b"one")
    script = f"""
import os, pathlib, sys
folder, waited = pathlib.Path(sys.argv[1]), 0
def killed(handle):
    global waited
    waited += 1
    if waited == {moment}:
        os.kill(os.getpid(), 9)
os.fsync = killed
{writer}
"""
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one"]
