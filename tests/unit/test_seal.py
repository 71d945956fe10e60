"""The seal: what comes back, what is refused, and how the key is kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation import seal


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    seal._keys.cache_clear()
    yield tmp_path
    seal._keys.cache_clear()


def test_what_is_sealed_comes_back_and_twice_is_not_the_same() -> None:
    @given(st.binary(max_size=2000), st.binary(max_size=20))
    def check(content: bytes, context: bytes) -> None:
        first, second = (seal.encrypt(content, context=context) for _ in range(2))
        assert seal.decrypt(first, context=context) == content
        assert first != second

    check()


@pytest.mark.parametrize("at", [0, 4, 6, 20, -1])
def test_every_changed_byte_is_noticed(at: int) -> None:
    sealed = bytearray(seal.encrypt(b"content of some length"))
    sealed[at] ^= 1
    with pytest.raises(seal.SealBroken):
        seal.decrypt(bytes(sealed))


@pytest.mark.parametrize("content", [b"", b"SEAL1", b"plain words", b"SEAL1" + b"\x00" * 12])
def test_what_was_never_sealed_is_refused(content: bytes) -> None:
    with pytest.raises(seal.SealBroken):
        seal.decrypt(content)


def test_the_context_must_be_the_same() -> None:
    sealed = seal.encrypt(b"content", context=b"a")
    with pytest.raises(seal.SealBroken):
        seal.decrypt(sealed, context=b"b")


def test_the_key_is_for_its_owner_only(folder: Path) -> None:
    seal.mac(b"x")
    assert seal.key_path().stat().st_mode & 0o777 == 0o600
    seal.key_path().chmod(0o644)
    seal._keys.cache_clear()
    with pytest.raises(seal.KeyProblem, match="read by others"):
        seal.mac(b"x")


def test_a_short_key_is_refused(folder: Path) -> None:
    seal.key_path().parent.mkdir()
    seal.key_path().write_bytes(b"short")
    seal.key_path().chmod(0o600)
    with pytest.raises(seal.KeyProblem, match="5 bytes"):
        seal.mac(b"x")


def test_a_lost_key_is_not_replaced_where_sealed_files_lie(folder: Path) -> None:
    (folder / "files" / "ab").mkdir(parents=True)
    with pytest.raises(seal.KeyProblem, match="Restore it from a backup"):
        seal.mac(b"x")
    assert not seal.key_path().exists()


def test_all_who_begin_at_once_get_the_same_key(folder: Path) -> None:
    def one(_: int) -> bytes:
        return seal._secret(seal.key_path())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(32)))) == 1
    assert [path.name for path in seal.key_path().parent.iterdir()] == ["seal.key"]


def test_the_mac_depends_on_the_key() -> None:
    first = seal.mac(b"x")
    assert first == seal.mac(b"x") and len(first) == 32
    seal.key_path().unlink()
    seal._keys.cache_clear()
    assert seal.mac(b"x") != first
