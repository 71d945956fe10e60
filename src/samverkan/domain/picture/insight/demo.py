"""The demonstration's measures judged at their follow-up dates; the patterns are left to the worker."""

from __future__ import annotations

from typing import Any

from samverkan.foundation import jobs
from samverkan.foundation.access import SYSTEM

from . import services, tasks


def load(context: Any) -> None:
    """Judge what is due. The search for patterns carries a compiler and takes seconds, so it is queued."""
    services.prepare_due(SYSTEM)
    jobs.defer(tasks.find_patterns_now, unique="picture.find_patterns_now")
