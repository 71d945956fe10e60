"""What to look at on the map: rings that another room tells of, with the same words as in its text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from samverkan.foundation.web.maps import Attention

#: First and last day of the period shown → rings, the most unusual first.
Ask = Callable[[date, date], list[Attention]]

_asked: list[Ask] = []


def told_by(ask: Ask) -> None:
    """Let a room tell where to look. It is asked only for who sees every count."""
    _asked.append(ask)


def rings(first: date, last: date) -> list[Attention]:
    """Where to look in a period."""
    return [ring for ask in _asked for ring in ask(first, last)]
