"""Files are whole or not there, and for their owner only."""

from __future__ import annotations

import os
import stat
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
