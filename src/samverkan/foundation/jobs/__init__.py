"""Work done after the answer: jobs that commit with the data.

A thin front on procrastinate. A job deferred in a transaction that rolls back never existed; one
that was committed is run, also after a kill. Jobs carry ids only, never content, since their
arguments outlive what they speak of.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

#: Longer texts are content, not ids.
MAX_TEXT = 200


def task(name: str, *, queue: str = "default", retry: int = 3) -> Callable[[Callable[..., Any]], Task[Any, Any, Any]]:
    """Declare a job: a function of ids, run in its own database connection by a worker.

    ``retry`` is how many further attempts are made, after 4, 8, 16 … seconds.
    """

    def decorate(function: Callable[..., Any]) -> Task[Any, Any, Any]:
        declared = app.task(
            name=name,
            queue=queue,
            retry=RetryStrategy(max_attempts=retry, exponential_wait=2) if retry else False,
        )
        return declared(_as_system(function, name))

    return decorate


def periodic(cron: str, *, name: str, queue: str = "default") -> Callable[[Callable[[], Any]], Task[Any, Any, Any]]:
    """Declare a job run by the clock (five cron fields, UTC). It must bear being run twice."""

    def decorate(function: Callable[[], Any]) -> Task[Any, Any, Any]:
        @functools.wraps(function)
        def at(timestamp: int) -> Any:
            return function()

        return app.periodic(cron=cron, periodic_id=name)(task(name, queue=queue)(at))

    return decorate


def defer(job: Task[Any, Any, Any], /, *, unique: str | None = None, at: dt.datetime | None = None, **ids: Any) -> None:
    """Queue a job in the present transaction.

    ``unique`` names what is to be done: while one with that name waits, no second is queued.
    ``at`` is the earliest time. Raises TypeError for an argument that is not an id.
    """
    arguments = {key: _plain(key, value) for key, value in ids.items()}
    options: dict[str, Any] = {"queueing_lock": unique} if unique else {}
    if at:
        options["schedule_at"] = at
    try:
        with transaction.atomic():
            job.configure(**options).defer(**arguments)
    except AlreadyEnqueued:
        return


def run_pending(*, limit: int = 10_000) -> int:
    """Run what is queued and due, here and now, in the order of the queue. Returns how many ran.

    For tests and commands. A job that fails is marked so and its error raised.
    """
    worker = _call("SELECT procrastinate_register_worker_v1()")
    try:
        for done in range(limit):
            _call("SELECT procrastinate_update_heartbeat_v1(%s)", worker)
            with connection.cursor() as cursor:
                cursor.execute("SELECT id, task_name, args FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
                job_id, name, raw = cursor.fetchone() or (None, "", "{}")
            if job_id is None:
                return done
            try:
                with transaction.atomic():
                    app.tasks[name].func(**(json.loads(raw) if isinstance(raw, str) else raw))
            except Exception:
                _call("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", job_id)
                raise
            _call("SELECT procrastinate_finish_job_v1(%s, 'succeeded', false)", job_id)
    finally:
        _call("SELECT procrastinate_unregister_worker_v1(%s)", worker)
    raise RuntimeError(f"More than {limit} jobs: one seems to queue itself again.")


def _call(sql: str, *arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchone()[0]


def _as_system(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Run as the installation itself, with database connections that are still alive."""

    @functools.wraps(function)
    def run(**arguments: Any) -> Any:
        from ..access import SYSTEM
        from ..access.acting import acting

        outermost = not connection.in_atomic_block
        if outermost:
            close_old_connections()
        try:
            with acting(SYSTEM, name):
                return function(**arguments)
        finally:
            if outermost:
                close_old_connections()

    return run


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, uuid.UUID | dt.date):
        return str(value) if isinstance(value, uuid.UUID) else value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(key, part) for part in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= MAX_TEXT):
        return value
    raise TypeError(f"A job's '{key}' must be an id, a date or a short code, not {type(value).__name__}.")
