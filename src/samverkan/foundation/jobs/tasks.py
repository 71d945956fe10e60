"""The queue looks after itself: what a killed worker held runs again, and what is done is removed."""

from __future__ import annotations

from django.db import connection

from . import periodic

#: A worker says that it lives every ten seconds; silent for this long, it was killed.
SILENT_SECONDS = 60
KEEP_DAYS = 7


@periodic("* * * * *", name="jobs.rescue")
def rescue() -> int:
    """Put back what a killed worker left half done. Returns how many jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE procrastinate_jobs AS job SET status = 'todo', worker_id = NULL
             WHERE job.status = 'doing'
               AND NOT EXISTS (SELECT 1 FROM procrastinate_workers AS worker
                                WHERE worker.id = job.worker_id
                                  AND worker.last_heartbeat > now() - make_interval(secs => %s))
               AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS other
                                WHERE other.queueing_lock = job.queueing_lock AND other.status = 'todo')
            """,
            [SILENT_SECONDS],
        )
        return int(cursor.rowcount)


@periodic("17 3 * * *", name="jobs.tidy")
def tidy() -> int:
    """Remove finished jobs after a week, so that the queue is no second history."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job
             WHERE job.status IN ('succeeded', 'cancelled', 'aborted')
               AND NOT EXISTS (SELECT 1 FROM procrastinate_events AS event
                                WHERE event.job_id = job.id AND event.at > now() - make_interval(days => %s))
            """,
            [KEEP_DAYS],
        )
        return int(cursor.rowcount)
