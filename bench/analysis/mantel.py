"""Mantel's test with reciprocal distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer
from bench.analysis.near_repeat import Events, scene


def pointpats(events: Events) -> Any:
    """The same transform with pointpats, 999 permutations."""
    from pointpats.spacetime import mantel

    x, y, t = events
    return mantel(np.column_stack([x, y]), t[:, None], 999, scon=1.0, spow=-1.0, tcon=1.0, tpow=-1.0)


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis.mantel import mantel

    def ours(events: Events) -> Any:
        return mantel(*events)

    def two(events: Events) -> Any:
        return mantel(*events, workers=2)

    measured = Peer("pointpats 2.5.5", seconds=80, note="2000 events, stopped unfinished at 80 s wall")
    return [
        Case("Mantel, reciprocal", "5000 × 999", lambda: scene(5_000), ours, level=15, peers=(measured,), two=two),
        Case("Mantel, reciprocal", "500 × 999", lambda: scene(500), ours, peers=(Peer("pointpats", run=pointpats),)),
    ]


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis.mantel import mantel

    mantel(*scene(40), replicates=9)
