"""What chance does to hot spots: p is uniform, the false discovery rate holds, the power is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from samverkan.analysis import grids
from samverkan.analysis.hotspots import enough_replicates, hotspots

SIDE = 12
GRID = grids.grid(SIDE, SIDE)
DATA_SETS = 1000
# Three standard errors above 5 % in 1,000 data sets.
AT_MOST = 0.05 + 3 * (0.05 * 0.95 / DATA_SETS) ** 0.5


@pytest.mark.long
@pytest.mark.parametrize("star", [True, False])
@pytest.mark.parametrize("row", [0, 5 * SIDE + 6])
def test_permutation_p_is_uniform_without_effect(star: bool, row: int) -> None:
    """A cell in the corner and one in the middle, values without ties, each data set its own draws."""
    rng = np.random.default_rng([row, star])
    found = [
        hotspots(rng.normal(size=SIDE * SIDE), GRID, star=star, replicates=999, seed=i).p_permutation[row]
        for i in range(DATA_SETS)
    ]
    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.021)


@pytest.mark.long
@pytest.mark.parametrize("mean", [0.1, 3.0])
def test_p_of_counts_is_never_too_small(mean: float) -> None:
    """With ties p is conservative: at any level it is reached no more often than the level says."""
    rng = np.random.default_rng(int(10 * mean))
    cell = 5 * SIDE + 6
    found = np.array(
        [
            hotspots(rng.poisson(mean, SIDE * SIDE), GRID, replicates=999, seed=i).p_permutation[cell]
            for i in range(DATA_SETS)
        ]
    )
    for level in (0.01, 0.05, 0.1, 0.25, 0.5):
        assert np.mean(found <= level) <= level + 3 * (level * (1 - level) / DATA_SETS) ** 0.5


@pytest.mark.long
@pytest.mark.parametrize("draw", ["normal", "poisson", "sparse", "skewed"])
def test_false_discovery_rate_without_effect(draw: str) -> None:
    """Without any effect every finding is false: some finding in at most 5 % of the data sets."""
    rng = np.random.default_rng(3)
    values = {
        "normal": lambda: rng.normal(size=SIDE * SIDE),
        "poisson": lambda: rng.poisson(2.0, SIDE * SIDE),
        "sparse": lambda: rng.poisson(0.1, SIDE * SIDE),
        "skewed": lambda: rng.lognormal(0, 1.5, SIDE * SIDE),
    }[draw]
    any_permuted = any_normal = 0
    for i in range(DATA_SETS):
        x = values()
        any_permuted += bool(hotspots(x, GRID, seed=i).significant_fdr.any())
        any_normal += bool(hotspots(x, GRID, replicates=0).significant_fdr.any())
    assert any_permuted / DATA_SETS <= AT_MOST
    if draw in ("sparse", "skewed"):
        # Why the permutation p is the one that is judged: z cries wolf far more often.
        assert any_normal / DATA_SETS > 0.2


@pytest.mark.long
def test_false_discovery_rate_and_power_with_a_planted_hot_spot() -> None:
    """Sixteen cells with three times the events: nearly all of the inner ones found, few findings false."""
    rng = np.random.default_rng(8)
    side = 20
    neighbours = grids.grid(side, side)
    mean = np.full((side, side), 2.0)
    mean[8:12, 8:12] = 6.0
    touched = np.zeros((side, side), dtype=bool)
    touched[7:13, 7:13] = True  # neighbourhoods that hold a planted cell
    inner = np.zeros((side, side), dtype=bool)
    inner[9:11, 9:11] = True
    false_share, power = [], []
    for i in range(300):
        x = rng.poisson(mean).ravel()
        hit = hotspots(x, neighbours, seed=i, replicates=enough_replicates(side * side)).significant_fdr
        false_share.append(float((hit & ~touched.ravel()).sum()) / max(1, int(hit.sum())))
        power.append(float(hit[inner.ravel()].mean()))
    assert np.mean(false_share) <= 0.05 and np.mean(power) > 0.95


def test_no_findings_in_a_handful_of_empty_worlds() -> None:
    """The quick form of the long tests: at most five of forty data sets without effect have a finding."""
    rng = np.random.default_rng(1)
    found = [hotspots(rng.poisson(0.5, SIDE * SIDE), GRID, seed=i).significant_fdr.any() for i in range(40)]
    assert sum(found) <= 5
