"""Gi* on grids of 10,000 and 100,000 cells, analytic and with 999 relocations."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer

SIDES = (100, 316)


def counts(side: int) -> Any:
    """Few events per cell, so that most cells are empty, and the eight neighbours of each."""
    from samverkan.analysis import grids

    values = np.random.default_rng(7).poisson(0.5, side * side).astype(np.float64)
    return values, grids.grid(side, side)


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis.hotspots import hotspots

    def job(replicates: int | None) -> Any:
        return lambda data: hotspots(*data, replicates=replicates)

    def check(result: Any) -> None:
        if not np.isfinite(result.z).all():
            raise AssertionError("a cell without a score")

    found = []
    for side in SIDES:
        cells = side * side
        analytic = () if side < 300 else (Peer("esda 2.9.0", seconds=3.77, note="measured before, 99 856 cells"),)
        found += [
            Case(
                "Gi* analytic",
                f"{cells} cells",
                lambda side=side: counts(side),
                job(0),
                level=0.02,
                peers=(*analytic, Peer("esda", esda(0), weights)),
                check=check,
            ),
            Case(
                "Gi* 999 permutations",
                f"{cells} cells",
                lambda side=side: counts(side),
                job(999),
                level=0.8 if side > 300 else 0.09,
                peers=(
                    Peer("esda 2.9.0", seconds=11.5 if side > 300 else 0.93, note="measured before, one process"),
                    Peer("esda", esda(999), weights),
                ),
                check=check,
            ),
        ]
    found.append(
        Case(
            "Gi* with what the FDR needs",
            f"{SIDES[0] ** 2} cells, 399999 permutations",
            lambda: counts(SIDES[0]),
            job(None),
            check=check,
        )
    )
    return found


def weights(data: Any) -> Any:
    """The values and esda's form of the neighbours, with its kernels compiled as ours are."""
    from esda.getisord import G_Local
    from libpysal.weights import lat2W

    G_Local(np.arange(9.0), lat2W(3, 3, rook=False), transform="B", star=True, permutations=9, n_jobs=1)
    side = round(len(data[0]) ** 0.5)
    return data[0], lat2W(side, side, rook=False)


def esda(permutations: int) -> Any:
    """Gi* by esda, one process."""

    def run(data: Any) -> Any:
        from esda.getisord import G_Local

        values, weights = data
        return G_Local(
            values, weights, transform="B", star=True, permutations=permutations, n_jobs=1, keep_simulations=False
        )

    return run


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis import grids
    from samverkan.analysis.hotspots import hotspots

    values = np.arange(9.0)
    hotspots(values, grids.grid(3, 3), replicates=9)
    hotspots(values, grids.within(values, values, 1.5), replicates=9)
    hotspots(values, grids.pairs(9, [0, 1], [1, 2], [0.5, 2.0]), replicates=9)
