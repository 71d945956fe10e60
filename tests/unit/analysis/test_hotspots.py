"""Getis-Ord against brute force, published values and what it must refuse."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverkan.analysis import grids
from samverkan.analysis.errors import BadInput
from samverkan.analysis.hotspots import enough_replicates, false_discovery_rate, hotspots

# PySAL's own example (esda, tests/test_getisord.py and the docstring of G_Local): six
# points, binary weights within 15. Its row-standardised z differ, since they are taken
# with the variance of equal weights (esda issue 112); ours are free of scale.
POINTS = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
VALUES = np.array([2, 3, 3.2, 5, 8, 7])
PUBLISHED_GI = [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]
PUBLISHED_STAR = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]


def dense(neighbours: grids.Neighbours) -> np.ndarray:
    """The weights as a full matrix, zero on the diagonal."""
    n = len(neighbours)
    w = np.zeros((n, n))
    for i in range(n):
        row = slice(neighbours.indptr[i], neighbours.indptr[i + 1])
        w[i, neighbours.indices[row]] = 1.0 if neighbours.weights is None else neighbours.weights[row]
    return w


def brute_z(w: np.ndarray, x: np.ndarray, *, star: bool) -> np.ndarray:
    """Straight from Ord and Getis 1995, cell by cell."""
    n = len(x)
    z = np.full(n, np.nan)
    for i in range(n):
        row, values = w[i].copy(), x
        if star:
            row[i] = row.max() if row.max() > 0 else 1.0
        else:
            others = np.arange(n) != i
            row, values = row[others], x[others]
            if row.sum() == 0:
                continue
        m = len(values)
        if m < 2:
            continue
        spread = values.var() * (m * (row**2).sum() - row.sum() ** 2) / (m - 1)
        if spread > 1e-9:
            z[i] = (row @ values - row.sum() * values.mean()) / math.sqrt(spread)
    return z


@st.composite
def cases(draw: st.DrawFn) -> tuple[grids.Neighbours, np.ndarray]:
    n = draw(st.integers(1, 9))
    every = [(i, j) for i in range(n) for j in range(n) if i != j]
    chosen = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    weighted = draw(st.booleans())
    weight = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.0]), min_size=n * n, max_size=n * n))
    i = np.array([a for a, _ in chosen], dtype=int)
    j = np.array([b for _, b in chosen], dtype=int)
    # One weight per unordered pair, so that a list in one direction stays consistent.
    w = np.array([weight[min(a, b) * n + max(a, b)] for a, b in chosen]) if weighted else None
    x = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    return grids.pairs(n, i, j, w), np.array(x, dtype=float)


@pytest.mark.parametrize(("star", "published"), [(False, PUBLISHED_GI), (True, PUBLISHED_STAR)])
@pytest.mark.parametrize("row_standardise", [False, True])
def test_published_values(star: bool, published: list[float], row_standardise: bool) -> None:
    neighbours = grids.within(*POINTS.T, 15)
    found = hotspots(VALUES, neighbours, star=star, row_standardise=row_standardise, replicates=0)
    np.testing.assert_allclose(found.z, published, rtol=1e-7)
    np.testing.assert_allclose(found.p_value, [math.erfc(abs(z) / 2**0.5) for z in published], rtol=1e-6)


@settings(max_examples=150)
@given(cases(), st.booleans())
def test_z_as_by_brute_force(case: tuple[grids.Neighbours, np.ndarray], star: bool) -> None:
    neighbours, x = case
    found = hotspots(x, neighbours, star=star, replicates=0)
    np.testing.assert_allclose(found.z, brute_z(dense(neighbours), x, star=star), atol=1e-9)


@settings(max_examples=60)
@given(cases(), st.booleans(), st.sampled_from(["conditional", "total"]))
def test_permutation_p_counts_every_draw(case: tuple[grids.Neighbours, np.ndarray], star: bool, null: str) -> None:
    """The shared sorted lists give what recounting every draw for every cell gives."""
    from samverkan.analysis.hotspots import BLOCK, draw_block

    neighbours, x = case
    if null == "total":
        star = True
    replicates, seed, n = 200, 7, len(x)
    found = hotspots(x, neighbours, star=star, null=null, replicates=replicates, seed=seed)  # type: ignore[arg-type]
    assert replicates <= BLOCK
    m = min(int(neighbours.cardinalities.max()) + 1, n)
    stream = np.random.SeedSequence(seed).spawn(1)[0]
    ids = draw_block((n, m), stream, replicates)
    w = dense(neighbours)
    for i in range(n):
        row = w[i][w[i] > 0]
        if not len(row) and not star:
            assert np.isnan(found.p_permutation[i])
            continue
        listed = slice(neighbours.indptr[i], neighbours.indptr[i + 1])
        ordered = np.ones(len(row)) if neighbours.weights is None else neighbours.weights[listed]
        own = (row.max() if len(row) else 1.0) if star else 0.0
        observed = w[i] @ x + own * x[i]
        above = below = 0
        for draw in ids:
            if null == "total":
                drawn = ordered @ x[draw[: len(row)]] + own * x[draw[len(row)]]
            else:
                drawn = ordered @ x[draw[draw != i][: len(row)]] + own * x[i]
            above += drawn >= observed - 1e-9 * abs(observed)
            below += drawn <= observed + 1e-9 * abs(observed)
        assert found.p_permutation[i] == min(1, 2 * (1 + min(above, below)) / (replicates + 1))


def test_permutation_p_against_all_samples() -> None:
    """With few cells the exact null can be written out; the Monte Carlo p comes near it."""
    x = np.array([0, 0, 1, 0, 3, 5, 0, 2, 4], dtype=float)
    neighbours = grids.grid(3, 3, rule="rook")
    found = hotspots(x, neighbours, replicates=199_999, seed=3)
    for i in range(9):
        others = np.delete(x, i)
        k = int(neighbours.cardinalities[i])
        sums = np.array([sum(c) for c in itertools.combinations(others, k)])
        observed = dense(neighbours)[i] @ x
        exact = min(1.0, 2 * min((sums >= observed).mean(), (sums <= observed).mean()))
        assert found.p_permutation[i] == pytest.approx(exact, abs=0.006)


def test_every_sample_is_equally_likely() -> None:
    from samverkan.analysis.hotspots import draw_block

    ids = draw_block((5, 3), np.random.SeedSequence(1), 120_000)
    key = ids @ np.array([25, 5, 1])
    found, counts = np.unique(key, return_counts=True)
    assert len(found) == 5 * 4 * 3
    # Chi square with 59 degrees of freedom: 99.99 % of the time below 109.
    assert ((counts - 2000) ** 2 / 2000).sum() < 109


def test_equal_neighbourhoods_get_equal_p() -> None:
    """Same sum, own value and number of neighbours: the same p but for the draws that held the cell."""
    x = np.tile([0.0, 0, 1, 0, 0, 4], 6)
    found = hotspots(x, grids.grid(6, 6), replicates=99_999)
    groups: dict[tuple[float, ...], list[float]] = {}
    for i in range(36):
        key = (found.local[i], x[i], float(found.neighbours[i]))
        groups.setdefault(key, []).append(found.p_permutation[i])
    assert max(len(p) for p in groups.values()) > 5
    assert max(max(p) - min(p) for p in groups.values()) < 0.01


@pytest.mark.parametrize("workers", [2, 8])
def test_same_p_whoever_computes(workers: int) -> None:
    x = np.random.default_rng(2).poisson(1.0, 400).astype(float)
    neighbours = grids.grid(20, 20)
    one = hotspots(x, neighbours, replicates=5_000, seed=11)
    many = hotspots(x, neighbours, replicates=5_000, seed=11, workers=workers)
    assert (one.p_permutation == many.p_permutation).all()
    other = hotspots(x, neighbours, replicates=5_000, seed=12)
    assert (one.p_permutation != other.p_permutation).any()


def test_planted_hot_and_cold_spots_are_found_alone() -> None:
    rng = np.random.default_rng(5)
    x = rng.poisson(3.0, (40, 40)).astype(float)
    x[10:14, 10:14] += 8
    x[28:33, 25:30] = 0
    found = hotspots(x.ravel(), grids.grid(40, 40))
    hot = (found.significant_fdr & (found.z > 0)).reshape(40, 40)
    cold = (found.significant_fdr & (found.z < 0)).reshape(40, 40)
    assert hot[11:13, 11:13].all() and cold[30, 27]
    hot[9:15, 9:15] = False
    cold[27:34, 24:31] = False
    assert not hot.any() and not cold.any()


def test_islands() -> None:
    neighbours = grids.pairs(5, [0, 1], [1, 2])
    x = [5.0, 4, 3, 9, 0]
    gi = hotspots(x, neighbours, star=False, replicates=99)
    assert np.isnan(gi.z[3:]).all() and np.isnan(gi.p_permutation[3:]).all() and gi.tested == 3
    assert "2 of 5 cells have no neighbours" in gi.warnings[0]
    star = hotspots(x, neighbours, replicates=99)
    deviation = (np.array(x) - 4.2) / np.std(x)
    np.testing.assert_allclose(star.z[3:], deviation[3:])
    assert (star.p_permutation[3:] == 1).all()  # nothing is drawn for them, so nothing can be unusual
    assert not star.significant_fdr[3:].any()


@pytest.mark.parametrize("star", [True, False])
def test_nothing_one_and_all_equal(star: bool) -> None:
    empty = hotspots([], grids.pairs(0, [], []), star=star)
    assert len(empty.z) == 0 and empty.tested == 0
    one = hotspots([3.0], grids.pairs(1, [], []), star=star, replicates=9)
    assert np.isnan(one.z).all() and not one.significant_fdr.any()
    equal = hotspots(np.full(16, 0.1), grids.grid(4, 4), star=star, replicates=99)
    assert np.isnan(equal.z).all() and (equal.p_permutation == 1).all()
    assert "All values are equal" in equal.warnings[0]


def test_everybody_neighbour_of_everybody() -> None:
    i, j = np.nonzero(~np.eye(4, dtype=bool))
    star = hotspots([1.0, 2, 3, 9], grids.pairs(4, i, j), replicates=99)
    assert np.isnan(star.z).all() and (star.p_permutation == 1).all()


def test_large_numbers_keep_their_differences() -> None:
    x = np.random.default_rng(0).poisson(2.0, 64).astype(float)
    neighbours = grids.grid(8, 8)
    plain = hotspots(x, neighbours, replicates=99)
    shifted = hotspots(x + 1e8, neighbours, replicates=99)
    np.testing.assert_allclose(plain.z, shifted.z, atol=1e-6)


def test_an_only_event_is_scored_against_the_empty_rest() -> None:
    """Without the cell itself all the others are equal: Gi has no scale there, and says so."""
    x = np.zeros(25)
    x[12] = 1
    gi = hotspots(x, grids.grid(5, 5), star=False, replicates=0)
    assert np.isnan(gi.z[12]) and np.isfinite(np.delete(gi.z, 12)).all()


def test_row_standardising_changes_the_sum_only() -> None:
    x = np.random.default_rng(8).poisson(2.0, 100).astype(float)
    neighbours = grids.grid(10, 10)
    plain = hotspots(x, neighbours, replicates=999)
    row = hotspots(x, neighbours, row_standardise=True, replicates=999)
    np.testing.assert_allclose(row.local, plain.local / (plain.neighbours + 1))
    assert (plain.z == row.z).all() and (plain.p_permutation == row.p_permutation).all()


def test_own_weight_from_a_pair_with_itself() -> None:
    neighbours = grids.pairs(3, [0, 1, 1], [1, 2, 1], [1.0, 1.0, 3.0])
    found = hotspots([1.0, 5, 2], neighbours, replicates=0)
    assert found.local.tolist() == [6.0, 1 + 15 + 2, 7.0]


def test_false_discovery_rate_by_hand() -> None:
    # Thresholds .01 .02 .03 .04 .05: the fourth p passes its own, and takes the third with it.
    significant, threshold, tested = false_discovery_rate([0.039, 0.008, 0.2, np.nan, 0.035, 0.01], 0.05)
    assert significant.tolist() == [True, True, False, False, True, True]
    assert threshold == 0.039 and tested == 5
    assert not false_discovery_rate([0.5, 0.9])[0].any()
    assert false_discovery_rate([])[1:] == (0.0, 0)


def test_warned_when_the_smallest_p_is_too_large() -> None:
    x = np.random.default_rng(0).poisson(5.0, 100).astype(float)
    few = hotspots(x, grids.grid(10, 10), replicates=99)
    assert any("replicates" in w and f"{enough_replicates(100):,}" in w for w in few.warnings)
    assert not hotspots(x, grids.grid(10, 10)).warnings
    assert hotspots(x, grids.grid(10, 10)).replicates == 3_999


def test_many_zeros_are_told() -> None:
    x = np.zeros(100)
    x[:30] = 1
    assert "70 of 100 values are 0" in hotspots(x, grids.grid(10, 10), replicates=0).warnings[0]


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([1.0, np.nan, 2, 3], {}, "value: value 2 is nan"),
        ([1.0, np.inf, 2, 3], {}, "value: value 2 is inf"),
        ([1.0, 2, 3], {}, "3 values but 4 cells"),
        ([1.0, 2, 3, 4], {"alpha": 1.5}, "alpha is 1.5"),
        ([1.0, 2, 3, 4], {"null": "some"}, "null is 'some'"),
        ([1.0, 2, 3, 4], {"null": "total", "star": False}, "use Gi\\*"),
        ([1.0, 2, 3, 4], {"replicates": -1}, "replicates is -1"),
    ],
)
def test_refusals(values: list[float], options: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        hotspots(values, grids.grid(2, 2), **options)  # type: ignore[arg-type]
