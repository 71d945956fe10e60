"""Tests of the tests: p is uniform when nothing goes on, and the power is what it should be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from samverkan.analysis.scan import Options, bernoulli_scan, permutation_scan, poisson_scan
from tests.unit.analysis import scan_reference as ref

SETS = [pytest.param(150), pytest.param(1000, marks=pytest.mark.long)]


def quiet(model, rng, seed):
    """A data set without any cluster, and its p."""
    x, y = rng.integers(0, 30, (2, 25)).astype(float)
    people = rng.integers(1, 40, 25)
    options = Options(max_radius=8, replicates=99, seed=seed)
    where = rng.choice(25, 120, p=people / people.sum())
    season = 1 + np.arange(30) / 10
    when = rng.choice(30, 120, p=season / season.sum())
    if model == "permutation":
        result = permutation_scan(x, y, when, place=where, prospective=True, max_days=7, options=options)
    elif model == "permutation, any time":
        result = permutation_scan(x, y, when, place=where, max_days=7, options=options)
    elif model == "poisson":
        result = poisson_scan(
            x, y, count=np.ones(120, int), place=where, expected=people, expected_place=np.arange(25), options=options
        )
    elif model == "poisson over time":
        result = poisson_scan(
            x,
            y,
            count=np.ones(120, int),
            place=where,
            day=rng.integers(0, 30, 120),
            expected=people,
            expected_place=np.arange(25),
            prospective=True,
            max_days=7,
            options=options,
        )
    else:
        case = rng.random(120) < 0.4
        result = bernoulli_scan(x, y, count=case, controls=~case, place=where, options=options)
    return result.clusters[0].p_value if result.clusters else 1.0


@pytest.mark.parametrize("sets", SETS)
@pytest.mark.parametrize("model", ["permutation", "permutation, any time", "poisson", "poisson over time", "bernoulli"])
def test_p_is_uniform_without_a_cluster(model, sets):
    rng = np.random.default_rng([len(model), sets])
    p = np.array([quiet(model, rng, seed) for seed in range(sets)])
    # p is a multiple of 1/100: under the null each of ten bins gets a tenth.
    bins = np.bincount(np.minimum((np.round(p * 100).astype(int) - 1) // 10, 9), minlength=10)
    assert stats.chisquare(bins).pvalue > 0.001
    # The share of false alarms at 5 %, within four standard errors.
    assert abs((p <= 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / sets)


@pytest.mark.parametrize("sets", SETS)
def test_power_equals_exact_enumeration(sets):
    """Two places, no circle over both: the power follows from the binomial law alone."""
    cases, risk = 60, 0.68
    k = np.arange(cases + 1)
    value = np.array([max(ref.poisson(n, 30, cases), ref.poisson(cases - n, 30, cases)) for n in k])
    null = stats.binom.pmf(k, cases, 0.5)
    exact_p = np.array([null[value >= v * (1 - 1e-9)].sum() for v in value])
    power = stats.binom.pmf(k, cases, risk)[exact_p <= 0.05].sum()
    rng = np.random.default_rng(12)
    hits = 0
    for seed in range(sets):
        n = int(rng.binomial(cases, risk))
        result = poisson_scan(
            [0, 9],
            [0, 0],
            count=[n, cases - n],
            expected=[1, 1],
            options=Options(max_radius=1, min_cases=1, replicates=999, seed=seed),
        )
        hits += bool(result.clusters) and result.clusters[0].p_value <= 0.05
    # Monte Carlo p blurs the edge of the rejection region a little; four standard errors and that.
    assert 0.7 < power < 0.9
    assert abs(hits / sets - power) < 4 * np.sqrt(power * (1 - power) / sets) + 0.01


@pytest.mark.parametrize("sets", [pytest.param(20), pytest.param(200, marks=pytest.mark.long)])
def test_a_planted_cluster_is_found_where_and_when_it_is(sets):
    rng = np.random.default_rng(77)
    found = 0
    for seed in range(sets):
        x, y = rng.integers(0, 40, (2, 80)).astype(float)
        where, when = rng.integers(0, 80, 600), rng.integers(0, 90, 600)
        near = np.argsort((x - 20) ** 2 + (y - 20) ** 2, kind="stable")[:4]
        where = np.append(where, rng.choice(near, 15))
        when = np.append(when, rng.integers(83, 90, 15))
        result = permutation_scan(
            x,
            y,
            when,
            place=where,
            prospective=True,
            max_days=14,
            first_day=0,
            last_day=89,
            options=Options(max_radius=8, replicates=99, seed=seed),
        )
        top = result.clusters[0]
        hit = len(np.intersect1d(result.place_row[top.members], near)) >= 2
        found += top.p_value <= 0.05 and hit and 75 <= top.start <= 89
    assert found >= 0.9 * sets
