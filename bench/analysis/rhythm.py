"""Aoristic weights of a million spans, and profiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer

EVENTS = 1_000_000


def spans(n: int, longest_hours: int) -> tuple[np.ndarray, np.ndarray]:
    """Spans to the minute over two years, evenly long up to the longest."""
    random = np.random.default_rng(2024)
    start = np.datetime64("2023-01-01T00:00", "m") + random.integers(0, 2 * 525_600, n)
    return start, start + random.integers(0, longest_hours * 60, n)


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis import rhythm

    def weights(data: tuple[np.ndarray, np.ndarray]) -> Any:
        return rhythm.aoristic(*data, zone="Europe/Stockholm")

    def check(result: Any) -> None:
        if abs(result.weights.sum() / EVENTS - 1) > 1e-12:
            raise AssertionError("the weights do not sum to the events")

    crimepy = Peer("crimepy", seconds=97e-6 * EVENTS, note="97 µs each at 20 000 spans, not run here")
    return [
        Case(
            "aoristic, clock changes",
            f"{EVENTS} spans to {hours} h",
            lambda hours=hours: spans(EVENTS, hours),
            weights,
            level=0.2,
            peers=(crimepy,) if hours == 24 else (),
            check=check,
        )
        for hours in (24, 160)
    ] + [
        Case(
            "weekday profile",
            f"{EVENTS} days",
            lambda: spans(EVENTS, 24)[0].astype("datetime64[D]"),
            lambda day: rhythm.profile(day, by="weekday"),
        )
    ]


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis import rhythm

    start, end = spans(10, 24)
    rhythm.aoristic(start, end, zone="Europe/Stockholm")
    rhythm.profile(start, by="weekday")
