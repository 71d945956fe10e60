"""What every evaluation gives: an estimate with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from samverkan.analysis._special import normal_two_sided, z_of
from samverkan.analysis.errors import BadInput

PICKED_HIGH = (
    "The area was picked because its figure was high; part of a fall would have come anyway (regression to the mean)."
)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate, its standard error, z, two-sided p and interval (low, high).

    What has no value is NaN.
    """

    estimate: float
    se: float
    z: float
    p_value: float
    interval: tuple[float, float]
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def by_normal(estimate: float, variance: float, level: float) -> dict[str, Any]:
    """The five figures of an estimate that is about normal; z is NaN when the variance is 0."""
    se = math.sqrt(variance)
    if se == 0:
        # Only zero counts: there is nothing to be certain or uncertain about.
        z, p_value = float("nan"), float("nan")
    else:
        z = estimate / se
        p_value = normal_two_sided(z)
    reach = z_of(level) * se
    interval = (estimate - reach, estimate + reach)
    return {
        "estimate": estimate,
        "se": se,
        "z": z,
        "p_value": p_value,
        "interval": interval,
    }


def pair(values: Sequence[float], name: str) -> tuple[float, float]:
    """Counts (before, after) of an area, checked."""
    given = tuple(float(v) for v in values)
    if len(given) != 2:
        raise BadInput(f"{name}: {len(given)} values; give two, before and after.")
    for value in given:
        if not math.isfinite(value) or value < 0:
            raise BadInput(f"{name}: {value} is not a count of at least zero.")
        if value != math.floor(value):
            raise BadInput(f"{name}: {value} is not a whole number; weigh with harm, not in counts.")
    return given[0], given[1]


def lengths(values: Sequence[float]) -> tuple[float, float]:
    """The lengths of the two periods, checked."""
    given = tuple(float(v) for v in values)
    if len(given) != 2 or not all(math.isfinite(v) and v > 0 for v in given):
        raise BadInput(f"periods is {tuple(values)}; give two lengths above zero, before and after.")
    return given[0], given[1]
