"""The week's jobs, found by their module's name."""

from .week.alarms import search_finished, search_week
from .week.taking_out import empty

__all__ = ["empty", "search_finished", "search_week"]
