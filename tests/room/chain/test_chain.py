"""The second fence: whatever the database's owner does to sealed rows, verifying finds it."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from samverkan.foundation.chain import disposing, ledger, replacing, rows, sealing, verifying
from samverkan.foundation.people.models import Organisation
from tests.harness.database import TestDatabases

ROWS, EDITIONS = 2500, 12


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own, so that its chain and key are too."""
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture(scope="module")
def name(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> Iterator[str]:
    """One database for the tests of this file, each of which fills it anew."""
    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            yield name
        databases.drop(name)


@pytest.fixture
def owner(name: str, databases: TestDatabases, data: Path) -> Iterator[psycopg.Connection[Any]]:
    """The test's database as its owner, with a log and locked weeks in it."""
    with psycopg.connect(databases.server.url("owner", name), autocommit=True) as found:
        controller = Organisation.objects.first() or Organisation.objects.create(name="Påhittad", kind="municipality")
        found.execute("TRUNCATE est_estweek RESTART IDENTITY CASCADE")
        found.execute(
            "INSERT INTO est_estweek (controller_id, first, weeks, state, judgement, version, public_id)"
            " SELECT %s, n, 1, 'open', '', 1, gen_random_uuid() FROM generate_series(1, %s) n",
            [controller.pk, EDITIONS],
        )
        found.execute(
            "INSERT INTO est_edition (public_id, week_id, number, content, sha256, frozen_at, corrects)"
            " SELECT gen_random_uuid(), id, 1, jsonb_build_object('heading', 'Påhittad ' || first), repeat('a', 64), now(), ''"
            " FROM est_estweek"
        )
        found.execute("TRUNCATE audit_auditentry RESTART IDENTITY")
        found.execute(
            'INSERT INTO audit_auditentry (at, person_id, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)'
            " SELECT '2026-01-01 00:00+00'::timestamptz + n * interval '1 minute', n %% 7, 'r' || n, 'places_place', 'U', 1,"
            " ARRAY[n::text], n::text, n::text, ARRAY['name', E'odd\\tone\\n\\\\'] FROM generate_series(1, %s) n",
            [ROWS],
        )
        yield found


@contextmanager
def planted(owner: psycopg.Connection[Any], *statements: str) -> Iterator[None]:
    """What the owner does, seen by verifying on the same connection, and undone."""
    with owner.transaction(force_rollback=True):
        for statement in statements:
            owner.execute(statement)
        yield


def _number(draw: random.Random) -> int:
    return draw.randint(1, ROWS)


_LOG, _WEEKS = "audit_auditentry", "est_edition"
_VALUES = "(now(), 'x', 't', 'U', 1, '{1}', '1', '1', '{}')"
ENTRY = (
    'INSERT INTO audit_auditentry (at, request_id, "table", operation, rows, row_ids, first_id, last_id, columns)'
    f" VALUES {_VALUES}"
)
_OPEN = "ALTER TABLE est_edition DISABLE TRIGGER USER"
#: Everything an owner would do, each with numbers of its own.
PLANTS: dict[str, Callable[[random.Random], list[str]]] = {
    "another person": lambda d: [f"UPDATE {_LOG} SET person_id = coalesce(person_id, 0) + 1 WHERE id = {_number(d)}"],
    "nobody": lambda d: [f"UPDATE {_LOG} SET person_id = NULL WHERE id = {_number(d)}"],
    "another time": lambda d: [f"UPDATE {_LOG} SET at = at + interval '1 microsecond' WHERE id = {_number(d)}"],
    "another table": lambda d: [f"UPDATE {_LOG} SET \"table\" = 'places_area' WHERE id = {_number(d)}"],
    "another act": lambda d: [f"UPDATE {_LOG} SET operation = 'D' WHERE id = {_number(d)}"],
    "another row": lambda d: [f"UPDATE {_LOG} SET row_ids = ARRAY['0'] WHERE id = {_number(d)}"],
    "other columns": lambda d: [f"UPDATE {_LOG} SET columns = '{{}}' WHERE id = {_number(d)}"],
    "another request": lambda d: [f"UPDATE {_LOG} SET request_id = '' WHERE id = {_number(d)}"],
    "one taken away": lambda d: [f"DELETE FROM {_LOG} WHERE id = {_number(d)}"],
    "many taken away": lambda d: [f"DELETE FROM {_LOG} WHERE id BETWEEN {(n := _number(d))} AND {n + d.randint(0, 900)}"],
    "cut short": lambda d: [f"DELETE FROM {_LOG} WHERE id > {_number(d) - 1}"],
    "emptied": lambda d: [f"TRUNCATE {_LOG}"],
    "two change places": lambda d: [
        f"UPDATE {_LOG} SET id = -1 WHERE id = {(n := d.randint(1, ROWS - 1))}",
        f"UPDATE {_LOG} SET id = {n} WHERE id = {n + 1}",
        f"UPDATE {_LOG} SET id = {n + 1} WHERE id = -1",
    ],
    "one moved to the end": lambda d: [f"UPDATE {_LOG} SET id = {ROWS + 5} WHERE id = {_number(d)}"],
    "one put in before": lambda d: [
        f"INSERT INTO {_LOG} SELECT (jsonb_populate_record(a, '{{\"id\": {-d.randint(0, 9)}}}')).* FROM {_LOG} a WHERE id = {_number(d)}"
    ],
    "one put in the place of another": lambda d: [
        f"DELETE FROM {_LOG} WHERE id = {(n := d.randint(1, ROWS - 1))}",
        f"INSERT INTO {_LOG} SELECT (jsonb_populate_record(a, '{{\"id\": {n}}}')).* FROM {_LOG} a WHERE id = {n + 1}",
    ],
    "a week's content": lambda d: [_OPEN, f"UPDATE {_WEEKS} SET content = content || '{{\"n\": {d.randint(0, 9)}}}' WHERE id = {d.randint(1, EDITIONS)}"],
    "a week's fingerprint": lambda d: [_OPEN, f"UPDATE {_WEEKS} SET sha256 = repeat('b', 64) WHERE id = {d.randint(1, EDITIONS)}"],
    "a week's day": lambda d: [_OPEN, f"UPDATE {_WEEKS} SET frozen_at = frozen_at - interval '1 day' WHERE id = {d.randint(1, EDITIONS)}"],
    "a week taken away": lambda d: [_OPEN, f"DELETE FROM {_WEEKS} WHERE id = {d.randint(1, EDITIONS)}"],
    "a column gone": lambda d: [f"ALTER TABLE {_LOG} DROP COLUMN request_id"],
    "another table in its place": lambda d: [f"ALTER TABLE {_LOG} RENAME TO hidden"],
    "the same by the first name": lambda d: [
        f"ALTER TABLE {_LOG} RENAME TO hidden",
        f"CREATE VIEW {_LOG} AS SELECT * FROM hidden WHERE id <> {_number(d)}",
    ],
}  # fmt: skip


def _verify(database: psycopg.Connection[Any]) -> verifying.Verdict:
    return verifying.verify(database)


@pytest.mark.parametrize("number", [50, pytest.param(1000, marks=pytest.mark.long)])
def test_whatever_the_owner_plants_is_found(owner: psycopg.Connection[Any], number: int, record_property: Any) -> None:
    assert sealing.seal() == ROWS + EDITIONS
    assert _verify(owner).damages == []
    draw, missed, tried = random.Random(8), [], Counter[str]()
    kinds = list(PLANTS)
    for turn in range(number):
        kind = kinds[turn % len(kinds)]
        statements = PLANTS[kind](draw)
        with planted(owner, *statements):
            if not _verify(owner).damages:
                missed.append((kind, statements))
        tried[kind] += 1
    assert missed == []
    assert _verify(owner).damages == [], "and nothing of it is left"
    record_property("tried the log changed by its owner", number)


#: The rows stand as they were sealed, and somebody is shown something else.
MASKS = {
    "a policy": [
        f"CREATE POLICY mask ON {_LOG} FOR SELECT TO app USING (id <> 5 OR current_query() ILIKE 'copy%')",
        f"ALTER TABLE {_LOG} ENABLE ROW LEVEL SECURITY",
    ],
    "a view": [
        f"ALTER TABLE {_LOG} RENAME TO hidden",
        f"CREATE VIEW {_LOG} AS SELECT * FROM hidden WHERE id <> 5 OR current_query() ~* '^(copy|select count)'",
    ],
    "another schema": [
        "CREATE SCHEMA mask",
        f"CREATE VIEW mask.{_LOG} AS SELECT * FROM public.{_LOG} WHERE id <> 5",
        "SET LOCAL search_path = mask, public",
    ],
    "another schema, with an equality of its own": [
        "CREATE SCHEMA mask",
        f"CREATE VIEW mask.{_LOG} AS SELECT * FROM public.{_LOG} WHERE id <> 5",
        "CREATE FUNCTION mask.yes(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE OPERATOR mask.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = mask.yes)",
        f"CREATE FUNCTION mask.to_regclass(text) RETURNS regclass LANGUAGE sql AS $$SELECT 'public.{_LOG}'::regclass$$",
        "SET LOCAL search_path = mask, public, pg_catalog",
    ],
    "a table that inherits": [f"CREATE TABLE more () INHERITS ({_LOG})"],
    "a rule": [f"CREATE RULE mask AS ON INSERT TO {_LOG} DO INSTEAD NOTHING"],
}


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_before_what_is_sealed_is_found(owner: psycopg.Connection[Any], mask: str) -> None:
    sealing.seal()
    assert _verify(owner).well
    with planted(owner, *MASKS[mask]):
        verdict = _verify(owner)
    assert (verdict.damages, verdict.masked, verdict.well) == ([], [_LOG], False)


def test_what_is_right_is_well_and_newer_rows_are_counted(owner: psycopg.Connection[Any]) -> None:
    sealing.seal()
    verdict = _verify(owner)
    assert (verdict.rows, verdict.unsealed, verdict.damages) == (ROWS + EDITIONS, {_LOG: 0, _WEEKS: 0}, [])
    owner.execute(f"{ENTRY}, {_VALUES}, {_VALUES}")
    assert _verify(owner).unsealed[_LOG] == 3
    assert sealing.seal() == 3 and sealing.seal() == 0
    assert (_verify(owner).rows, _verify(owner).damages) == (ROWS + EDITIONS + 3, [])


def test_the_damage_says_where(owner: psycopg.Connection[Any]) -> None:
    sealing.seal()
    with planted(owner, f"DELETE FROM {_LOG} WHERE id = 1500"):
        [damage] = _verify(owner).damages
    assert (damage.table, damage.after, damage.upto, damage.expected, damage.found) == (_LOG, 1024, 2048, 1024, 1023)


def test_a_row_that_is_committed_late_is_neither_lost_nor_called_a_forgery(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    """It took its number before others that are sealed: those wait for it, and it is sealed among them."""
    sealing.seal()
    with psycopg.connect(databases.server.url("owner", name)) as slow:
        slow.execute(ENTRY)  # takes its number, and goes on
        owner.execute(ENTRY)
        assert sealing.seal(patience=0.1) == 0
        assert sealing.seal(patience=0.1) == 0
        with psycopg.connect(databases.server.url("owner", name)) as slower:
            slower.execute(ENTRY)  # whoever began after the others was noted holds up nobody
            slow.commit()
            assert sealing.seal(patience=0.1) == 2
            slower.commit()
    assert sealing.seal() == 1
    assert _verify(owner).damages == []


def test_writers_go_on_while_it_is_sealed(owner: psycopg.Connection[Any], name: str, databases: TestDatabases) -> None:
    """Four at once, some of whom change their mind: in the end everything is sealed and in its place."""

    def write(seed: int) -> None:
        draw = random.Random(seed)
        with psycopg.connect(databases.server.url("owner", name)) as writer:
            for _turn in range(60):
                writer.execute(ENTRY)
                if draw.random() < 0.2:
                    writer.rollback()
                else:
                    writer.commit()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sealing.seal(patience=0.05)
    sealing.seal()
    verdict = _verify(owner)
    assert verdict.damages == [] and verdict.unsealed[_LOG] == 0


def _earlier(*files: Path) -> None:
    for file in files:
        file.write_bytes((file.parents[1] / f"{file.name}.earlier").read_bytes())


HARMS: dict[str, Callable[[Path, Path], Any]] = {
    "a line changed": lambda chain, head: chain.write_bytes(chain.read_bytes().replace(b'"rows":1024', b'"rows":1023', 1)),
    "a byte changed": lambda chain, head: chain.write_bytes(b"[" + chain.read_bytes()[1:]),
    "cut short": lambda chain, head: chain.write_bytes(b"".join(chain.read_bytes().splitlines(True)[:-1])),
    "lines change places": lambda chain, head: chain.write_bytes(b"".join(chain.read_bytes().splitlines(True)[::-1])),
    "the chain gone": lambda chain, head: chain.unlink(),
    "the head gone": lambda chain, head: head.unlink(),
    "the head says less": lambda chain, head: head.write_text(json.dumps(json.loads(head.read_text()) | {"lines": 1})),
    "the head signed by another": lambda chain, head: head.write_text(json.dumps(json.loads(head.read_text()) | {"signature": "00" * 64})),
    "an earlier chain put back": lambda chain, head: _earlier(chain, head),
    "all of it gone": lambda chain, head: (chain.unlink(), head.unlink()),
    "the head not written by us": lambda chain, head: head.write_text("[]"),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARMS)
def test_the_chain_itself_cannot_be_changed(owner: psycopg.Connection[Any], data: Path, harm: str) -> None:
    sealing.seal()
    for name in ("chain", "head"):
        (data / f"{name}.earlier").write_bytes((data / "seals" / name).read_bytes())
    owner.execute(ENTRY)
    sealing.seal()
    HARMS[harm](data / "seals" / "chain", data / "seals" / "head")
    with pytest.raises(ledger.ChainBroken):
        _verify(owner)
    if harm in {"cut short", "the chain gone", "an earlier chain put back", "all of it gone"} or "head" in harm:
        owner.execute(f"UPDATE {_LOG} SET id = id + 100000 WHERE id = 1")
        with pytest.raises(ledger.ChainBroken):
            sealing.seal()


def test_a_line_that_was_being_written_when_killed_is_written_again(owner: psycopg.Connection[Any], data: Path) -> None:
    sealing.seal()
    with (data / "seals" / "chain").open("ab") as chain:
        chain.write(b'{"table":"audit_auditentry","last":99' * 20)
    assert _verify(owner).damages == []
    owner.execute(ENTRY)
    assert sealing.seal() == 1
    assert _verify(owner).damages == []
    assert (data / "seals" / "chain").stat().st_size == ledger.read_head().size, "and nothing of it stays behind"


def test_what_may_still_be_undone_is_not_sealed(owner: psycopg.Connection[Any]) -> None:
    """Within a transaction that is rolled back, its own rows would be missed for ever."""
    sealing.seal()
    with transaction.atomic():
        Organisation.objects.create(name="Ångrad", kind="municipality")
        assert sealing.seal(patience=0.1) == 0
        transaction.set_rollback(True)
    assert sealing.seal() == 0 and _verify(owner).damages == []


def test_a_head_noted_elsewhere_tells_of_a_chain_written_anew(owner: psycopg.Connection[Any], data: Path) -> None:
    sealing.seal()
    noted = ledger.read_head()
    for name in ("seals/chain", "seals/head", "keys/chain"):
        (data / name).unlink()
    owner.execute(f"DELETE FROM {_LOG} WHERE id = 7")
    sealing.seal()
    assert _verify(owner).damages == [], "whoever has the key and the files can write a chain of their own"
    assert ledger.hash_at(ledger.read_head(), noted.lines) != noted.hash, "but not one with a head that others know"


def test_a_column_that_came_later_is_hashed_from_then_on(
    owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = rows.tables()
    monkeypatch.setattr(rows, "tables", lambda: now | {_LOG: [c for c in now[_LOG] if c != "request_id"]})
    sealing.seal()
    monkeypatch.undo()
    owner.execute(ENTRY)
    assert sealing.seal() == 1
    assert _verify(owner).damages == []
    with planted(owner, f"UPDATE {_LOG} SET request_id = 'y' WHERE id > {ROWS}"):
        assert len(_verify(owner).damages) == 1


def test_a_lawful_disposal_is_no_damage_and_a_theft_beside_it_is(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    sealing.seal()
    with databases.django_on(name, "owner"):
        assert disposing.dispose(_LOG, upto=1500, rule="KS 2026/12") == 1024, "whole trees only"
        assert disposing.dispose(_LOG, upto=1500, rule="KS 2026/12") == 0
        connection.close()
    verdict = _verify(owner)
    assert (verdict.disposed, verdict.damages) == (1024, [])
    with planted(owner, f"DELETE FROM {_LOG} WHERE id = 1025"):
        assert len(_verify(owner).damages) == 1
    with planted(
        owner, f"INSERT INTO {_LOG} SELECT (jsonb_populate_record(a, '{{\"id\": 4}}')).* FROM {_LOG} a WHERE id = 2000"
    ):
        assert [(d.upto, d.found) for d in _verify(owner).damages] == [(1024, 1)]


def test_what_was_changed_is_not_disposed_of(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    sealing.seal()
    owner.execute(f"UPDATE {_LOG} SET person_id = 99 WHERE id = 3")
    with databases.django_on(name, "owner"), pytest.raises(ledger.ChainBroken, match="evidence"):
        disposing.dispose(_LOG, upto=1500, rule="KS 2026/12")
    assert len(_verify(owner).damages) == 1


def _emptied(number: int) -> None:
    """Content taken out of one locked week, as it is decided and done, with the owner's hand for the database's."""

    def change(cursor: Any) -> None:
        cursor.execute(
            "INSERT INTO est_editiontakenout (edition_id, reason, at) VALUES (%s, 'x', now()) ON CONFLICT DO NOTHING",
            [number],
        )
        cursor.execute(f"UPDATE {_WEEKS} SET content = '{{}}' WHERE id = %s", [number])

    replacing.replace(_WEEKS, number, change=change, rule="för provet")


def test_content_taken_out_by_decision_verifies_and_what_was_is_known(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    sealing.seal()
    with databases.django_on(name, "owner"):
        _emptied(5)
        _emptied(5)
        connection.close()
    verdict = _verify(owner)
    assert (verdict.damages, verdict.replaced) == ([], 1)
    told = [s for s in ledger.read(ledger.read_head()) if "replaced" in s]
    assert [(s["replaced"], s["rule"]) for s in told] == [(5, "för provet")] and told[0]["was"] != told[0]["now"]
    assert "Påhittad" not in ledger._chain().read_text("utf-8")
    # The row may be nothing else than what was put there, and the rows beside it what they were.
    with planted(owner, _OPEN, f'UPDATE {_WEEKS} SET content = \'{{"heading": "x"}}\' WHERE id = 5'):
        assert len(_verify(owner).damages) == 1
    with planted(owner, _OPEN, f"UPDATE {_WEEKS} SET content = '{{}}' WHERE id = 6"):
        assert len(_verify(owner).damages) == 1
    with planted(owner, _OPEN, "DELETE FROM est_editiontakenout", f"DELETE FROM {_WEEKS} WHERE id = 5"):
        assert len(_verify(owner).damages) == 1


def test_a_kill_between_chain_and_database_is_told_and_ended_by_the_same_call(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    sealing.seal()
    (before,) = owner.execute(f"SELECT content::text FROM {_WEEKS} WHERE id = 5").fetchone() or ("",)
    with databases.django_on(name, "owner"):
        _emptied(5)
        connection.close()
        with owner.transaction():
            owner.execute(_OPEN)
            owner.execute(f"UPDATE {_WEEKS} SET content = %s WHERE id = 5", [before])
            owner.execute("ALTER TABLE est_edition ENABLE TRIGGER USER")
        assert len(_verify(owner).damages) == 1, "the chain says that the content went, and it is there"
        _emptied(5)
        connection.close()
    assert not _verify(owner).damages
    assert sum("replaced" in s for s in ledger.read(ledger.read_head())) == 1


def test_what_was_changed_before_is_not_replaced(
    owner: psycopg.Connection[Any], name: str, databases: TestDatabases
) -> None:
    sealing.seal()
    with owner.transaction():
        owner.execute(_OPEN)
        owner.execute(f"UPDATE {_WEEKS} SET sha256 = repeat('b', 64) WHERE id = 7")
        owner.execute("ALTER TABLE est_edition ENABLE TRIGGER USER")
    with databases.django_on(name, "owner"), pytest.raises(ledger.ChainBroken, match="evidence"):
        _emptied(5)
    assert len(_verify(owner).damages) == 1


def test_what_is_sealed_is_the_log_and_the_locked_weeks() -> None:
    assert set(rows.tables()) == {_LOG, _WEEKS}
