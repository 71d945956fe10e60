"""Imports whose process ended before they did: killed, out of power, out of disk.

While an import runs its session holds a lock of the database named by the run. A run without an end
whose lock is free is nobody's any more. One given in the browser is left while its files wait: the
queue takes it up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from samverkan.foundation import clock

from ..models import ImportRun, Upload

#: First key of the advisory lock; the second is the run.
_SPACE = 7003


@contextmanager
def running(run: ImportRun) -> Iterator[None]:
    """Tell the database that this import is at work, until it ends or its process does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s::bigint::int)", [_SPACE, run.pk])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s::bigint::int)", [_SPACE, run.pk])


def mark() -> int:
    """Give imports that were interrupted an end that says so. Returns how many."""
    found = 0
    waiting = Upload.objects.values("public_id")
    for run in ImportRun.objects.filter(ended_at__isnull=True).exclude(public_id__in=waiting).only("pk"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s::bigint::int)", [_SPACE, run.pk])
            if not cursor.fetchone()[0]:
                continue
            try:
                found += ImportRun.objects.filter(pk=run.pk, ended_at__isnull=True).update(
                    ended_at=clock.now(), counts={"interrupted": True}
                )
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s::bigint::int)", [_SPACE, run.pk])
    return found
