"""Knox in one band and in a table, and local Knox."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer

Events = tuple[np.ndarray, np.ndarray, np.ndarray]


def scene(n: int, share: float = 0.5) -> Events:
    """Events of a year in a town of 10 km by 10 km, half of them around gathering places."""
    random = np.random.default_rng(1)
    places = random.uniform(0, 10_000, (max(1, n // 200), 2))
    near = places[random.integers(0, len(places), n)] + random.normal(0, 300, (n, 2))
    where = np.where(random.random(n)[:, None] < share, near, random.uniform(0, 10_000, (n, 2)))
    return where[:, 0], where[:, 1], random.integers(0, 365, n)


def warm(events: Events) -> Events:
    """The same events, after pointpats has compiled what it compiles, as ours is before the measurement."""
    pointpats_knox(scene(50))
    return events


def pointpats_knox(events: Events) -> Any:
    """The same band with pointpats, 999 permutations."""
    from pointpats.spacetime import Knox

    x, y, t = events
    np.random.seed(1)
    return Knox(np.column_stack([x, y]), t[:, None], delta=200, tau=14, permutations=999)


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis.near_repeat import knox, local_knox

    def one_band(events: Events, workers: int = 1) -> Any:
        return knox(*events, bands=[0, 200], days=[0, 14], closed="right", workers=workers)

    def table(events: Events, workers: int = 1) -> Any:
        return knox(*events, bands=np.arange(0, 1001, 100), days=np.arange(0, 71, 7), workers=workers)

    def unbounded(events: Events) -> Any:
        return knox(*events, bands=[*range(0, 1000, 100), np.inf], days=[0, 1, 2, 3, 4, 5, 6, 7, 14, 28, np.inf])

    def check(result: Any) -> None:
        if np.abs(result.z).max() > 6:
            raise AssertionError("times that were drawn without regard to place interact")

    ours = "999 permutations"
    return [
        Case(
            "Knox, one band",
            f"5000 × {ours}",
            lambda: scene(5_000),
            one_band,
            level=0.27,
            check=check,
            peers=(Peer("pointpats", run=pointpats_knox, prepare=warm),),
        ),
        Case(
            "Knox, one band",
            f"20000 × {ours}",
            lambda: scene(20_000),
            one_band,
            level=2,
            level_mb=300,
            check=check,
            peers=(Peer("pointpats 2.5.5", seconds=400, note="from 99 permutations, 2.8 GB"),),
        ),
        Case(
            "Knox, one band",
            f"100000 × {ours}",
            lambda: scene(100_000),
            one_band,
            level=25,
            level_mb=1000,
            check=check,
            two=lambda events: one_band(events, 2),
            level_wall=13,
        ),
        Case(
            "Knox table 10×10 to 1 km and 70 days",
            f"20000 × {ours}",
            lambda: scene(20_000),
            table,
            level=4,
            check=check,
            two=lambda events: table(events, 2),
        ),
        Case(
            "Knox table 10×10, last bands unbounded",
            f"20000 × {ours}",
            lambda: scene(20_000),
            unbounded,
            level=4,
            check=check,
        ),
        Case(
            "local Knox, exact p",
            "100000",
            lambda: scene(100_000),
            lambda events: local_knox(*events, distance=200, days=14),
        ),
    ]


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis.near_repeat import knox, local_knox

    events = scene(40)
    knox(*events, bands=[0, 2000], days=[0, 90], replicates=9)
    local_knox(*events, distance=2000, days=90)
