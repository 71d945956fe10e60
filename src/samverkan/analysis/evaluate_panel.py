"""Many areas over many periods: two-way fixed effects, least squares or Poisson.

References
----------
Santos Silva and Tenreyro 2006, Review of Economics and Statistics 88:641
(Poisson pseudo-likelihood); Liang and Zeger 1986, Biometrika 73:13 (clustered
standard errors); Goodman-Bacon 2021, Journal of Econometrics 225:254 (why
staggered starts mislead two-way fixed effects).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samverkan.analysis import clean
from samverkan.analysis._estimate import PICKED_HIGH, Estimate
from samverkan.analysis._special import check_level, t_of, t_two_sided
from samverkan.analysis.blocks import p_value as monte_carlo_p
from samverkan.analysis.blocks import run_blocks
from samverkan.analysis.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Panel(Estimate):
    """Effect of a treatment in a panel with effects of area and period taken out.

    estimate: events per period ("ols") or log rate ratio ("poisson"); se:
    clustered by area with its small-sample factor (CR1 for ols, G/(G − 1) for
    poisson); z: estimate over se; p_value and interval by Student's t with
    clusters − 1 degrees of freedom. se_model: as if all rows were independent;
    se_cr0: clustered without a factor. irr, irr_interval: NaN for ols.
    p_permutation: the treatment dealt out anew among the areas; None if not asked.
    """

    se_model: float
    se_cr0: float
    irr: float
    irr_interval: tuple[float, float]
    p_permutation: float | None
    observations: int
    clusters: int
    treated_clusters: int
    replicates: int
    seed: int


def panel(
    unit: ArrayLike,
    period: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    *,
    model: Literal["poisson", "ols"] = "poisson",
    level: float = 0.95,
    replicates: int = 0,
    seed: int = 1,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    picked_high: bool = False,
) -> Panel:
    """Two-way fixed effects with standard errors clustered by area.

    Parameters
    ----------
    unit, period : labels of the area and the period of each row.
    treated : 1 where and when the measure was in place, else 0.
    outcome : events; whole numbers for "poisson".
    model : "poisson" for a rate ratio, "ols" for events per period.
    level : of the interval.
    replicates, seed : permutations of the treatment over the areas (0: none),
        worth doing when areas are few. Needs every area in every period.
    executor, workers, progress : see :func:`samverkan.analysis.blocks.run_blocks`.
    picked_high : the treated areas were picked because they were high.

    Returns
    -------
    Panel. For "poisson" areas and periods without any event say nothing and
    are left out, with a warning.

    Raises
    ------
    BadInput for unequal lengths, fewer than two areas or periods, a
    treatment other than 0 and 1 or one that cannot be told from area and
    period, or permutations of an incomplete panel.
    """
    if model not in ("poisson", "ols"):
        raise BadInput(f'model is {model!r}; choose "poisson" or "ols".')
    check_level(level)
    u = np.unique(np.asarray(unit), return_inverse=True)[1]
    t = np.unique(np.asarray(period), return_inverse=True)[1]
    d = clean.floats(treated, "treated")
    y = clean.floats(outcome, "outcome")
    clean.same_length(unit=u, period=t, treated=d, outcome=y)
    if not np.isin(d, (0.0, 1.0)).all():
        raise BadInput("treated: only 0 and 1 are allowed; dose is not supported.")
    notes = [PICKED_HIGH] if picked_high else []
    if model == "poisson":
        y = clean.counts(outcome, name="outcome").astype(np.float64)
        keep = _with_events(u, t, y)
        if not keep.all():
            notes.append(f"{int((~keep).sum())} rows of areas or periods without events left out.")
            u, t, d, y = u[keep], t[keep], d[keep], y[keep]
    u = np.unique(u, return_inverse=True)[1]
    t = np.unique(t, return_inverse=True)[1]
    areas, spans = (int(v.max()) + 1 if v.size else 0 for v in (u, t))
    if areas < 2 or spans < 2:
        raise BadInput(f"{areas} areas and {spans} periods with data; at least two of each.")
    if model == "ols":
        estimate, bread, residual, within = _ols(u, t, d, y)
        freedom = y.size - areas - spans
        if freedom < 1:
            raise BadInput("There are too few rows for so many areas and periods.")
        variance = float(residual @ residual) / freedom * bread
        factor = areas / (areas - 1) * (y.size - 1) / freedom
    else:
        estimate, bread, residual, within = _poisson(u, t, d, y)
        variance = bread
        factor = areas / (areas - 1)
    scores = np.bincount(u, weights=within * residual, minlength=areas)
    cr0 = bread * math.sqrt(float(scores @ scores))
    se = cr0 * math.sqrt(factor)
    reach = t_of(level, areas - 1) * se
    low, high = estimate - reach, estimate + reach
    exposed = np.unique(u[d == 1])
    notes += _warnings(u, t, d, exposed.size, areas, bool(replicates))
    shuffled = None
    if replicates:
        paths, values = _balanced(u, t, d, y, areas, spans)
        affinity = _affinity(paths, values, model)
        observed = abs(float(np.trace(affinity)))
        drawn = run_blocks(
            _deal, affinity, replicates, seed=seed, executor=executor, workers=workers, progress=progress
        )
        shuffled = monte_carlo_p(drawn, observed)
    poisson = model == "poisson"
    nan = float("nan")
    return Panel(
        estimate=estimate,
        se=se,
        z=estimate / se if se else nan,
        p_value=t_two_sided(estimate / se, areas - 1) if se else nan,
        interval=(low, high),
        se_model=math.sqrt(variance),
        se_cr0=cr0,
        irr=math.exp(estimate) if poisson else nan,
        irr_interval=(math.exp(low), math.exp(high)) if poisson else (nan, nan),
        p_permutation=shuffled,
        observations=int(y.size),
        clusters=areas,
        treated_clusters=int(exposed.size),
        replicates=replicates,
        seed=seed,
        parameters={"model": model, "level": level, "picked_high": picked_high},
        warnings=tuple(notes),
    )


def _with_events(u: Ints, t: Ints, y: Floats) -> NDArray[np.bool_]:
    """Rows of areas and periods that have events, found again until nothing more falls away."""
    keep = np.ones(y.size, dtype=bool)
    while True:
        by_unit = np.bincount(u, weights=y * keep)
        by_time = np.bincount(t, weights=y * keep)
        now = keep & (by_unit[u] > 0) & (by_time[t] > 0)
        if (now == keep).all():
            return keep
        keep = now


def _demean(x: Floats, u: Ints, t: Ints, w: Floats) -> Floats:
    """x with weighted means of areas and periods taken out, by turns until nothing moves."""
    x = x.copy()
    of_unit = np.bincount(u, weights=w)
    of_time = np.bincount(t, weights=w)
    scale = float(np.abs(x).max()) or 1.0
    for _ in range(10_000):
        mean = np.bincount(u, weights=w * x) / of_unit
        x -= mean[u]
        shift = np.bincount(t, weights=w * x) / of_time
        x -= shift[t]
        if max(float(np.abs(mean).max()), float(np.abs(shift).max())) < 1e-14 * scale:
            break
    return x


def _identified(within: Floats, w: Floats) -> float:
    power = float((w * within) @ within)
    if power < 1e-10 * float(w.sum()):
        raise BadInput(
            "The treatment cannot be told from area and period: some areas must be without it "
            "while others have it, and the treated must have a time before."
        )
    return power


def _ols(u: Ints, t: Ints, d: Floats, y: Floats) -> tuple[float, float, Floats, Floats]:
    ones = np.ones(y.size)
    within, rest = _demean(d, u, t, ones), _demean(y, u, t, ones)
    power = _identified(within, ones)
    estimate = float(within @ rest) / power
    return estimate, 1 / power, rest - estimate * within, within


def _poisson(u: Ints, t: Ints, d: Floats, y: Floats) -> tuple[float, float, Floats, Floats]:
    """Reweighted least squares with the fixed effects projected out in every step."""
    mu = (y + y.mean()) / 2
    eta = np.log(mu)
    deviance = math.inf
    _identified(_demean(d, u, t, np.ones(y.size)), np.ones(y.size))
    for _ in range(200):
        working = eta + (y - mu) / mu
        within = _demean(d, u, t, mu)
        power = float((mu * within) @ within)
        if power < 1e-10:
            raise BadInput("Some group has no events at all, so a ratio cannot be estimated.")
        rest = _demean(working, u, t, mu)
        estimate = float((mu * within) @ rest) / power
        eta = working - (rest - estimate * within)
        mu = np.exp(np.clip(eta, -300, 300))
        now = 2 * float((mu - y).sum() + (y[y > 0] * np.log(y[y > 0] / mu[y > 0])).sum())
        if abs(now - deviance) < 1e-13 * (abs(now) + 0.1):
            within = _demean(d, u, t, mu)
            return estimate, 1 / float((mu * within) @ within), y - mu, within
        deviance = now
    raise BadInput("The Poisson model found no finite answer; some group has no events.")


def _warnings(u: Ints, t: Ints, d: Floats, exposed: int, areas: int, permuted: bool) -> list[str]:
    notes = []
    if min(exposed, areas - exposed) < 10:
        notes.append(
            f"{exposed} treated and {areas - exposed} other areas: few clusters make the standard "
            "error too small; " + ("trust the permutations." if permuted else "ask for permutations (replicates).")
        )
    starts = {int(t[(u == i) & (d == 1)].min()) for i in np.unique(u[d == 1])}
    if len(starts) > 1:
        notes.append(
            "The areas started at different times; two-way fixed effects can then mislead even "
            "about the direction (Goodman-Bacon 2021). Evaluate each start by itself."
        )
    for i in np.unique(u[d == 1]):
        path = d[u == i][np.argsort(t[u == i], kind="stable")]
        if (np.diff(path) < 0).any():
            notes.append("The measure ended in some area; its effect is taken to end at once.")
            break
    return notes


def _balanced(u: Ints, t: Ints, d: Floats, y: Floats, areas: int, spans: int) -> tuple[Floats, Floats]:
    cells = np.bincount(u * spans + t, minlength=areas * spans)
    if (cells != 1).any():
        raise BadInput("Permutations need each area exactly once in every period.")
    paths, values = np.zeros((areas, spans)), np.zeros((areas, spans))
    paths[u, t], values[u, t] = d, y
    return paths, values


def _affinity(paths: Floats, values: Floats, model: str) -> Floats:
    """How well each area's outcome goes with each area's treatment path: (areas, areas).

    The effect under any dealing out is the sum of the dealt pairs: exactly
    the least-squares estimate in a complete panel, and for Poisson the score
    of the model without treatment, each area by the square root of its size.
    """
    if model == "ols":
        rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    else:
        size = values.sum(axis=1, keepdims=True)
        rest = (values - size * values.sum(axis=0) / values.sum()) / np.sqrt(size)
    within = paths - paths.mean(axis=1, keepdims=True) - paths.mean(axis=0) + paths.mean()
    return np.asarray(rest @ within.T, dtype=np.float64)


def _deal(affinity: Floats, seed: np.random.SeedSequence, n: int) -> Floats:
    random = np.random.default_rng(seed)
    rows = np.arange(len(affinity))
    return np.array([abs(affinity[rows, random.permutation(rows)].sum()) for _ in range(n)])
