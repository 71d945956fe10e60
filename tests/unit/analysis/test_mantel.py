"""Mantel's test against plain sums, all permutations and published numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samverkan.analysis.errors import BadInput
from samverkan.analysis.mantel import mantel
from tests.unit.analysis import near_repeat_reference as reference

numbers = st.one_of(st.integers(0, 5).map(float), st.floats(-1e6, 1e6))
scenes = st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=40)


def closeness(matrix, constant):
    return 1.0 / (matrix + constant)


@settings(max_examples=100)
@given(
    scenes,
    st.sampled_from([0.01, 1.0, 100.0]),
    st.sampled_from([0.5, 1.0, 7.0]),
    st.sampled_from(["euclidean", "manhattan"]),
)
def test_statistic_and_correlation_equal_plain_sums(events, space, time, metric):
    x, y, t = np.array(events).T
    found = mantel(x, y, t, space_constant=space, time_constant=time, metric=metric, replicates=0)
    half = np.triu_indices(len(x), 1)
    a = closeness(reference.distances(x, y, metric), space)[half]
    b = closeness(reference.gaps(t), time)[half]
    assert math.isclose(found.statistic, math.fsum(a * b), rel_tol=1e-12)
    assert math.isclose(found.expected, math.fsum(a) * math.fsum(b) / len(a), rel_tol=1e-9)
    assert math.isnan(found.p_value)
    spread_a, spread_b = np.ptp(a) / a.max(), np.ptp(b) / b.max()
    if found.variance > 0 and spread_a > 1e-4 and spread_b > 1e-4:
        assert math.isclose(found.correlation, stats.pearsonr(a, b)[0], rel_tol=1e-6, abs_tol=1e-9)
    if spread_a == 0 or spread_b == 0:
        assert found.variance == 0
        assert math.isnan(found.z)


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 9).map(float)] * 3), min_size=3, max_size=6))
def test_variance_is_that_of_all_permutations(events):
    x, y, t = np.array(events).T
    found = mantel(x, y, t, replicates=0)
    a, b = closeness(reference.distances(x, y), 1.0), closeness(reference.gaps(t), 1.0)
    half = np.triu_indices(len(x), 1)
    sums = np.array([(a[half] * b[np.ix_(o, o)][half]).sum() for o in itertools.permutations(range(len(x)))])
    assert math.isclose(found.expected, sums.mean(), rel_tol=1e-12)
    assert math.isclose(found.variance, sums.var(), rel_tol=1e-8, abs_tol=1e-13)


def test_burkitts_lymphoma_as_pointpats_has_it():
    """pointpats 2.5.5, docstring of mantel: 0.048368 with the reciprocal transform, p at its floor."""
    data = reference.burkitt()
    if data is None:
        pytest.skip("libpysal, which carries the data, is not installed (group bench-peers)")
    found = mantel(*data)
    assert f"{found.correlation:.6f}" == "0.048368"
    assert found.p_value <= 0.01


def test_same_result_for_any_number_of_workers_and_not_for_another_seed():
    rng = np.random.default_rng(1)
    x, y, t = rng.uniform(0, 100, (3, 80))
    one = mantel(x, y, t, replicates=200, seed=3)
    assert one.p_value == mantel(x, y, t, replicates=200, seed=3, workers=3).p_value
    assert one.z == mantel(x, y, t, replicates=200, seed=4).z


def test_p_is_uniform_under_the_null_and_small_under_contagion():
    rng = np.random.default_rng(5)
    p = []
    for seed in range(400):
        x, y = rng.uniform(0, 100, (2, 40))
        p.append(mantel(x, y, rng.uniform(0, 50, 40), replicates=99, seed=seed).p_value)
    assert stats.kstest(p, "uniform").statistic < 0.08
    for seed in range(10):
        x, y, t = rng.uniform(0, 1000, (3, 100))
        x[50:], y[50:], t[50:] = x[:50] + 1, y[:50] + 1, t[:50] + 1
        assert mantel(x, y, t, replicates=199, seed=seed).p_value == 1 / 200


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_events_cannot_tell(n):
    found = mantel(np.arange(n), np.zeros(n), np.arange(n))
    assert found.p_value == 1
    assert found.variance == 0
    assert found.warnings


@pytest.mark.parametrize("which", ["place", "day"])
def test_all_at_one_place_or_on_one_day_cannot_tell(which):
    x, y, t = np.random.default_rng(2).uniform(0, 9, (3, 20))
    found = mantel(x * 0, y * 0, t) if which == "place" else mantel(x, y, t * 0)
    assert found.p_value == 1
    assert math.isnan(found.correlation)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": [0.0, math.nan]}, "x"),
        ({"t": [0.0, math.inf]}, "date"),
        ({"t": [0.0]}, "length"),
        ({"space_constant": 0.0}, "space_constant"),
        ({"time_constant": -1.0}, "time_constant"),
        ({"time_constant": 1e-300}, "time_constant"),
        ({"y": [0.0, 1e60]}, "span"),
        ({"metric": "far"}, "metric"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    arguments = {"x": [0.0, 1.0], "y": [0.0, 1.0], "t": [0, 1], **change}
    with pytest.raises(BadInput, match=words):
        mantel(arguments.pop("x"), arguments.pop("y"), arguments.pop("t"), **arguments)
