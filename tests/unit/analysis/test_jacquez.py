"""Jacquez' test against plain counting and published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samverkan.analysis import _pairs
from samverkan.analysis.errors import BadInput
from samverkan.analysis.jacquez import jacquez
from tests.unit.analysis import near_repeat_reference as reference

numbers = st.one_of(st.integers(0, 4).map(float), st.sampled_from([0.5, 1e6, -3.25]))
scenes = st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=16)


def shares(matrix, k):
    """Weight of j among the k nearest of i, ties sharing the last places."""
    n = len(matrix)
    out = np.zeros((n, n))
    for i in range(n):
        others = [j for j in range(n) if j != i]
        far = sorted(matrix[i, j] for j in others)[k - 1]
        nearer = [j for j in others if matrix[i, j] < far]
        level = [j for j in others if matrix[i, j] == far]
        out[i, nearer] = 1.0
        out[i, level] = (k - len(nearer)) / len(level)
    return out


@settings(max_examples=150)
@given(scenes, st.integers(1, 5), st.sampled_from(["euclidean", "manhattan"]))
def test_statistic_equals_plain_counting(events, k, metric):
    x, y, t = np.array(events).T
    n = len(x)
    found = jacquez(x, y, t, k=k, metric=metric, replicates=0)
    if n <= k:
        assert found.statistic == 0
        return
    space, time = shares(reference.distances(x, y, metric), k), shares(reference.gaps(t), k)
    assert math.isclose(found.statistic, (space * time).sum(), rel_tol=1e-12, abs_tol=1e-12)
    order = np.random.default_rng(1).permutation(n)
    turned = jacquez(x[order], y[order], t[order], k=k, metric=metric, replicates=0)
    assert math.isclose(found.statistic, turned.statistic, rel_tol=1e-12, abs_tol=1e-12)


def test_expected_is_the_mean_of_the_permutations():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 10, (2, 30))
    t = rng.integers(0, 12, 30)
    space = shares(reference.distances(x, y), 3)
    time = shares(reference.gaps(t), 3)
    sums = []
    for _ in range(3000):
        order = rng.permutation(30)
        sums.append((space * time[np.ix_(order, order)]).sum())
    found = jacquez(x, y, t, k=3)
    assert abs(np.mean(sums) - found.expected) < 4 * np.std(sums) / math.sqrt(3000)
    reached = np.mean(np.array(sums) >= found.statistic - 1e-9)
    assert abs(found.p_value - reached) < 4 * math.sqrt(reached * (1 - reached) / 1000) + 0.01


def test_burkitts_lymphoma_near_what_pointpats_has():
    """pointpats 2.5.5 says 12 for k = 3, breaking ties as they come; sharing them gives 12 1/3."""
    data = reference.burkitt()
    if data is None:
        pytest.skip("libpysal, which carries the data, is not installed (group bench-peers)")
    found = jacquez(*data, k=3)
    assert math.isclose(found.statistic, 37 / 3, rel_tol=1e-12)
    assert 0.1 < found.p_value < 0.3


def test_same_result_for_any_number_of_workers():
    rng = np.random.default_rng(1)
    x, y, t = rng.uniform(0, 100, (3, 80))
    assert jacquez(x, y, t, k=4, seed=2).p_value == jacquez(x, y, t, k=4, seed=2, workers=4).p_value


def test_p_is_uniform_under_the_null_and_small_under_contagion():
    rng = np.random.default_rng(5)
    p = []
    for seed in range(600):
        x, y, t = rng.uniform(0, 100, (3, 100))
        p.append(jacquez(x, y, t, k=5, replicates=99, seed=seed).p_value)
    # Whole numbers tie, which makes p a little large: never too small.
    for level in (0.05, 0.1, 0.25, 0.5):
        assert np.mean(np.array(p) <= level) <= level + 3 * math.sqrt(level * (1 - level) / 600)
    assert stats.kstest(p, "uniform").statistic < 0.12
    for seed in range(10):
        x, y, t = rng.uniform(0, 1000, (3, 100))
        x[50:], y[50:], t[50:] = x[:50] + 1, y[:50] + 1, t[:50] + 1
        assert jacquez(x, y, t, k=2, replicates=199, seed=seed).p_value == 1 / 200


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_events_cannot_tell(n):
    found = jacquez(np.arange(n), np.zeros(n), np.arange(n), k=3)
    assert (found.statistic, found.p_value) == (0, 1)
    assert found.warnings


def test_all_at_one_place_counts_everybody_as_an_equal_neighbour():
    t = np.arange(9)
    found = jacquez(np.zeros(9), np.zeros(9), t, k=2)
    assert math.isclose(found.statistic, found.expected)
    assert found.p_value == 1


def test_too_many_ties_to_keep_are_refused(monkeypatch):
    monkeypatch.setattr(_pairs, "MOST_LISTED", 100)
    with pytest.raises(BadInput, match="share a place"):
        jacquez(np.zeros(20), np.zeros(20), np.arange(20), k=2)


@pytest.mark.parametrize(
    ("change", "words"), [({"k": 0}, "k is 0"), ({"x": [math.nan, 1.0]}, "x"), ({"metric": "m"}, "metric")]
)
def test_bad_input_is_refused_in_words(change, words):
    arguments = {"x": [0.0, 1.0], "y": [0.0, 1.0], "t": [0, 1], "k": 1, **change}
    with pytest.raises(BadInput, match=words):
        jacquez(arguments.pop("x"), arguments.pop("y"), arguments.pop("t"), **arguments)
