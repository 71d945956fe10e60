"""Counts before and after in a few areas: WDD, WDQ, the E-test and a 2×2 comparison.

References
----------
Wheeler and Ratcliffe 2018, Crime Science 7:11 (WDD).
Bowers and Johnson 2003, Journal of Quantitative Criminology 19:275 (WDQ);
Guerette 2009, Problem-Oriented Guides for Police 10 (total net effect).
Krishnamoorthy and Thomson 2004, Journal of Statistical Planning and
Inference 119:23 (E-test).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samverkan.analysis._estimate import PICKED_HIGH, Estimate, by_normal, lengths, pair
from samverkan.analysis._special import check_level, poisson_pmf, z_of
from samverkan.analysis.errors import BadInput

Counts = Sequence[float]
_NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Wdd(Estimate):
    """Weighted displacement difference, in events per unit of period and of area.

    estimate: the total, below zero when events were prevented. local,
    displacement: (estimate, standard error) of the area itself and of the
    buffer; displacement is None without a buffer.
    """

    local: tuple[float, float]
    displacement: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Wdq(Estimate):
    """Weighted displacement quotient; it has no standard error, so se, z and p are NaN.

    success: Ra/Ca − Rb/Cb, below zero when the area did better than the
    control. displaced: the same for the buffer. total_net_effect: events
    prevented in area and buffer together. meaningful: whether the quotient
    says anything. meaning: "spread_of_benefit", "no_displacement",
    "partial_displacement", "full_displacement", "more_displaced_than_prevented"
    or "none".
    """

    success: float
    displaced: float
    total_net_effect: float
    meaningful: bool
    meaning: str


@dataclass(frozen=True, kw_only=True)
class ETest(Estimate):
    """E-test of two Poisson rates.

    estimate: rate after less rate before; ratio: after over before (NaN when
    nothing happened before); z: the standardised difference the test rests on.
    """

    ratio: float
    rates: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Did(Estimate):
    """Difference in differences on the log scale.

    estimate: log of the incidence rate ratio; irr: the ratio; irr_interval.
    """

    irr: float
    irr_interval: tuple[float, float]


def wdd(
    treated: Counts | Sequence[Counts],
    control: Counts | Sequence[Counts],
    *,
    displacement: Counts | Sequence[Counts] | None = None,
    displacement_control: Counts | Sequence[Counts] | None = None,
    periods: Sequence[float] = (1.0, 1.0),
    sizes: Mapping[str, float] | None = None,
    harm: Sequence[float] | None = None,
    level: float = 0.95,
    picked_high: bool = False,
) -> Wdd:
    """Weighted displacement difference with its standard error.

    Parameters
    ----------
    treated, control : counts (before, after); with `harm`, one such pair for
        each kind of event.
    displacement, displacement_control : the same for a buffer around the area
        and its own control; a buffer without a control is taken by itself.
    periods : lengths of before and after in any one unit; counts are divided
        by them.
    sizes : sizes of the areas when they differ, by the names above; counts
        are divided by them. An area left out has size 1.
    harm : weight of each kind of event, such as days of imprisonment.
    level : of the interval.
    picked_high : the area was picked because its figure was high.

    Returns
    -------
    Wdd. Estimate = (Ta − Tb) − (Ca − Cb), plus the same for the buffer;
    variance = sum of all counts, each by the square of its weight.

    Raises
    ------
    BadInput for counts that are negative or broken, lengths that are not
    above zero, or a displacement control without a displacement area.

    Notes
    -----
    Control areas should have counts of about the size of the treated ones:
    the method takes the trend to be equal in events, not in per cent.

    References
    ----------
    Wheeler and Ratcliffe 2018, Crime Science 7:11.
    """
    before, after = lengths(periods)
    divisors = _sizes(sizes)
    weights = [1.0] if harm is None else [float(h) for h in harm]
    if not weights or not all(math.isfinite(w) and w >= 0 for w in weights):
        raise BadInput("harm: give a weight of at least zero for each kind of event.")
    if displacement_control is not None and displacement is None:
        raise BadInput("displacement_control needs a displacement area beside it.")

    def change(counts: Counts | Sequence[Counts], name: str) -> tuple[float, float]:
        rows = [counts] if harm is None else list(counts)
        if len(rows) != len(weights):
            raise BadInput(f"{name}: {len(rows)} kinds of events, but harm has {len(weights)}.")
        estimate = variance = 0.0
        for row, weight in zip(rows, weights, strict=True):
            b, a = pair(row, name)  # type: ignore[arg-type]
            of_before, of_after = (weight / (length * divisors[name]) for length in (before, after))
            estimate += a * of_after - b * of_before
            variance += a * of_after**2 + b * of_before**2
        return estimate, variance

    t, t_var = change(treated, "treated")
    c, c_var = change(control, "control")
    local, variance = t - c, t_var + c_var
    total = local
    moved = None
    if displacement is not None:
        d, d_var = change(displacement, "displacement")
        if displacement_control is not None:
            dc, dc_var = change(displacement_control, "displacement_control")
            d, d_var = d - dc, d_var + dc_var
        moved = (d, math.sqrt(d_var))
        total, variance_total = local + d, variance + d_var
    else:
        variance_total = variance
    notes = [PICKED_HIGH] if picked_high else []
    if harm is None:
        tb, cb = (
            pair(counts, name)[0] / divisors[name]  # type: ignore[arg-type]
            for counts, name in ((treated, "treated"), (control, "control"))
        )
        if max(tb, cb) > 2 * max(1.0, min(tb, cb)):
            notes.append(
                "Treated and control differ more than twofold before; the method takes their trend "
                "to be equal in events, so a ratio (did) is safer."
            )
    if harm is None and _all_events(treated, control, displacement, displacement_control) < 20:
        notes.append("Fewer than 20 events in all: the normal interval is rough.")
    return Wdd(
        **by_normal(total, variance_total, level),
        local=(local, math.sqrt(variance)),
        displacement=moved,
        parameters={
            "periods": (before, after),
            "sizes": None if sizes is None else dict(sizes),
            "harm": None if harm is None else tuple(weights),
            "level": level,
            "picked_high": picked_high,
        },
        warnings=tuple(notes),
    )


def _all_events(*areas: Counts | Sequence[Counts] | None) -> float:
    return float(sum(np.sum(area) for area in areas if area is not None))


_AREAS = ("treated", "control", "displacement", "displacement_control")


def _sizes(sizes: Mapping[str, float] | None) -> dict[str, float]:
    given = dict(sizes or {})
    for name, size in given.items():
        if name not in _AREAS or not (math.isfinite(size) and size > 0):
            raise BadInput(f"sizes: {name!r} {size}; give sizes above zero of {', '.join(_AREAS)}.")
    return {name: float(given.get(name, 1.0)) for name in _AREAS}


def wdq(response: Counts, buffer: Counts, control: Counts, *, picked_high: bool = False) -> Wdq:
    """Weighted displacement quotient and total net effect.

    Parameters
    ----------
    response, buffer, control : counts (before, after) of the area of the
        measure, the buffer around it and the control.
    picked_high : the area was picked because its figure was high.

    Returns
    -------
    Wdq. WDQ = (Da/Ca − Db/Cb) / (Ra/Ca − Rb/Cb). It means something only when
    the denominator (the success) is below zero: without a success there is
    nothing to displace. Undefined (NaN) when a control count or the success
    is 0. Total net effect = (Rb·Ca/Cb − Ra) + (Db·Ca/Cb − Da).

    Raises
    ------
    BadInput for counts that are negative or broken.

    References
    ----------
    Bowers and Johnson 2003; Guerette 2009.
    """
    rb, ra = pair(response, "response")
    db, da = pair(buffer, "buffer")
    cb, ca = pair(control, "control")
    notes = ["The quotient has no standard error; lead with the difference (wdd)."]
    if picked_high:
        notes.append(PICKED_HIGH)
    success = displaced = quotient = net = _NAN
    meaning = "none"
    if cb == 0 or ca == 0:
        notes.append("A control count is 0, so neither the quotient nor the net effect is defined.")
        if cb > 0:
            net = (rb * ca / cb - ra) + (db * ca / cb - da)
            notes[-1] = "The control count after is 0, so the quotient is not defined."
    else:
        # One division, so that equal ratios give exactly 0 and not a rounding error.
        success = (ra * cb - rb * ca) / (ca * cb)
        displaced = (da * cb - db * ca) / (ca * cb)
        net = (rb * ca - ra * cb + db * ca - da * cb) / cb
        if success != 0:
            quotient = (da * cb - db * ca) / (ra * cb - rb * ca)
        if success >= 0:
            notes.append(
                "The area did no better than the control, so there was nothing to displace: the quotient means nothing."
            )
        else:
            meaning = _meaning(quotient)
    return Wdq(
        estimate=quotient,
        se=_NAN,
        z=_NAN,
        p_value=_NAN,
        interval=(_NAN, _NAN),
        success=success,
        displaced=displaced,
        total_net_effect=net,
        meaningful=meaning != "none",
        meaning=meaning,
        parameters={"picked_high": picked_high},
        warnings=tuple(notes),
    )


def _meaning(quotient: float) -> str:
    if quotient > 0:
        return "spread_of_benefit"
    if quotient == 0:
        return "no_displacement"
    if quotient > -1:
        return "partial_displacement"
    return "full_displacement" if quotient == -1 else "more_displaced_than_prevented"


def e_test(
    counts: Counts,
    *,
    periods: Sequence[float] = (1.0, 1.0),
    alternative: Literal["two-sided", "less", "greater"] = "two-sided",
    level: float = 0.95,
    picked_high: bool = False,
) -> ETest:
    """Test that two Poisson rates, before and after, are equal.

    Parameters
    ----------
    counts : events (before, after).
    periods : lengths, or any other exposure, of the two.
    alternative : "less" asks whether the rate fell, "greater" whether it rose.
    level : of the (normal) interval of the difference of rates.
    picked_high : the place was picked because its figure was high.

    Returns
    -------
    ETest. The p-value sums the probability of every pair of counts whose
    standardised difference is at least as far off as the observed, both
    counts Poisson with the common rate (k1 + k2) / (n1 + n2); ties count.
    With no events at all p is 1.

    Raises
    ------
    BadInput for counts that are negative or broken, or over a hundred million.

    References
    ----------
    Krishnamoorthy and Thomson 2004. Without a comparison area a change says
    nothing of why it came.
    """
    if alternative not in ("two-sided", "less", "greater"):
        raise BadInput(f'alternative is {alternative!r}; choose "two-sided", "less" or "greater".')
    k1, k2 = pair(counts, "counts")
    n1, n2 = lengths(periods)
    check_level(level)
    if k1 + k2 > 1e8:
        raise BadInput("counts: over a hundred million events; count in larger units.")
    r1, r2 = k1 / n1, k2 / n2
    se = math.sqrt(k1 / n1**2 + k2 / n2**2)
    observed = (r2 - r1) / se if se else 0.0
    common = (k1 + k2) / (n1 + n2)
    p_value = _e_p(observed, common * n1, common * n2, n1, n2, alternative) if se else 1.0
    reach = z_of(level) * se
    notes = [PICKED_HIGH] if picked_high else []
    return ETest(
        estimate=r2 - r1,
        se=se,
        z=observed,
        p_value=p_value,
        interval=(r2 - r1 - reach, r2 - r1 + reach),
        ratio=r2 / r1 if r1 else _NAN,
        rates=(r1, r2),
        parameters={
            "periods": (n1, n2),
            "alternative": alternative,
            "level": level,
            "picked_high": picked_high,
        },
        warnings=tuple(notes),
    )


def _e_p(observed: float, mean1: float, mean2: float, n1: float, n2: float, alternative: str) -> float:
    """P of the tails. The statistic rises with the second count, so each tail is a cut-off."""
    low1, p1 = _support(mean1)
    low2, p2 = _support(mean2)
    at_most = np.concatenate([[0.0], np.cumsum(p2)])
    at_least = np.concatenate([np.cumsum(p2[::-1])[::-1], [0.0]])
    x1 = (low1 + np.arange(p1.size)).astype(np.float64)
    limit = abs(observed) * (1 - 1e-9) if alternative == "two-sided" else observed
    slack = abs(observed) * 1e-9

    def statistic(x2: NDArray[np.float64]) -> NDArray[np.float64]:
        spread = x1 / n1**2 + x2 / n2**2
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 0, (x2 / n2 - x1 / n1) / np.sqrt(spread), 0.0)

    def first(bound: float, *, strict: bool) -> NDArray[np.int64]:
        """Position in p2 of the first count whose statistic is over (or at least) the bound."""
        low = np.zeros(x1.size, np.int64)
        high = np.full(x1.size, p2.size)
        while True:
            open_ = low < high
            if not open_.any():
                return low
            middle = (low + high) // 2
            value = statistic((low2 + middle).astype(np.float64))
            over = value > bound if strict else value >= bound
            high = np.where(open_ & over, middle, high)
            low = np.where(open_ & ~over, middle + 1, low)

    if alternative == "two-sided":
        tails = at_least[first(limit, strict=False)] + at_most[first(-limit, strict=True)]
    elif alternative == "greater":
        tails = at_least[first(limit - slack, strict=False)]
    else:
        tails = at_most[first(limit + slack, strict=True)]
    return float(min(1.0, p1 @ tails))


def _support(mean: float) -> tuple[int, NDArray[np.float64]]:
    """First count and probabilities of a Poisson, less than 1e-17 left out at either end."""
    reach = 9.5 * math.sqrt(mean) + 40
    low = max(0, math.floor(mean - reach))
    top = math.ceil(mean + reach)
    if low == 0:
        return 0, poisson_pmf(mean, top)
    k = np.arange(low, top + 1)
    steps = np.concatenate([[0.0], np.cumsum(np.log(mean / k[1:]))])
    start = low * math.log(mean) - mean - math.lgamma(low + 1)
    p = np.exp(start + steps)
    return low, p / p.sum()


def did(treated: Counts, control: Counts, *, level: float = 0.95, picked_high: bool = False) -> Did:
    """2×2 Poisson difference in differences.

    Parameters
    ----------
    treated, control : counts (before, after). Unequal lengths of the periods
        cancel, as they are the same for both.
    level : of the interval.
    picked_high : the area was picked because its figure was high.

    Returns
    -------
    Did. estimate = log((Ta/Tb)/(Ca/Cb)), se = sqrt(1/Ta + 1/Tb + 1/Ca + 1/Cb).
    When a count is 0, a half is added to all four (Haldane 1956), with a warning.

    Raises
    ------
    BadInput for counts that are negative or broken.
    """
    tb, ta = pair(treated, "treated")
    cb, ca = pair(control, "control")
    notes = [PICKED_HIGH] if picked_high else []
    if 0 in (tb, ta, cb, ca):
        tb, ta, cb, ca = tb + 0.5, ta + 0.5, cb + 0.5, ca + 0.5
        notes.append("A count is 0; a half was added to all four.")
    if min(tb, ta, cb, ca) < 5:
        notes.append("A count is below 5: the interval is rough.")
    estimate = math.log(ta) - math.log(tb) - math.log(ca) + math.log(cb)
    figures = by_normal(estimate, 1 / ta + 1 / tb + 1 / ca + 1 / cb, level)
    low, high = figures["interval"]
    return Did(
        **figures,
        irr=math.exp(estimate),
        irr_interval=(math.exp(low), math.exp(high)),
        parameters={"level": level, "picked_high": picked_high},
        warnings=tuple(notes),
    )
