"""One verdict for the follow-up of a measure, and what chance alone would give back.

References
----------
Hauer 1997, Observational Before–After Studies in Road Safety (empirical
Bayes and regression to the mean).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from samverkan.analysis import clean
from samverkan.analysis._estimate import PICKED_HIGH, by_normal, lengths, pair
from samverkan.analysis._special import check_level, gamma_quantile, normal_two_sided, z_of
from samverkan.analysis.errors import BadInput

Verdict = Literal["lower", "higher", "displaced", "no_clear_change", "cannot_tell"]
_NAN = float("nan")


@dataclass(frozen=True)
class BeforeAfter:
    """What can be said of a measure.

    estimate: events after, beyond what the comparison areas led one to expect
    (below zero: fewer); interval at the level asked. ratio, ratio_interval:
    the same as a factor on what was expected. expected: events expected after.
    verdict: "lower", "higher", "displaced" (lower here, but the buffer took it
    over), "no_clear_change" or "cannot_tell". reasons: codes for why it cannot
    be told or is doubtful: "no_comparison", "too_few_events", "too_short",
    "picked_high", "partly_displaced", "comparisons_disagree".
    buffer_estimate, buffer_interval: as estimate, for the buffer, or None.
    """

    verdict: Verdict
    estimate: float
    interval: tuple[float, float]
    ratio: float
    ratio_interval: tuple[float, float]
    p_value: float
    expected: float
    observed: int
    buffer_estimate: float | None
    buffer_interval: tuple[float, float] | None
    dispersion: float
    reasons: tuple[str, ...]
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Regression:
    """What a figure picked because it was high would fall to by itself.

    expected: next period without any measure; interval for its mean; fall:
    the part of the figure that goes away by itself; share: of the figure.
    """

    figure: int
    expected: float
    interval: tuple[float, float]
    fall: float
    share: float
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def before_after(
    *,
    treated: Sequence[float],
    comparisons: Sequence[Sequence[float]],
    buffer: Sequence[float] | None = None,
    days: Sequence[float] = (1.0, 1.0),
    least_days: float = 28.0,
    least_events: int = 10,
    dispersion: float = 1.0,
    picked_high: bool = False,
    level: float = 0.95,
) -> BeforeAfter:
    """Compare an area before and after with areas where nothing was done.

    Parameters
    ----------
    treated : counts (before, after) of the area of the measure.
    comparisons : counts (before, after) of each comparison area; they are
        added up.
    buffer : counts (before, after) around the area, where the problem may
        have moved; neither in `treated` nor in `comparisons`.
    days : days in the two periods.
    least_days : shorter periods cannot be told.
    least_events : fewer events, in the area or in the comparisons over both
        periods, cannot be told.
    dispersion : variance of the counts over their mean, at least 1, from
        earlier weeks. With three or more comparison areas the disagreement of
        their own changes is used when that is greater.
    picked_high : the area was picked because its figure was high.
    level : of the intervals; the verdict rests on it.

    Returns
    -------
    BeforeAfter. The ratio is (Ta/Tb)/(Ca/Cb) with a half added to every count
    when one is 0. "displaced" is said when the area is clearly lower, the
    buffer rose (at 80 %), and area and buffer together are not clearly lower:
    that anything was won is then not shown. Together clearly lower, it is
    "lower", "partly_displaced" when the buffer took over half of the fall.

    Raises
    ------
    BadInput for counts that are negative or broken, or lengths not above zero.
    """
    check_level(level)
    before, after = lengths(days)
    tb, ta = pair(treated, "treated")
    others = [pair(c, f"comparison {i}") for i, c in enumerate(comparisons, start=1)]
    near = None if buffer is None else pair(buffer, "buffer")
    if not math.isfinite(dispersion) or dispersion < 1:
        raise BadInput(f"dispersion is {dispersion}; it is at least 1.")
    cb, ca = sum(c[0] for c in others), sum(c[1] for c in others)
    reasons = []
    if not others:
        reasons.append("no_comparison")
    if min(before, after) < least_days:
        reasons.append("too_short")
    if tb + ta < least_events or (others and (cb + ca < least_events or min(cb, ca) == 0)):
        reasons.append("too_few_events")
    if reasons:
        verdict: Verdict = "cannot_tell"
    disagreement = _disagreement(others)
    spread = max(1.0, dispersion, disagreement)
    if disagreement > 2:
        reasons.append("comparisons_disagree")
    if picked_high:
        reasons.append("picked_high")
    parameters = {
        "days": (before, after),
        "comparisons": len(others),
        "least_days": least_days,
        "least_events": least_events,
        "level": level,
        "picked_high": picked_high,
    }
    notes = (PICKED_HIGH,) if picked_high else ()
    if "no_comparison" in reasons:
        nothing = (_NAN, _NAN)
        return BeforeAfter(
            "cannot_tell",
            _NAN,
            nothing,
            _NAN,
            nothing,
            _NAN,
            _NAN,
            int(ta),
            None,
            None,
            spread,
            tuple(reasons),
            parameters,
            notes,
        )
    here = _Change.of((tb, ta), (cb, ca), spread)
    low, high = here.ratio_interval(level)
    around = together = None
    if near is not None:
        around = _Change.of(near, (cb, ca), spread)
        together = _Change.of((tb + near[0], ta + near[1]), (cb, ca), spread)
    if not {"too_short", "too_few_events"} & set(reasons):
        verdict = "lower" if high < 1 else "higher" if low > 1 else "no_clear_change"
        if verdict == "lower" and around is not None and together is not None and around.ratio_interval(0.8)[0] > 1:
            if together.ratio_interval(level)[1] >= 1:
                verdict = "displaced"
            elif around.events(around.ratio) >= -0.5 * here.events(here.ratio):
                reasons.append("partly_displaced")
    return BeforeAfter(
        verdict=verdict,
        estimate=here.events(here.ratio),
        interval=(here.events(low), here.events(high)),
        ratio=here.ratio,
        ratio_interval=(low, high),
        p_value=normal_two_sided(math.log(here.ratio) / here.se),
        expected=here.expected,
        observed=int(ta),
        buffer_estimate=None if around is None else around.events(around.ratio),
        buffer_interval=None if around is None else tuple(around.events(r) for r in around.ratio_interval(level)),  # type: ignore[arg-type]
        dispersion=spread,
        reasons=tuple(reasons),
        parameters=parameters,
        warnings=notes,
    )


@dataclass(frozen=True)
class _Change:
    """The change of an area over that of its comparison, on the log scale."""

    ratio: float
    se: float
    expected: float

    @classmethod
    def of(cls, area: tuple[float, float], other: tuple[float, float], dispersion: float) -> _Change:
        four = np.array([*area, *other])
        if (four == 0).any():
            four = four + 0.5
        tb, ta, cb, ca = four
        se = math.sqrt(dispersion * float((1 / four).sum()))
        return cls(float(ta / tb * cb / ca), se, float(tb * ca / cb))

    def ratio_interval(self, level: float) -> tuple[float, float]:
        reach = z_of(level) * self.se
        return self.ratio * math.exp(-reach), self.ratio * math.exp(reach)

    def events(self, ratio: float) -> float:
        """Events beyond those expected, for a ratio."""
        return self.expected * (ratio - 1)


def _disagreement(areas: list[tuple[float, float]]) -> float:
    """Chi-square over its degrees of freedom of equal change in all comparison areas."""
    table = np.array([a for a in areas if sum(a) > 0], dtype=np.float64)
    if len(table) < 3 or (table.sum(axis=0) == 0).any():
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(((table - expected) ** 2 / expected).sum()) / (len(table) - 1)


def regression_to_the_mean(counts: ArrayLike, chosen: int, *, level: float = 0.95) -> Regression:
    """What the chosen area's count would fall to if nothing at all were done.

    Parameters
    ----------
    counts : counts of the same period in all areas one could have picked.
    chosen : position of the picked area.
    level : of the interval for the mean of the next period.

    Returns
    -------
    Regression, by empirical Bayes: the areas' means follow a gamma
    distribution fitted by moments; when the counts vary no more than chance
    gives, every area is expected at the common mean.

    Raises
    ------
    BadInput for fewer than five areas, no events, or a position outside.

    References
    ----------
    Hauer 1997, chapter 11.
    """
    given = clean.counts(counts)
    check_level(level)
    if given.size < 5:
        raise BadInput(f"counts: {given.size} areas; at least five are needed to know the spread.")
    if not 0 <= chosen < given.size:
        raise BadInput(f"chosen is {chosen}; give a position from 0 to {given.size - 1}.")
    mean, variance = float(given.mean()), float(given.var(ddof=1))
    if mean == 0:
        raise BadInput("counts: no events anywhere, so there is nothing to fall.")
    figure = int(given[chosen])
    tail = (1 - level) / 2
    between = variance - mean
    if between > 0:
        shape, rate = mean**2 / between + figure, mean / between + 1
        expected = shape / rate
        interval = (gamma_quantile(shape, tail) / rate, gamma_quantile(shape, 1 - tail) / rate)
    else:
        expected = mean
        total = by_normal(mean, mean / given.size, level)
        interval = total["interval"]
    fall = figure - expected
    notes = () if given.size >= 20 else (f"Only {given.size} areas: the spread is uncertain.",)
    return Regression(
        figure=figure,
        expected=expected,
        interval=interval,
        fall=fall,
        share=fall / figure if figure else _NAN,
        parameters={"areas": given.size, "mean": mean, "variance": variance, "level": level},
        warnings=notes,
    )
