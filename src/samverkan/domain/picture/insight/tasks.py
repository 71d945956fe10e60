"""Looks for what is due by itself: measures to follow up every morning, patterns every week."""

from __future__ import annotations

from samverkan.foundation import jobs
from samverkan.foundation.access import SYSTEM


@jobs.periodic("15 4 * * *", name="picture.judge_measures")
def judge_measures() -> int:
    """Judge the measures whose follow-up date has come. Returns how many."""
    from . import services

    return services.prepare_due(SYSTEM)


@jobs.periodic("40 3 * * 1", name="picture.find_patterns")
def find_patterns() -> None:
    """Look for patterns in the year that ended with the last finished week."""
    from . import finding

    finding.find()


@jobs.task("picture.find_patterns_now")
def find_patterns_now() -> None:
    """The same, queued by a command."""
    from . import finding

    finding.find()
