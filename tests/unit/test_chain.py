"""The chain's trees, its file and its head, without a database: what is written, and what is found when it is changed."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from samverkan.foundation import seal
from samverkan.foundation.chain import ledger, rows, tree, verifying
from samverkan.foundation.chain.ledger import ChainBroken, Head

#: Certificate Transparency's own test vectors of RFC 6962: eight leaves, and the root of the first one, two, three …
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("number", range(1, 9))
def test_trees_are_those_of_the_standard(number: int) -> None:
    leaves = [tree.leaf(bytes.fromhex(text)) for text in LEAVES[:number]]
    assert tree.root(leaves).hex() == ROOTS[number - 1]


def test_a_tree_of_nothing_is_the_hash_of_nothing() -> None:
    assert tree.root([]) == sha256(b"").digest()


def test_rows_come_in_lots_with_the_highest_number_of_each() -> None:
    found = [(number, bytes([number])) for number in (3, 5, 8, 9, 12)]
    assert list(rows.batches(iter(found), 2)) == [
        (5, [b"\x03", b"\x05"]),
        (9, [b"\x08", b"\x09"]),
        (12, [b"\x0c"]),
    ]


def test_chained_tables_have_their_number_first_and_every_column_once() -> None:
    told = rows.tables()
    assert "audit_auditentry" in told and "est_edition" in told and "places_place" not in told
    for columns in told.values():
        assert columns[0] == "id" and len(columns) == len(set(columns)) > 2 and all(columns)


# The file and its head.


@pytest.fixture
def chain(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own, locked, on a fixed day. Gives the folder of seals."""
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-23")
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    with ledger.locked():
        yield settings.DATA / "seals"


A: dict[str, Any] = {"table": "a", "last": 3, "rows": 2, "root": "00"}
B: dict[str, Any] = {"table": "b", "last": 7, "rows": 1, "root": "11", "odd": "åäö\n"}


def _written() -> Head:
    """A chain of three lines in two parts."""
    first = ledger.append(Head(), [A], {"a": {"last": 3, "columns": ["id"]}})
    assert ledger.read_head() == first
    return ledger.append(first, [B, A], {"b": {"last": 7, "columns": ["id", "x"]}})


def test_where_nothing_is_sealed_there_is_an_empty_head(chain: Path) -> None:
    assert ledger.read_head() == Head() == Head(0, 0, sha256(b"samverkan chain 1\n").hexdigest(), "", {})
    assert list(ledger.read(Head())) == []
    (chain / "chain").touch()
    assert ledger.read_head() == Head(), "a file without content holds nothing that a head could be missing of"


def test_what_is_written_is_read_in_order(chain: Path) -> None:
    head = _written()
    assert ledger.read_head() == head
    assert list(ledger.read(head)) == [A, B, A]
    assert (head.lines, head.size) == (3, (chain / "chain").stat().st_size)
    assert head.at.startswith("2026-11-23T") and len(head.at) == len("2026-11-23T12:00:00+00:00")
    assert head.tables == {"a": {"last": 3, "columns": ["id"]}, "b": {"last": 7, "columns": ["id", "x"]}}


def test_the_head_signs_the_hash_of_every_line_over_the_one_before(chain: Path) -> None:
    head = _written()
    lines = (chain / "chain").read_bytes().splitlines(True)
    assert lines[0] == b'{"last":3,"root":"00","rows":2,"table":"a"}\n'
    hashed = sha256(b"samverkan chain 1\n").digest()
    noted = [hashed.hex()]
    for line in lines:
        hashed = sha256(hashed + line).digest()
        noted.append(hashed.hex())
    assert head.hash == noted[3]
    assert [ledger.hash_at(head, number) for number in range(5)] == [*noted, None]
    told = json.loads((chain / "head").read_text())
    signature = bytes.fromhex(told.pop("signature"))
    signed = b"samverkan chain 1\n" + json.dumps(told, sort_keys=True).encode()
    assert signed == head.content() and seal.is_signed(signed, signature)
    assert list(told) == sorted(told), "the same head is the same file"


def test_nobody_else_on_the_computer_reads_it(chain: Path) -> None:
    mask = os.umask(0)
    try:
        for name in ("chain", "head", "lock"):
            (chain / name).unlink(missing_ok=True)
        chain.rmdir()
        with ledger.locked():
            _written()
    finally:
        os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [chain, *chain.iterdir()]}
    assert modes == {"seals": 0o700, "chain": 0o600, "head": 0o600, "lock": 0o600}


def test_what_a_kill_left_behind_the_head_is_written_over(chain: Path) -> None:
    head = _written()
    with (chain / "chain").open("ab") as file:
        file.write(b"half a line, longer than what follows" * 9)
    assert list(ledger.read(head)) == [A, B, A]
    head = ledger.append(head, [B], {})
    assert list(ledger.read(head)) == [A, B, A, B]
    assert (chain / "chain").stat().st_size == head.size


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], Any]:
    return lambda chain: (chain / "chain").write_bytes(
        b"".join(change((chain / "chain").read_bytes().splitlines(True)))
    )


def _head(**changed: Any) -> Callable[[Path], Any]:
    return lambda chain: (chain / "head").write_text(json.dumps(json.loads((chain / "head").read_text()) | changed))


IN_CHAIN = {
    "a line gone": _lines(lambda lines: lines[:-1]),
    "all gone": _lines(lambda lines: []),
    "a line changed": _lines(lambda lines: [lines[0].replace(b"3", b"4"), *lines[1:]]),
    "the last line changed": _lines(lambda lines: [*lines[:2], lines[2].replace(b"3", b"4")]),
    "lines in other places": _lines(lambda lines: [*lines[1:], lines[0]]),
    "no json": _lines(lambda lines: [b"x" * (len(lines[0]) - 1) + b"\n", *lines[1:]]),
    "a byte too few": _lines(lambda lines: [*lines[:2], lines[2][:-1]]),
    "two lines made one": _lines(lambda lines: [lines[0][:-1] + b" ", *lines[1:]]),
    "the file gone": lambda chain: (chain / "chain").unlink(),
}
IN_HEAD = {
    "fewer lines": _head(lines=2),
    "another hash": _head(hash="00" * 32),
    "another table": _head(tables={}),
    "another signature": _head(signature="00" * 64),
    "no hexadecimal": _head(signature="x"),
    "no bytes": _head(signature=7),
    "an unknown word": _head(more=1),
    "no signature": lambda chain: (chain / "head").write_text("{}"),
    "a list": lambda chain: (chain / "head").write_text("[]"),
    "no json": lambda chain: (chain / "head").write_text("{"),
    "no text": lambda chain: (chain / "head").write_bytes(b"\xff"),
    "the file gone": lambda chain: (chain / "head").unlink(),
}


@pytest.mark.parametrize("harm", IN_CHAIN)
def test_whatever_is_changed_in_the_chain_is_found(chain: Path, harm: str) -> None:
    head = _written()
    IN_CHAIN[harm](chain)
    with pytest.raises(ChainBroken):
        list(ledger.read(head))
    assert ledger.read_head() == head


@pytest.mark.parametrize("harm", IN_HEAD)
def test_whatever_is_changed_in_the_head_is_found(chain: Path, harm: str) -> None:
    _written()
    IN_HEAD[harm](chain)
    with pytest.raises(ChainBroken):
        ledger.read_head()


def test_nothing_is_written_behind_a_chain_that_was_cut_short(chain: Path) -> None:
    head = _written()
    IN_CHAIN["a byte too few"](chain)
    before = (chain / "chain").read_bytes()
    with pytest.raises(ChainBroken):
        ledger.append(head, [A], {})
    assert (chain / "chain").read_bytes() == before


def test_who_writes_is_alone_and_readers_are_together(chain: Path) -> None:
    def allowed(how: int) -> bool:
        handle = os.open(chain / "lock", os.O_RDWR)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(handle)

    assert not allowed(fcntl.LOCK_SH), "the fixture holds it"
    (chain / "lock").unlink()
    with ledger.locked(exclusive=False):
        assert allowed(fcntl.LOCK_SH) and not allowed(fcntl.LOCK_EX)
    assert allowed(fcntl.LOCK_EX)
    with pytest.raises(ZeroDivisionError), ledger.locked():
        raise ZeroDivisionError
    assert allowed(fcntl.LOCK_EX)


# Comparing.


def _sealed(last: int, *leaves: bytes) -> dict[str, Any]:
    return {"table": "t", "last": last, "rows": len(leaves), "root": tree.root(leaves).hex(), "at": f"day {last}"}


STATEMENTS = [
    {"table": "t", "columns": ["id"]},
    _sealed(2, b"1", b"2"),
    {"table": "t", "disposed": 0, "rows": 0},
    _sealed(4, b"3", b"4"),
    {"table": "t", "columns": ["id", "x"]},
    _sealed(6, b"5x", b"6x"),
    _sealed(7, b"7x"),
]


@contextmanager
def _holding(monkeypatch: pytest.MonkeyPatch, changed: dict[int, bytes | None]) -> Iterator[list[Any]]:
    asked: list[Any] = []

    def leaves(cursor: Any, table: str, columns: list[str], after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        asked.append((cursor, table, tuple(columns), after, upto))
        for number in range(after + 1, upto + 1):
            leaf = changed.get(number, f"{number}{'x' if 'x' in columns else ''}".encode())
            if leaf is not None:
                yield number, leaf

    with monkeypatch.context() as replaced:
        replaced.setattr(rows, "leaves", leaves)
        yield asked


def test_each_tree_is_compared_over_the_columns_it_was_sealed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    with _holding(monkeypatch, {}) as asked:
        assert verifying.compare("cursor", "t", STATEMENTS, 0, 7) == []
    assert asked == [("cursor", "t", ("id",), 0, 4), ("cursor", "t", ("id", "x"), 4, 7)]


def test_only_the_trees_between_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    with _holding(monkeypatch, {2: b"other", 7: b"other"}) as asked:
        assert verifying.compare("cursor", "t", STATEMENTS, 2, 6) == []
    assert asked == [("cursor", "t", ("id",), 2, 4), ("cursor", "t", ("id", "x"), 4, 6)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({3: b"other"}, [(2, 4, "day 4", 2, 2)]),
        ({3: None}, [(2, 4, "day 4", 2, 1)]),
        ({1: None, 2: None}, [(0, 2, "day 2", 2, 0)]),
        ({5: b"a", 7: None}, [(4, 6, "day 6", 2, 2), (6, 7, "day 7", 1, 0)]),
    ],
)
def test_what_differs_is_told_with_where_and_when(
    changed: dict[int, bytes | None], told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with _holding(monkeypatch, changed):
        found = verifying.compare("cursor", "t", STATEMENTS, 0, 7)
    assert [(d.after, d.upto, d.sealed_at, d.expected, d.found) for d in found] == told
    assert {d.table for d in found} == {"t"}
