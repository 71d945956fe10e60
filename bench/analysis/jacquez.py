"""Jacquez' nearest neighbours."""

from __future__ import annotations

from bench.analysis import Case
from bench.analysis.near_repeat import scene


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis.jacquez import jacquez

    return [
        Case("Jacquez, k = 3", "20000 × 999", lambda: scene(20_000), lambda events: jacquez(*events, k=3)),
        Case("Jacquez, k = 3", "100000 × 99", lambda: scene(100_000), lambda e: jacquez(*e, k=3, replicates=99)),
    ]


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis.jacquez import jacquez

    jacquez(*scene(40), k=2, replicates=9)
