"""Figures are made while others write, by several readers at once, and end up right."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.db import connection, connections, transaction

from samverkan.domain.incidents.api import Category, Incident, Source
from samverkan.domain.incidents.store import touch_weeks
from samverkan.domain.picture import facts
from samverkan.domain.picture.models import FactSegment
from samverkan.foundation import clock
from samverkan.foundation.people.models import Organisation

from .conftest import LAST

WEEKS, ROUNDS = 6, 12


def test_readers_beside_writers_miss_nothing(fresh_db: str) -> None:
    home = Organisation.objects.create(name="Påhittade", kind="municipality", is_home=True, is_invented=True)
    source = Source.objects.create(code="x", name="X", kind="file", controller=home)
    category = Category.objects.create(code="x-category", name_sv="X")
    failures: list[BaseException] = []
    done = threading.Event()

    def write(who: int) -> None:
        for n in range(ROUNDS):
            with transaction.atomic():
                # Weeks in one order, as the services write them, so that writers wait instead of locking each other out.
                weeks = sorted({(who + n) % WEEKS, (2 * n) % WEEKS})
                for k in weeks:
                    week = LAST.plus(-k)
                    Incident.objects.create(
                        controller=home,
                        source=source,
                        external_id=f"{who}-{n}-{k}",
                        category=category,
                        started_at=week.span[0] + timedelta(hours=9),
                        week=week.index,
                        precision="municipality",
                        observed_at=clock.now(),
                        content_hash=b"0",
                    )
                with connection.cursor() as cursor:
                    touch_weeks(cursor, [LAST.plus(-k).index for k in weeks])

    def read() -> None:
        while not done.is_set():
            facts.current()
            facts.forget()

    def run(function, *arguments) -> threading.Thread:  # type: ignore[no-untyped-def]
        def guarded() -> None:
            try:
                function(*arguments)
            except BaseException as error:
                failures.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    readers = [run(read) for _n in range(2)]
    writers = [run(write, who) for who in range(2)]
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert not failures
    held = facts.current()
    assert held.rows == Incident.objects.count() > 2 * ROUNDS
    assert sum(FactSegment.objects.values_list("rows", flat=True)) == held.rows
    assert facts.stale_weeks() == []
