"""Patterns of the past year, looked for once a week and stored: hot spots, concentration, near repeat.

The search runs in a process of its own, so that no web process carries its compiler. Everything is
stored with its parameters and seed; the same week and data give the same answer.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import numpy as np

from samverkan.domain.incidents.api import Incident, Kind, Precision
from samverkan.domain.places.api import Place, area_at
from samverkan.foundation import clock, geo, isolated
from samverkan.foundation.geo.hexagons import ACROSS
from samverkan.foundation.weeks import Week

from ..models import Insight
from . import sites

SEED = 20_240_101
WEEKS = 52
#: Hot spots are looked for in hexagons of this size with all those within two steps, so that one square is several.
CELL = 150.0
_NEAR = 2.1 * CELL
#: For concentration a place is a hexagon where anything was reported in this time.
_KNOWN_WEEKS = 156
#: Fewer than these say nothing.
FEWEST_GATHERED = 50
FEWEST_REPEATED = 60
_REPLICATES = 999
BANDS = (0, 100, 200, 400)
DAYS = (0, 7, 14, 28)
_NAMED_WITHIN = 350.0
_MOST_SPOTS = 10


def find(last: Week | None = None) -> None:
    """Look for patterns in the year that ended with a week (the last finished), and store them."""
    last = last or Week.current().plus(-1)
    end = last.span[1]
    rows = list(
        Incident.objects.filter(
            kind=Kind.EVENT,
            is_digest=False,
            hexagon__isnull=False,
            week__gt=last.index - _KNOWN_WEEKS,
            week__lte=last.index,
        )
        .order_by("pk")
        .values_list("week", "hexagon", "category__code", "precision", "x", "y", "started_at")
    )
    year = [r for r in rows if r[0] > last.index - WEEKS]
    cells = Counter(int(r[1] or 0) for r in year)
    known = sorted({int(r[1] or 0) for r in rows})  # none is without: asked above
    small = _hexagons([(float(r[4] or 0), float(r[5] or 0)) for r in rows])
    fine = Counter(cell for cell, r in zip(small, rows, strict=True) if r[0] > last.index - WEEKS)
    grid = _with_neighbours(sorted(set(small)))
    enough = len(year) >= FEWEST_GATHERED
    kinds: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    for _week, _cell, code, precision, x, y, at in year:
        if precision == Precision.POINT:
            kinds[code].append((float(x or 0), float(y or 0), sites.day_number(clock.local(at).date())))
    tried = {code: found for code, found in sorted(kinds.items()) if len(found) >= FEWEST_REPEATED}
    xs, ys = geo.centres(grid, CELL) if grid else (np.zeros(0), np.zeros(0))
    question: dict[str, Any] = {
        "seed": SEED,
        "hotspots": {"x": xs.tolist(), "y": ys.tolist(), "count": [fine.get(h, 0) for h in grid], "distance": _NEAR}
        if enough
        else None,
        "concentration": {"count": [cells.get(h, 0) for h in known], "places": len(known)} if enough else None,
        "near_repeat": [
            {
                "code": code,
                "x": [e[0] for e in found],
                "y": [e[1] for e in found],
                "day": [e[2] for e in found],
                "bands": BANDS,
                "days": DAYS,
                "replicates": _REPLICATES,
            }
            for code, found in tried.items()
        ],
    }
    answer = _compute(question)
    first = last.plus(1 - WEEKS)
    effort = sites.effort(first.monday - timedelta(weeks=WEEKS), first.monday, clock.local(end).date())
    common = {
        "events": len(year),
        "effort": [effort.before, effort.after],
        "began": effort.began,
        "stopped": effort.stopped,
    }
    found_spots = _spots(answer["hotspots"], grid, fine) if enough else []
    parameters = {
        "weeks": WEEKS,
        "seed": SEED,
        "cell_metres": int(CELL),
        "near_metres": int(_NEAR),
        "fewest": FEWEST_GATHERED,
    }
    _store(
        last,
        "hotspots",
        parameters,
        common
        | {
            "enough": enough,
            "spots": found_spots,
            "hot_cells": [grid[i] for i in answer["hotspots"]["hot"]] if enough else [],
            "counts": [fine.get(grid[i], 0) for i in answer["hotspots"]["hot"]] if enough else [],
            "tested": answer["hotspots"]["tested"] if enough else 0,
            "replicates": answer["hotspots"]["replicates"] if enough else 0,
            "mean": sum(fine.values()) / len(grid) if grid else 0.0,
        },
    )
    places = {
        "weeks": WEEKS,
        "seed": SEED,
        "cell_metres": int(ACROSS),
        "known_weeks": _KNOWN_WEEKS,
        "fewest": FEWEST_GATHERED,
    }
    _store(last, "concentration", places, common | {"enough": enough} | (answer["concentration"] or {}))
    _store(
        last,
        "near_repeat",
        {"weeks": WEEKS, "seed": SEED, "bands": BANDS, "days": DAYS, "closed": "left", "fewest": FEWEST_REPEATED},
        common | {"tables": answer["near_repeat"], "too_few": sorted(code for code in kinds if code not in tried)},
    )


def _store(last: Week, kind: str, parameters: dict[str, Any], result: dict[str, Any]) -> None:
    values = {"parameters": parameters, "result": result, "made_at": clock.now()}
    Insight.objects.update_or_create(kind=kind, week=last.index, defaults=values)


def _compute(question: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = isolated.ask("samverkan.analysis.computing", question, seconds=600)
    return answer


def _hexagons(points: list[tuple[float, float]]) -> list[int]:
    """The small hexagon of each point."""
    found: list[int] = geo.hexagon_of([p[0] for p in points], [p[1] for p in points], CELL).tolist() if points else []
    return found


def _with_neighbours(known: list[int]) -> list[int]:
    """The cells and those within two steps of each, so that quiet ground counts too."""
    grid = set(known)
    for _step in range(2 if known else 0):
        xs, ys = geo.centres(sorted(grid), CELL)
        for k in range(6):
            dx, dy = CELL * math.cos(math.radians(60 * k)), CELL * math.sin(math.radians(60 * k))
            grid.update(geo.hexagon_of(xs + dx, ys + dy, CELL).tolist())
    return sorted(grid)


def _spots(found: dict[str, Any], grid: list[int], cells: Counter[int]) -> list[dict[str, Any]]:
    """Hot cells that touch, as one place each, with the most reports around any of its cells; the largest first."""
    hot = [grid[i] for i in found["hot"]]
    if not hot:
        return []
    xs, ys = geo.centres(hot, CELL)
    left = set(range(len(hot)))
    groups: list[list[int]] = []
    while left:
        group = [left.pop()]
        for one in group:
            near = {k for k in left if math.hypot(xs[one] - xs[k], ys[one] - ys[k]) < 1.1 * CELL}
            left -= near
            group.extend(sorted(near))
        groups.append(group)
    places = list(
        Place.objects.exclude(kind="address").filter(valid_to__isnull=True).order_by("pk").values_list("name", "x", "y")
    )
    spots = []
    for group in groups:
        busiest = max(group, key=lambda k: (cells.get(hot[k], 0), -k))
        around = max(found["local"][k] for k in group)
        spots.append(
            {
                "where": _name(float(xs[busiest]), float(ys[busiest]), places),
                "x": float(xs[busiest]),
                "y": float(ys[busiest]),
                "cells": len(group),
                "count": round(around),
            }
        )
    spots.sort(key=lambda s: (-s["count"], s["where"]))
    return spots[:_MOST_SPOTS]


def _name(x: float, y: float, places: list[tuple[str, float, float]]) -> str:
    near = sorted((math.hypot(a - x, b - y), name) for name, a, b in places)
    if near and near[0][0] <= _NAMED_WITHIN:
        return near[0][1]
    area = area_at(x, y)
    return area.name if area else ""
