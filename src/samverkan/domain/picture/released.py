"""Up to which week those who see small counts hidden may look.

Finished weeks; and where weeks are gone through, those that are locked. Until a week's review is over
its counts grow one by one, and who looks each day would see each report come.
"""

from __future__ import annotations

from collections.abc import Callable

from samverkan.foundation.weeks import Week

_asked: list[Callable[[], int | None]] = []


def decided_by(ask: Callable[[], int | None]) -> None:
    """Let a room decide: ``ask`` tells the last week (index) that is released, or None when it holds nothing back."""
    _asked.append(ask)


def last_week() -> int:
    """The last week (index) that is shown where small counts are hidden."""
    told = (ask() for ask in _asked)
    return min([Week.current().index - 1, *(week for week in told if week is not None)])
