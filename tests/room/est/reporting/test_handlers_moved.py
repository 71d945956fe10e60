"""Jobs that waited when the handlers of reports got a file of their own are still done."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.db import connection

from samverkan.domain.incidents.api import BecameHomeBound, WordsTakenOut
from samverkan.foundation import events, jobs


def test_what_waits_for_a_handler_finds_it_by_its_new_name(db: None) -> None:
    moved = import_module("samverkan.domain.est.migrations.0009_handlers_in_a_file_of_their_own")

    def waiting() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT args ->> 'handler' FROM procrastinate_jobs WHERE task_name = 'events.handle'")
            return {name for (name,) in cursor.fetchall()}

    def execute(statement: str, values: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    events.publish(BecameHomeBound(0))
    events.publish(WordsTakenOut(0, photos=False))
    now = waiting()
    assert now <= set(moved.NAMES.values()) and len(now) == 2
    editor = SimpleNamespace(execute=execute)
    moved.rename({after: before for before, after in moved.NAMES.items()})(None, editor)
    assert waiting() <= set(moved.NAMES)
    moved.rename(moved.NAMES)(None, editor)
    assert waiting() == now and jobs.run_pending() == 2
