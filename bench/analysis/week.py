"""What the week and the picture look for, all of it together, with the parameters the product uses."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case
from bench.analysis.scan import data
from samverkan.analysis import computing
from samverkan.analysis.emerging import emerging
from samverkan.analysis.evaluate import wdd
from samverkan.analysis.rhythm import aoristic

TOGETHER = True

_SIDE, _PLACES, _DAYS, _CASES = 10_000.0, 1000, 365, 20_000
#: Kinds of events that near repeats are looked for in, each by itself.
_KINDS = 8
_SEED = 20_240_101
#: The small hexagons of the places and those within two steps of each are some 15,000 cells.
_CELLS = 122


def _scene() -> dict[str, Any]:
    """Events at 1,000 places over a year, and the questions as the product asks them."""
    given = data(_PLACES, _DAYS, _CASES, _SIDE)
    rng = np.random.default_rng(2)
    kind = rng.integers(0, _KINDS, _CASES)
    x, y, day = given["x"][given["place"]], given["y"][given["place"]], given["day"]
    width = _SIDE / _CELLS
    cell = (x // width).astype(np.int64) * _CELLS + (y // width).astype(np.int64)
    across, down = np.meshgrid(np.arange(_CELLS), np.arange(_CELLS), indexing="ij")
    start = day.astype("datetime64[D]").astype("datetime64[m]") + rng.integers(0, 1440, _CASES)
    return {
        "given": given,
        "hotspots": {
            "x": (across.ravel() + 0.5) * width,
            "y": (down.ravel() + 0.5) * width,
            "count": np.bincount(cell, minlength=_CELLS**2),
            "distance": 2.1 * width,
        },
        "concentration": {"count": np.bincount(given["place"], minlength=_PLACES), "places": _PLACES},
        "near_repeat": [
            {
                "code": str(k),
                "x": x[kind == k],
                "y": y[kind == k],
                "day": day[kind == k],
                "bands": (0, 100, 200, 400),
                "days": (0, 7, 14, 28),
                "replicates": 999,
            }
            for k in range(_KINDS)
        ],
        "spans": (start, start + rng.integers(1, 24 * 60, _CASES)),
        "source": rng.integers(0, 6, _CASES),
    }


def _week(scene: dict[str, Any]) -> dict[str, Any]:
    given = scene["given"]
    place = given["place"]
    return {
        "emerging": emerging(
            place,
            given["x"][place],
            given["y"][place],
            given["day"],
            as_of=_DAYS - 1,
            source=scene["source"],
            seed=_SEED,
        ),
        "near_repeat": [computing.repeated(q, _SEED) for q in scene["near_repeat"]],
        "hotspots": computing.gathered(scene["hotspots"], _SEED),
        "concentration": computing.concentrated(scene["concentration"], _SEED),
        "rhythm": aoristic(*scene["spans"], zone="Europe/Stockholm"),
        "evaluation": wdd((120, 80), (110, 105)),
    }


def _all_there(found: dict[str, Any]) -> None:
    assert found["emerging"].enough
    assert found["emerging"].replicates > 0
    assert len(found["near_repeat"]) == _KINDS
    assert all(table["replicates"] == 999 for table in found["near_repeat"])
    assert found["hotspots"]["tested"] > 0
    assert abs(found["rhythm"].weights.sum() - _CASES) < 1e-6 * _CASES


def cases() -> list[Case]:
    """One week."""
    return [
        Case(
            "the week's analyses together",
            f"1,000 places, 365 days, 20,000 cases: emerging, {_KINDS} Knox tables, Gi* of {_CELLS**2:,} cells, "
            "concentration, rhythm, WDD",
            _scene,
            _week,
            level=1.0,
            check=_all_there,
        )
    ]


def first_call() -> None:
    """Every method that the week uses, once."""
    from bench.analysis import evaluate, hotspots, near_repeat, rhythm, scan

    for method in (evaluate, hotspots, near_repeat, rhythm, scan):
        method.first_call()
