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
from collections.abc import Callable, Coroutine
from typing import Any, LiteralString, TypeVar, cast

from django.db import close_old_connections, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.tasks import Task

Answer = TypeVar("Answer")

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
    worker = now(manager.register_worker())
    try:
        for done in range(limit):
            now(manager.update_heartbeat(worker))
            job = now(manager.fetch_job(queues=None, worker_id=worker))
            if job is None:
                return done
            status = Status.FAILED
            try:
                with transaction.atomic():
                    app.tasks[job.task_name].func(**job.task_kwargs)
                status = Status.SUCCEEDED
            finally:
                now(manager.finish_job(job, status, delete_job=False))
    finally:
        now(manager.unregister_worker(worker))
    raise RuntimeError(f"More than {limit} jobs: one seems to queue itself again.")


class _Here(DjangoConnector):
    """The present connection and transaction, where a question waits for no loop of events."""

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        self.execute_query(query, **arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        return _with_arguments(self.execute_query_one(query, **arguments))

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        return [_with_arguments(row) for row in self.execute_query_all(query, **arguments)]


def _with_arguments(row: dict[str, Any]) -> dict[str, Any]:
    """Django leaves JSON as text, where the manager wants it read."""
    text = row.get("args")
    return {**row, "args": json.loads(text)} if isinstance(text, str) else row


#: The queue, asked in the present transaction: ``now(manager.fetch_job(...))``.
manager = JobManager(_Here())


def now(question: Coroutine[Any, Any, Answer]) -> Answer:
    """What the manager answers to a question."""
    try:
        question.send(None)
    except StopIteration as done:
        return cast(Answer, done.value)
    raise RuntimeError("The question waits for something.")


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
