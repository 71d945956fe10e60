"""The queue looks after itself: what a killed worker held runs again, and what is done is removed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from procrastinate.exceptions import UniqueViolation

from .. import clock
from . import manager, now, periodic

#: A worker says that it lives every ten seconds; silent for this long, it was killed.
SILENT = timedelta(seconds=60)
KEEP_DAYS = 7


@periodic("* * * * *", name="jobs.rescue")
def rescue() -> int:
    """Put back what a killed worker left half done. Returns how many jobs."""
    rescued = 0
    for job in now(manager.get_stalled_jobs(seconds_since_heartbeat=SILENT.total_seconds())):
        try:
            with transaction.atomic():
                now(manager.retry_job(job, retry_at=clock.now() - SILENT))
            rescued += 1
        except UniqueViolation:
            continue  # the same waits already
    return rescued


@periodic("17 3 * * *", name="jobs.tidy")
def tidy() -> None:
    """Remove finished jobs after a week, so that the queue is no second history."""
    now(manager.delete_old_jobs(KEEP_DAYS * 24, include_cancelled=True, include_aborted=True))
