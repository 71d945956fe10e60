"""Panels, interrupted series and bursts against dense reference fits and simulation."""

from __future__ import annotations

import csv
import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from samverkan.analysis import evaluate
from samverkan.analysis.errors import BadInput
from tests.harness.examples import known_answers


def dense_panel(unit: Any, period: Any, d: Any, y: Any, model: str) -> tuple[float, float, float]:
    """Estimate, model variance and clustered variance (no factor) with a dummy for every area and period."""
    u, t = (np.unique(v, return_inverse=True)[1] for v in (unit, period))
    x = np.column_stack([d, np.eye(u.max() + 1)[u], np.eye(t.max() + 1)[t][:, 1:]])
    if model == "ols":
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        mu, weight = x @ beta, np.ones(len(y))
        scale = ((y - mu) ** 2).sum() / (len(y) - x.shape[1])
    else:
        beta, scale = np.zeros(x.shape[1]), 1.0
        beta[1 : u.max() + 2] = np.log(y.mean() + 0.1)
        for _ in range(100):
            mu = np.exp(x @ beta)
            beta = beta + np.linalg.solve((x * mu[:, None]).T @ x, x.T @ (y - mu))
        mu = np.exp(x @ beta)
        weight = mu
    bread = np.linalg.inv((x * weight[:, None]).T @ x)
    scores = np.array([((y - mu)[u == g, None] * x[u == g]).sum(axis=0) for g in range(u.max() + 1)])
    return float(beta[0]), float(scale * bread[0, 0]), float((bread @ scores.T @ scores @ bread)[0, 0])


@pytest.mark.parametrize("model", ["ols", "poisson"])
@pytest.mark.parametrize("seed", range(4))
def test_panel_against_dummies_also_with_rows_missing(model: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    unit, period = np.divmod(np.arange(12 * 8), 8)
    d = ((unit < 5) & (period >= 4)).astype(float)
    y = random.poisson(np.exp(1.2 + 0.1 * unit / 3 + 0.05 * period - 0.4 * d)).astype(float)
    keep = random.random(unit.size) < (0.85 if seed % 2 else 2)
    unit, period, d, y = (v[keep] for v in (unit, period, d, y))
    estimate, variance, clustered = dense_panel(unit, period, d, y, model)
    result = evaluate.panel(unit, period, d, y, model=model)  # type: ignore[arg-type]
    assert result.estimate == pytest.approx(estimate, abs=1e-9)
    assert result.se_model == pytest.approx(math.sqrt(variance), rel=1e-8)
    assert result.se_cr0 == pytest.approx(math.sqrt(clustered), rel=1e-8)


def shared_panel() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    folder = known_answers("d1_did")
    with (folder / "panel.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    columns = {name: np.array([int(row[name]) for row in rows]) for name in rows[0]}
    return columns, json.loads((folder / "expected.json").read_text())["panel"]


def test_panel_of_r() -> None:
    rows, expected = shared_panel()
    common = (rows["id"], rows["t"], rows["tr"] * rows["po"], rows["y"])
    ols, poisson = evaluate.panel(*common, model="ols"), evaluate.panel(*common)
    for result, key, factor in ((ols, "twfe_ols", "se_cluster_CR1"), (poisson, "ppml", "se_cluster_G")):
        want = expected[key]
        got = (result.estimate, result.se_model, result.se_cr0, result.se)
        model = want.get("se_iid", want.get("se_model"))
        assert got == pytest.approx((want["d"], model, want["se_cluster_CR0"], want[factor]), abs=1e-7)


def test_permutations_of_a_panel_are_uniform_and_the_same_everywhere() -> None:
    unit, period = np.divmod(np.arange(16 * 6), 6)
    d = ((unit < 6) & (period >= 3)).astype(int)
    random = np.random.default_rng(6)
    for model in ("ols", "poisson"):
        p = []
        for i in range(120):
            y = random.poisson(np.repeat(random.gamma(4, 2, 16), 6))
            p.append(evaluate.panel(unit, period, d, y, model=model, replicates=99, seed=i).p_permutation)  # type: ignore[arg-type]
        assert 0.4 < np.mean(p) < 0.6
        assert np.mean(np.array(p) <= 0.1) < 0.2
    with ThreadPoolExecutor(2) as threads:
        ways: list[dict[str, Any]] = [{}, {"workers": 2}, {"executor": threads}]
        assert len({evaluate.panel(unit, period, d, y, replicates=199, **w).p_permutation for w in ways}) == 1


def test_panel_names_what_it_cannot_bear() -> None:
    unit, period = np.divmod(np.arange(30), 5)
    y = np.arange(30)
    with pytest.raises(BadInput, match="cannot be told"):
        evaluate.panel(unit, period, unit < 3, y)
    with pytest.raises(BadInput, match="only 0 and 1"):
        evaluate.panel(unit, period, unit * 0.5, y)
    with pytest.raises(BadInput, match="two of each"):
        evaluate.panel(unit[:5], period[:5], period[:5] > 2, y[:5])
    with pytest.raises(BadInput, match="exactly once"):
        evaluate.panel(unit[1:], period[1:], ((unit < 3) & (period > 2))[1:], y[1:], replicates=9)
    staggered = evaluate.panel(unit, period, (unit < 3) & (period > unit), y + 1)
    assert any("different times" in note for note in staggered.warnings)
    silent = evaluate.panel(unit, period, (unit < 3) & (period > 2), np.where(unit == 5, 0, y + 1))
    assert silent.clusters == 5
    assert any("left out" in note for note in silent.warnings)


def months(seed: int, m: int, **effects: float) -> np.ndarray:
    t = np.arange(m)
    log = 2.5 + effects.get("trend", 0) * t + 0.2 * np.sin(2 * np.pi * t / 12) + effects.get("step", 0) * (t >= m // 2)
    return np.random.default_rng(seed).poisson(np.exp(log))


@settings(max_examples=25, derandomize=True)
@given(st.integers(0, 10_000), st.integers(30, 90), st.booleans(), st.integers(0, 2))
def test_series_against_a_general_optimiser(seed: int, m: int, slope: bool, harmonics: int) -> None:
    y = months(seed, m, trend=0.005, step=-0.3)
    fit = evaluate.interrupted(y, m // 2, slope=slope, harmonics=harmonics)
    t = np.arange(m)
    columns = [np.ones(m), t, t >= m // 2] + ([np.maximum(0, t - m // 2)] if slope else [])
    for k in range(1, harmonics + 1):
        columns += [np.sin(2 * np.pi * k * t / 12), np.cos(2 * np.pi * k * t / 12)]
    x = np.column_stack(columns).astype(float)
    scale = np.abs(x).max(axis=0)

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        eta = x / scale @ beta
        return float((np.exp(eta) - y * eta).sum()), (x / scale).T @ (np.exp(eta) - y)

    start = np.zeros(x.shape[1])
    start[0] = np.log(y.mean())
    best = optimize.minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x / scale
    assert fit.coefficients[0] == pytest.approx(best, rel=1e-4, abs=1e-5)
    mu = np.exp(x @ fit.coefficients[0])
    assert np.abs(x.T @ (y - mu) / scale).max() < 1e-6  # the score is zero: the exact maximum
    dispersion = ((y - mu) ** 2 / mu).sum() / (m - x.shape[1])
    errors = np.sqrt(dispersion * np.diag(np.linalg.inv((x * mu[:, None]).T @ x)))
    assert fit.dispersion[0] == pytest.approx(dispersion, rel=1e-9)
    assert fit.standard_errors[0] == pytest.approx(errors, rel=1e-6)


def test_series_together_are_as_each_alone() -> None:
    y = np.array([months(i, 48, step=-0.2) for i in range(7)])
    exposure = np.linspace(900, 1100, 48)
    together = evaluate.interrupted(y, 24, exposure=exposure, newey_west=3)
    for i in range(7):
        alone = evaluate.interrupted(y[i], 24, exposure=exposure, newey_west=3)
        assert together.coefficients[i] == pytest.approx(alone.coefficients[0], abs=1e-9)
        assert together.se_newey_west is not None
        assert alone.se_newey_west is not None
        assert together.se_newey_west[i] == pytest.approx(alone.se_newey_west[0], rel=1e-8)


def test_with_newey_west_the_answer_is_by_it() -> None:
    y = months(3, 96, step=-0.2)
    y[10:16] += 40
    plain, borne = evaluate.interrupted(y, 48), evaluate.interrupted(y, 48, newey_west=6)
    assert borne.se_newey_west is not None
    assert borne.se[0] == borne.se_newey_west[0, borne.terms.index("level")] != plain.se[0]
    assert borne.estimate[0] == plain.estimate[0]
    assert borne.z[0] == borne.estimate[0] / borne.se[0]
    assert borne.interval[0, 1] - borne.interval[0, 0] == pytest.approx(2 * 1.959963985 * borne.se[0], rel=1e-9)
    # The advice to use it is not given to who did.
    assert any("newey_west" in note for note in plain.warnings)
    assert not any("newey_west" in note for note in borne.warnings)


def test_a_rising_trend_does_not_hide_a_fall() -> None:
    y = months(1, 96, trend=0.02, step=-0.5)
    assert y[48:].mean() > y[:48].mean()  # a bare comparison says that it rose
    fit = evaluate.interrupted(y, 48)
    assert fit.interval[0, 1] < 0
    assert fit.difference[0] < 0


def test_series_without_events_on_a_side_are_named_and_do_not_stop_the_rest() -> None:
    y = np.array([months(1, 48), np.r_[np.zeros(24, int), months(2, 24)], np.zeros(48, int)])
    fit = evaluate.interrupted(y, 24)
    assert np.isfinite(fit.estimate[0])
    assert np.isnan(fit.estimate[1:]).all()
    assert any("2 series" in note for note in fit.warnings)


@pytest.mark.parametrize(
    ("counts", "change", "options", "words"),
    [
        ([1, 2, 3], 1, {}, "too few"),
        (range(1, 31), 30, {}, "periods 0 to 29"),
        (range(1, 31), 0, {}, "change"),
        (range(1, 31), 29, {}, "told apart"),
        (range(1, 31), 15, {"exposure": [0] * 30}, "above zero"),
        (range(1, 31), 15, {"exposure": [1] * 29}, "shape"),
        ([1.5] * 30, 15, {}, "whole"),
    ],
)
def test_bad_series_are_refused(counts: Any, change: int, options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        evaluate.interrupted(list(counts), change, **options)


@pytest.mark.long
def test_under_no_change_p_of_a_series_is_uniform() -> None:
    y = np.array([months(i, 120, trend=0.004) for i in range(1000)])
    p = evaluate.interrupted(y, 60).p_value
    for limit in (0.01, 0.05, 0.2, 0.5):
        assert abs(np.mean(p < limit) - limit) < 0.25 * limit + 3 * math.sqrt(limit * (1 - limit) / 1000)


def test_published_values_of_the_moving_window() -> None:
    """ptools' test-scan.R: London's cyclists, six deaths in some fortnight of eight years at 0.6 a fortnight
    (Aberdein and Spiegelhalter 2013), and six in any week of five years. The second is given there with the
    exponent L − 1 where Naus has L − 2, hence the wider tolerance."""
    assert evaluate.naus(6, 0.6, 208) == pytest.approx(0.03902238, abs=1e-6)
    assert evaluate.naus(6, 1, 260) == pytest.approx(0.486814, abs=2e-3)


@pytest.mark.parametrize(
    ("least", "mean", "windows"), [(1, 0.1, 5), (2, 0.1, 10), (5, 1, 20), (8, 2, 52), (4, 1.2, 1.5)]
)
def test_moving_window_against_simulation(least: int, mean: float, windows: float) -> None:
    random = np.random.default_rng(10)
    hits = 0
    for _ in range(4000):
        at = np.sort(random.random(random.poisson(mean * windows)) * windows)
        hits += at.size >= least and (at[least - 1 :] - at[: at.size - least + 1]).min(initial=9) <= 1
    assert evaluate.naus(least, mean, windows) == pytest.approx(hits / 4000, abs=0.025)


def test_burst_finds_the_week() -> None:
    days = np.array(
        ["2026-03-02", "2026-03-03", "2026-03-03", "2026-03-05", "2026-03-07", "2026-03-08"], "datetime64[D]"
    )
    rest = np.arange("2026-01-05", "2026-06-29", 30, dtype="datetime64[D]")
    result = evaluate.burst(np.concatenate([rest, days]), first="2026-01-01", last="2026-06-30")
    assert result.estimate >= 6
    assert np.datetime64(result.start, "D") <= np.datetime64("2026-03-02")
    assert result.end - result.start == 6
    assert result.p_value < 0.01
    same = evaluate.burst(np.concatenate([days, rest])[::-1], first="2026-01-01", last="2026-06-30", workers=2)
    assert (same.p_value, same.estimate, same.start) == (result.p_value, result.estimate, result.start)


def test_all_on_one_day_and_none_at_all() -> None:
    one = evaluate.burst([5] * 9, first=0, last=99)
    assert (one.estimate, one.p_value) == (9, 1 / 1000)
    none = evaluate.burst([], first=0, last=99)
    assert (none.estimate, none.p_value, none.p_naus) == (0, 1, 1)


@pytest.mark.parametrize(
    ("days", "options", "words"),
    [
        ([], {}, "no events"),
        ([1, 2], {}, "shorter"),
        ([1, 200], {"first": 0, "last": 99}, "outside"),
        ([1, 20], {"rate": 0}, "rate"),
        ([1.5, 20], {}, "whole"),
    ],
)
def test_bad_bursts_are_refused(days: list[float], options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        evaluate.burst(days, **options)


@pytest.mark.long
@pytest.mark.parametrize("rate", [None, 0.2])
def test_p_of_a_burst_keeps_its_level(rate: float | None) -> None:
    random = np.random.default_rng(12)
    p = []
    for i in range(1000):
        days = random.integers(0, 365, random.poisson(73))
        p.append(evaluate.burst(days, first=0, last=364, rate=rate, replicates=99, seed=i).p_value)
    assert np.mean(np.array(p) <= 0.05) <= 0.07  # counts are whole, so the test is on the careful side
