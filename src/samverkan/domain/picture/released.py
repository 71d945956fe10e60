"""Up to which week those who see small counts hidden may look.

Finished weeks; and where weeks are gone through, those that are locked. Until a week's review is over
its counts grow one by one, and who looks each day would see each report come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from samverkan.foundation.weeks import Week

_asked: list[Callable[[], int | None]] = []


def decided_by(ask: Callable[[], int | None]) -> None:
    """Let a room decide: ``ask`` tells the last week (index) that is released, or None when it holds nothing back."""
    _asked.append(ask)


def last_week() -> int:
    """The last week (index) that is shown where small counts are hidden."""
    told = (ask() for ask in _asked)
    return min([Week.current().index - 1, *(week for week in told if week is not None)])


@dataclass(frozen=True)
class Released:
    """Which weeks (indexes) may be shown: those up to ``last``, but for ``held``."""

    last: int = 0
    held: range = range(0)


def weeks(releasing: Week | None = None, first: Week | None = None) -> Released:
    """What is released; with ``releasing`` also a cycle that begins with ``first`` and is being released.

    Held are then the weeks before it that are in no released one.
    """
    last = last_week()
    if releasing is None or releasing.index <= last:
        return Released(last)
    return Released(releasing.index, range(last + 1, first.index) if first else range(0))
