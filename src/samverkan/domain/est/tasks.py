"""The week's jobs, found by their module's name."""

from .week.alarms import search_finished, search_week

__all__ = ["search_finished", "search_week"]
