"""Interrupted time series: was there a step or a bend when the measure began?

Quasi-Poisson regression with trend, season, a change of level and a change
of slope. Many series of one length are fitted together.

References
----------
Lopez Bernal, Cummins and Gasparrini 2017, International Journal of
Epidemiology 46:348. Newey and West 1987, Econometrica 55:703.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samverkan.analysis import clean
from samverkan.analysis._estimate import PICKED_HIGH
from samverkan.analysis._special import check_level, z_of
from samverkan.analysis.errors import BadInput

Floats = NDArray[np.float64]
_STEPS = 40


@dataclass(frozen=True)
class Series:
    """Fits of s series of m periods with p terms; a single series has s = 1.

    terms: names of the p terms. coefficients, standard_errors: (s, p), on the
    log scale. dispersion: (s,). estimate, se, z, p_value: (s,), and interval
    (s, 2), of the change of level, log scale, at the first period after; by
    se_newey_west where it was asked for.
    fitted, without: (s, m), events by the model, and had there been no change.
    difference: (s,), events after the change less those without it.
    se_newey_west: (s, p) or None. autocorrelation: (s,), of the residuals one
    period apart. Series that cannot be fitted are NaN and named in warnings.
    """

    terms: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    dispersion: Floats
    estimate: Floats
    se: Floats
    z: Floats
    p_value: Floats
    interval: Floats
    fitted: Floats
    without: Floats
    difference: Floats
    autocorrelation: Floats
    se_newey_west: Floats | None
    series: int
    periods: int
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def interrupted(
    counts: ArrayLike,
    change: int,
    *,
    season: float = 12.0,
    harmonics: int = 1,
    slope: bool = True,
    exposure: ArrayLike | None = None,
    newey_west: int | None = None,
    level: float = 0.95,
    picked_high: bool = False,
) -> Series:
    """Fit interrupted time series by quasi-Poisson regression.

    Parameters
    ----------
    counts : (m,) or (s, m), events in m equally long periods.
    change : position of the first period after the change (0-based).
    season : periods in a year (12 months, 52.18 weeks).
    harmonics : pairs of sine and cosine of the season; 0 for none.
    slope : whether the trend may bend at the change.
    exposure : (m,) or (s, m), people or days at risk; its log is an offset.
    newey_west : lags of a standard error that bears autocorrelation (Newey and West 1987); se, z, p and
        interval are then by it.
    level : of the interval.
    picked_high : the area was picked because its figure was high.

    Returns
    -------
    Series. log E(count) = intercept + trend·t + level·[t >= change]
    + slope·max(0, t − change) + season + log exposure, t = 0, 1, …; variance
    = dispersion × mean, dispersion by Pearson; p and interval by the normal.

    Raises
    ------
    BadInput for counts that are negative or broken, a change outside the
    series, exposure not above zero, or terms that cannot be told apart.
    """
    check_level(level)
    y = _counts(counts)
    s, m = y.shape
    harmonics = clean.whole(harmonics, "harmonics", least=0)
    change = clean.whole(change, "change", least=1)
    if change >= m:
        raise BadInput(f"change is {change}, but the series has periods 0 to {m - 1}.")
    design, terms = _design(m, change, clean.positive(season, "season"), harmonics, slope)
    p = len(terms)
    if m <= p:
        raise BadInput(f"{m} periods are too few for {p} terms; at least {p + 1} are needed.")
    largest = np.abs(design).max(axis=0)
    if (largest == 0).any() or np.linalg.matrix_rank(design / largest) < p:
        raise BadInput("The terms cannot be told apart; use fewer harmonics or more periods.")
    offset = np.zeros((1, m)) if exposure is None else np.log(_exposure(exposure, s, m))
    # A group without any event has no finite logarithm.
    possible = (y[:, :change].sum(axis=1) > 0) & (y[:, change:].sum(axis=1) > 0)
    beta = np.full((s, p), np.nan)
    inverse = np.full((s, p, p), np.nan)
    if possible.any():
        part = offset if len(offset) == 1 else offset[possible]
        beta[possible], inverse[possible] = _fit(y[possible], design, part)
    mu = np.exp(beta @ design.T + offset)
    residual = y - mu
    dispersion = (residual**2 / mu).sum(axis=1) / (m - p)
    errors = np.sqrt(np.einsum("sii->si", inverse) * dispersion[:, None])
    robust = None
    if newey_west is not None:
        robust = _newey_west(design, residual, inverse, clean.whole(newey_west, "newey_west", least=0))
    at = terms.index("level")
    estimate, se = beta[:, at], (errors if robust is None else robust)[:, at]
    z = estimate / np.where(se > 0, se, np.nan)
    reach = z_of(level) * se
    gone = beta.copy()
    gone[:, [i for i, name in enumerate(terms) if name in ("level", "slope")]] = 0
    without = np.exp(gone @ design.T + offset)
    pearson = residual / np.sqrt(mu)
    with np.errstate(invalid="ignore", divide="ignore"):
        follow = (pearson[:, 1:] * pearson[:, :-1]).sum(axis=1) / (pearson**2).sum(axis=1)
    failed = np.flatnonzero(~np.isfinite(beta).all(axis=1))
    return Series(
        terms=terms,
        coefficients=beta,
        standard_errors=errors,
        dispersion=dispersion,
        estimate=estimate,
        se=se,
        z=z,
        p_value=np.array([math.erfc(abs(v) / math.sqrt(2)) for v in z]),
        interval=np.column_stack([estimate - reach, estimate + reach]),
        fitted=mu,
        without=without,
        difference=(mu - without)[:, change:].sum(axis=1),
        autocorrelation=follow,
        se_newey_west=robust,
        series=s,
        periods=m,
        parameters={
            "change": change,
            "season": float(season),
            "harmonics": harmonics,
            "slope": slope,
            "newey_west": newey_west,
            "level": level,
            "picked_high": picked_high,
        },
        warnings=_warnings(m, p, change, season, follow, failed, picked_high, robust is not None),
    )


def _counts(counts: ArrayLike) -> Floats:
    array = np.asarray(counts)
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim != 2:
        raise BadInput(f"counts: {array.ndim} dimensions; give one series, or one a row.")
    return clean.counts(array.ravel()).reshape(array.shape).astype(np.float64)


def _exposure(exposure: ArrayLike, s: int, m: int) -> Floats:
    array = np.atleast_2d(np.asarray(exposure, dtype=np.float64))
    if array.shape not in ((1, m), (s, m)):
        raise BadInput(f"exposure has shape {array.shape}; give one value for each period.")
    if not (np.isfinite(array) & (array > 0)).all():
        raise BadInput("exposure: every value must be above zero.")
    return array


def _design(m: int, change: int, season: float, harmonics: int, slope: bool) -> tuple[Floats, tuple[str, ...]]:
    t = np.arange(m, dtype=np.float64)
    columns = {"intercept": np.ones(m), "trend": t, "level": (t >= change).astype(np.float64)}
    if slope:
        columns["slope"] = np.maximum(0.0, t - change)
    for k in range(1, harmonics + 1):
        columns[f"sin{k}"] = np.sin(2 * np.pi * k * t / season)
        columns[f"cos{k}"] = np.cos(2 * np.pi * k * t / season)
    return np.column_stack(list(columns.values())), tuple(columns)


def _fit(y: Floats, x: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Newton's method for all series at once; coefficients and the inverse information."""
    s, p = len(y), x.shape[1]
    # The trend in units of the whole series, so that the equations are well conditioned.
    scale = np.abs(x).max(axis=0)
    x = x / scale
    squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
    mu = y + 0.5
    working = np.log(mu) - offset + (y - mu) / mu
    info = (mu @ squares).reshape(s, p, p)
    beta = np.linalg.solve(info, ((mu * working) @ x)[..., None])[..., 0]
    moving = np.arange(s)
    for _ in range(_STEPS):
        part = offset if len(offset) == 1 else offset[moving]
        eta = np.clip(beta[moving] @ x.T + part, -500, 500)
        mu = np.exp(eta)
        info = (mu @ squares).reshape(moving.size, p, p)
        # A touch of ridge keeps a hopeless series from stopping the others.
        info[:, range(p), range(p)] *= 1 + 1e-14
        step = np.linalg.solve(info, ((y[moving] - mu) @ x)[..., None])[..., 0]
        size = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, 3.0 / np.maximum(size, 1e-300))[:, None]
        beta[moving] += step
        moving = moving[size > 1e-10]
        if not moving.size:
            break
    beta[moving] = np.nan
    mu = np.exp(beta @ x.T + offset)
    info = (mu @ squares).reshape(s, p, p)
    inverse = np.full((s, p, p), np.nan)
    done = np.isfinite(info).all(axis=(1, 2))
    inverse[done] = np.linalg.inv(info[done])
    return beta / scale, inverse / np.outer(scale, scale)


def _newey_west(x: Floats, residual: Floats, inverse: Floats, lags: int) -> Floats:
    scores = x[None] * residual[:, :, None]
    meat = np.einsum("smi,smj->sij", scores, scores)
    for lag in range(1, lags + 1):
        cross = np.einsum("smi,smj->sij", scores[:, lag:], scores[:, :-lag])
        meat += (1 - lag / (lags + 1)) * (cross + cross.transpose(0, 2, 1))
    variance = inverse @ meat @ inverse
    return np.sqrt(np.maximum(np.einsum("sii->si", variance), 0.0))


def _warnings(
    m: int,
    p: int,
    change: int,
    season: float,
    follow: Floats,
    failed: NDArray[np.int64],
    picked_high: bool,
    borne: bool,
) -> tuple[str, ...]:
    notes = [PICKED_HIGH] if picked_high else []
    if failed.size:
        named = ", ".join(str(i + 1) for i in failed[:5]) + (" …" if failed.size > 5 else "")
        notes.append(f"{failed.size} series (row {named}) have no events before or after.")
    if change < max(season, 8) or m - change < 6:
        notes.append("Under a year before or six periods after: trend, season and change cannot be told apart.")
    if m - p < 15:
        notes.append(f"{m} periods for {p} terms: the standard errors are rough.")
    with np.errstate(invalid="ignore"):
        strong = int((follow > 2 / math.sqrt(m)).sum())
    if strong and not borne:
        notes.append(
            f"Neighbouring periods go together in {strong} series (autocorrelation): the "
            "standard error is too small; use newey_west."
        )
    return tuple(notes)
