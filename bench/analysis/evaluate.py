"""A thousand interrupted time series, and the other evaluations at the sizes of a municipality."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer


def months(series: int, periods: int) -> np.ndarray:
    """Counts with a trend, a season and a step in the middle."""
    random = np.random.default_rng(7)
    t = np.arange(periods)
    log = 2 + 0.005 * t - 0.3 * (t >= periods // 2) + 0.2 * np.sin(2 * np.pi * t / 12)
    return random.poisson(np.exp(log), (series, periods))


def statsmodels_fit(counts: np.ndarray) -> Any:
    """The same quasi-Poisson model, series by series."""
    import statsmodels.api as sm

    m = counts.shape[1]
    t = np.arange(m, dtype=float)
    after = (t >= m // 2).astype(float)
    wave = 2 * np.pi * t / 12
    design = np.column_stack([np.ones(m), t, after, np.maximum(0, t - m // 2), np.sin(wave), np.cos(wave)])
    return [sm.GLM(row, design, family=sm.families.Poisson()).fit(scale="X2").params for row in counts]


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis import concentration, evaluate

    def check(fit: Any) -> None:
        if abs(fit.estimate.mean() + 0.3) > 0.02:
            raise AssertionError("the step of -0.3 was not found")

    def dense(_: None) -> Any:
        unit, period = np.divmod(np.arange(200 * 60), 60)
        random = np.random.default_rng(3)
        outcome = random.poisson(5, unit.size)
        return evaluate.panel(unit, period, (unit < 50) & (period >= 30), outcome)

    random = np.random.default_rng(5)
    places = random.poisson(0.5, 10_000)
    return [
        Case(
            "interrupted time series",
            "1 000 series × 120 months",
            lambda: months(1_000, 120),
            lambda counts: evaluate.interrupted(counts, 60),
            level=0.17,
            peers=(Peer("statsmodels", run=statsmodels_fit),),
            check=check,
        ),
        Case("panel, Poisson", "200 areas × 60 periods", lambda: None, dense),
        Case("E-test", "5 000 and 5 200 events", lambda: (5_000, 5_200), evaluate.e_test),
        Case(
            "concentration beside chance",
            "10 000 places × 199",
            lambda: places,
            concentration.concentration,
        ),
    ]


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis import concentration, evaluate

    evaluate.interrupted(months(2, 24), 12)
    evaluate.wdd((30, 20), (30, 29))
    evaluate.e_test((30, 20))
    concentration.concentration([3, 0, 1, 0], replicates=9)
