"""Benchmarks of the scan statistics: the sizes SaTScan was measured at, and one of each model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from bench.analysis import Case, Peer
from samverkan.analysis.scan import Options, ScanResult, bernoulli_scan, permutation_scan, poisson_scan

SATSCAN = "SaTScan 10.3.2"
MEASURED = "whole process, measured on the same kind of data and machine"


def data(places: int, days: int, cases: int, side: float) -> dict[str, Any]:
    """Places at random in a square, cases at random over places and days."""
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, int(side), (2, places)).astype(float)
    place, day = rng.integers(0, places, cases), rng.integers(0, days, cases)
    return {"x": x, "y": y, "day": day, "place": place, "days": days, "people": rng.integers(50, 500, places)}


def permutation(given: dict[str, Any], *, longest: int, prospective: bool = True, workers: int = 1) -> ScanResult:
    """The permutation scan within 1 km, 999 replicates."""
    return permutation_scan(
        given["x"],
        given["y"],
        given["day"],
        place=given["place"],
        prospective=prospective,
        max_days=longest,
        first_day=0,
        last_day=given["days"] - 1,
        options=Options(max_radius=1000, replicates=999, seed=7, workers=workers),
    )


def poisson(given: dict[str, Any], *, timed: bool, workers: int = 1) -> ScanResult:
    """The Poisson scan by population within 1 km, 999 replicates."""
    return poisson_scan(
        given["x"],
        given["y"],
        count=np.ones(len(given["place"]), np.int64),
        place=given["place"],
        day=given["day"] if timed else None,
        prospective=timed,
        max_days=30 if timed else None,
        expected=given["people"],
        expected_place=np.arange(len(given["people"])),
        options=Options(max_radius=1000, replicates=999, seed=7, workers=workers),
    )


def bernoulli(given: dict[str, Any]) -> ScanResult:
    """The Bernoulli scan, every third row a case, within 1 km, 999 replicates."""
    case = np.arange(len(given["place"])) % 3 == 0
    return bernoulli_scan(
        given["x"],
        given["y"],
        count=case,
        controls=~case,
        place=given["place"],
        options=Options(max_radius=1000, replicates=999, seed=7),
    )


def whole(result: ScanResult) -> None:
    """Every replicate was made and every cluster has its p."""
    assert result.replicates == 999
    assert all(c.p_value is not None and 0 < c.p_value <= 1 for c in result.clusters)


def windows(number: int) -> Callable[[ScanResult], None]:
    """The same, and the job has the size it says."""

    def check(result: ScanResult) -> None:
        whole(result)
        assert abs(result.windows - number) < 0.02 * number, result.windows

    return check


def cases() -> list[Case]:
    """The jobs of the table, then the other models."""
    small = partial(data, 1000, 90, 5000, 10_000)
    year = partial(data, 1000, 365, 20_000, 10_000)
    large = partial(data, 5000, 365, 50_000, 20_000)
    return [
        Case(
            "permutation scan, prospective, 999",
            "1,000 places, 90 days, 5,000 cases, 1 km, 7 days",
            small,
            partial(permutation, longest=7),
            level=0.2,
            check=windows(209_062),
            peers=(Peer(SATSCAN, seconds=0.82, note=MEASURED),),
        ),
        Case(
            "permutation scan, prospective, 999",
            "1,000 places, 365 days, 20,000 cases, 1 km, 30 days",
            year,
            partial(permutation, longest=30),
            level=0.7,
            check=windows(895_980),
            peers=(Peer(SATSCAN, seconds=3.5, note=MEASURED),),
        ),
        Case(
            "permutation scan, prospective, 999",
            "5,000 places, 365 days, 50,000 cases, 1 km, 30 days",
            large,
            partial(permutation, longest=30),
            level=8.0,
            check=windows(5_775_720),
            two=partial(permutation, longest=30, workers=2),
            peers=(Peer(SATSCAN, seconds=39.7, note=MEASURED),),
        ),
        Case(
            "permutation scan, retrospective, 999",
            "1,000 places, 90 days, 5,000 cases, 1 km, 7 days",
            small,
            partial(permutation, longest=7, prospective=False),
            check=whole,
            two=partial(permutation, longest=7, prospective=False, workers=2),
        ),
        Case(
            "Poisson scan, spatial, 999",
            "1,000 places, 20,000 cases, 1 km",
            year,
            partial(poisson, timed=False),
            check=whole,
        ),
        Case(
            "Poisson scan, prospective, 999",
            "1,000 places, 365 days, 20,000 cases, 1 km, 30 days",
            year,
            partial(poisson, timed=True),
            check=whole,
            two=partial(poisson, timed=True, workers=2),
        ),
        Case(
            "Bernoulli scan, spatial, 999",
            "1,000 places, 6,667 cases, 13,333 controls, 1 km",
            year,
            bernoulli,
            check=whole,
        ),
    ]


def first_call() -> None:
    """Every function once, on next to nothing."""
    options = Options(max_radius=1, replicates=1)
    for prospective in (True, False):
        found = permutation_scan([0, 0, 5, 5], [0] * 4, [0, 0, 1, 1], prospective=prospective, options=options)
        assert found.replicates == 1
    poisson_scan([0, 1], [0, 0], count=[3, 1], expected=[1, 1], options=options)
    bernoulli_scan([0, 1], [0, 0], count=[3, 1], controls=[1, 3], options=options)
