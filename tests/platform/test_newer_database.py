"""A database made by a newer version is left alone by an older one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder

from samverkan.cli import check, prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = MigrationRecorder.applied_migrations

    def also_later(self: MigrationRecorder) -> dict[tuple[str, str], Any]:
        found = applied(self)
        return {
            **found,
            ("est", "9999_from_the_future"): next(iter(found.values())),
            ("a_room_of_the_future", "0001_initial"): None,
        }

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", also_later)


def test_the_present_database_is_not_newer() -> None:
    assert prepare.ahead() == []


def test_a_newer_one_is_not_touched(newer: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMVERKAN_DATA", str(tmp_path))
    done: list[str] = []
    monkeypatch.setattr(prepare, "migrate", lambda: done.append("migrated"))
    with pytest.raises(SystemExit) as refused:
        prepare.main([])
    assert "newer Samverkan (est.9999_from_the_future)" in str(refused.value)
    assert done == []
    assert list(tmp_path.iterdir()) == []


def test_the_check_says_so(newer: None) -> None:
    found = [f for f in check._versions_and_database() if f.subject == "newer"]
    assert len(found) == 1
    assert "est.9999_from_the_future" in found[0].sentence
    assert not found[0].well
