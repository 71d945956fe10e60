"""Work by the clock: reminders to those who are silent."""

from __future__ import annotations

from samverkan.foundation import clock, jobs, municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.weeks import Week

from ..week import cycles
from .services import duty


@jobs.periodic("0 7 * * *", name="est.remind")
def remind() -> int:
    """Remind on the weekday decided, in the last week of a cycle. Returns how many were told."""
    weeks = cycles.length()
    now = Week.current()
    last = cycles.first_of(now, weeks).plus(weeks - 1)
    if now != last or clock.today().weekday() != int(municipality.get("est.reminder_weekday")):
        return 0
    return duty.remind(SYSTEM)
