"""How good was a map made beforehand: PAI, PEI and RRI at fixed shares of the area.

For analysts: measures of a forecast of places and periods, never of persons.

References
----------
Chainey, Tompson and Uhlig 2008, Security Journal 21:4 (PAI).
Hunt 2016, dissertation, and the NIJ challenge of 2017 (PEI).
Levine 2008, Security Journal 21:295 (RRI); Wheeler and Steenbeek 2021,
Journal of Quantitative Criminology 37:445 (its use).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from samverkan.analysis import clean
from samverkan.analysis._special import binomial_interval
from samverkan.analysis.errors import BadInput


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of the cells with the highest forecast.

    asked: the share of the area asked for (None when asked by cells).
    cells, area_share: how many cells that became and their share. hits: events
    in them; hit_rate: of all. pai: hit rate over area share; pai_low,
    pai_high: from the exact interval of the hit rate. pai_best: with the same
    area chosen in hindsight; pei: pai over pai_best. rri: forecast over
    observed in the chosen cells. What has no value is NaN.
    """

    asked: float | None
    cells: int
    area_share: float
    hits: int
    hit_rate: float
    pai: float
    pai_low: float
    pai_high: float
    pai_best: float
    pei: float
    rri: float


@dataclass(frozen=True)
class ForecastAccuracy:
    """A row for each share, or number of cells, asked for."""

    rows: tuple[Accuracy, ...]
    places: int
    events: int
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def accuracy(
    predicted: ArrayLike,
    observed: ArrayLike,
    area: ArrayLike | None = None,
    *,
    shares: Sequence[float] = (0.01, 0.03, 0.05),
    cells: Sequence[int] = (),
    level: float = 0.95,
) -> ForecastAccuracy:
    """Compare a forecast made beforehand with what then happened.

    Parameters
    ----------
    predicted : forecast for each cell, not negative; expected counts if the
        RRI is to mean anything.
    observed : events that then happened in each cell.
    area : area of each cell in any unit; equal when left out.
    shares : shares of the area, fixed beforehand; the cells with the highest
        forecast for their area are taken while they fit, at least one.
    cells : numbers of cells instead of, or beside, shares.
    level : of the interval.

    Returns
    -------
    ForecastAccuracy, shares first. Equal forecasts are taken in the order
    given. Without events everything but the areas is NaN.

    Raises
    ------
    BadInput for unequal lengths, no cells, negative values, areas that are
    not above zero, or shares outside (0, 1].
    """
    p = clean.weights(predicted, name="predicted")
    o = clean.counts(observed, name="observed")
    a = np.ones(p.size) if area is None else clean.weights(area, name="area")
    clean.same_length(predicted=p, observed=o, area=a)
    if p.size == 0:
        raise BadInput("There are no cells; give a forecast and a count for each.")
    if a.min() <= 0:
        raise BadInput(f"area: value {int(np.argmin(a)) + 1} is {a.min()}; it must be above zero.")
    for share in shares:
        if not 0 < share <= 1:
            raise BadInput(f"shares: {share} is not a share between 0 and 1.")
    for k in cells:
        if not 1 <= k <= p.size:
            raise BadInput(f"cells: {k} is not a number of cells from 1 to {p.size}.")
    order = np.argsort(-p / a, kind="stable")
    best = np.argsort(-o / a, kind="stable")
    covered = np.cumsum(a[order])
    whole = float(a.sum())
    fitting = [max(1, int(np.searchsorted(covered, share * whole * (1 + 1e-12), side="right"))) for share in shares]
    wanted = [*zip(shares, fitting, strict=True), *((None, k) for k in cells)]
    rows = tuple(_row(asked, k, p, o, a, order, best, level) for asked, k in wanted)
    events = int(o.sum())
    notes = []
    if events < 30:
        notes.append(f"Only {events} events: the figures are mostly chance.")
    for row in rows:
        if row.asked is not None and row.area_share > row.asked * (1 + 1e-9):
            notes.append(
                f"One cell is already {row.area_share:.2%} of the area, more than the {row.asked:.2%} asked for."
            )
    if p.max() == p.min():
        notes.append("The forecast is the same everywhere, so the order of the file decided.")
    return ForecastAccuracy(
        rows=rows,
        places=p.size,
        events=events,
        parameters={"shares": tuple(shares), "cells": tuple(cells), "level": level},
        warnings=tuple(notes),
    )


def _row(
    asked: float | None,
    k: int,
    p: np.ndarray,
    o: np.ndarray,
    a: np.ndarray,
    order: np.ndarray,
    best: np.ndarray,
    level: float,
) -> Accuracy:
    chosen = order[:k]
    whole, events = float(a.sum()), int(o.sum())
    area = float(a[chosen].sum())
    hits = int(o[chosen].sum())
    share = area / whole
    nan = float("nan")
    if not events:
        return Accuracy(asked, k, share, 0, nan, nan, nan, nan, nan, nan, nan)
    low, high = binomial_interval(hits, events, level)
    pai = hits / events / share
    # The same area in hindsight; the last cell counts in part when cells differ in size.
    reach = np.cumsum(a[best])
    got = np.concatenate([[0.0], np.cumsum(o[best])])
    top = float(np.interp(area, np.concatenate([[0.0], reach]), got)) / events / share
    return Accuracy(
        asked=asked,
        cells=k,
        area_share=share,
        hits=hits,
        hit_rate=hits / events,
        pai=pai,
        pai_low=low / share,
        pai_high=high / share,
        pai_best=top,
        pei=pai / top,
        rri=float(p[chosen].sum()) / hits if hits else nan,
    )
