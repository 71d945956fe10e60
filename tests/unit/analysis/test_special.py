"""The distribution functions against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from samverkan.analysis import _special as ours
from samverkan.analysis.errors import BadInput

MANY = settings(max_examples=100, derandomize=True)
SHARES = st.floats(1e-4, 1 - 1e-4)


@MANY
@given(st.floats(0.05, 50_000), SHARES)
def test_gamma(shape: float, p: float) -> None:
    x = ours.gamma_quantile(shape, p)
    assert x == pytest.approx(stats.gamma.ppf(p, shape), rel=1e-9)
    assert ours.gamma_cdf(shape, x) == pytest.approx(special.gammainc(shape, x), abs=1e-10)


@MANY
@given(st.floats(0.3, 500), st.floats(0.3, 500), SHARES)
def test_beta(a: float, b: float, x: float) -> None:
    assert ours.beta_cdf(a, b, x) == pytest.approx(special.betainc(a, b, x), abs=1e-11)


@MANY
@given(st.integers(1, 500), st.floats(0.5, 0.999))
def test_student(degrees: int, level: float) -> None:
    t = ours.t_of(level, degrees)
    assert t == pytest.approx(stats.t.ppf(0.5 + level / 2, degrees), rel=1e-9)
    assert ours.t_two_sided(t, degrees) == pytest.approx(1 - level, rel=1e-7)


@MANY
@given(st.integers(1, 300), st.floats(0, 1))
def test_binomial_interval(trials: int, share: float) -> None:
    hits = round(share * trials)
    exact = stats.binomtest(hits, trials).proportion_ci(0.95, method="exact")
    assert ours.binomial_interval(hits, trials, 0.95) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_the_cube_alone_is_good_to_six_digits_at_a_thousand() -> None:
    exact = stats.gamma.ppf([0.025, 0.975], 1000)
    rough = [ours.gamma_quantiles(np.array([1000.0]), p, 1_000)[0] for p in (0.025, 0.975)]
    assert rough == pytest.approx(exact, rel=2e-6)


def test_chi_square_and_normal() -> None:
    assert ours.chi_square_above(12.3, 6) == pytest.approx(stats.chi2.sf(12.3, 6), rel=1e-10)
    assert ours.normal_two_sided(-2.5) == pytest.approx(2 * stats.norm.sf(2.5), rel=1e-12)


@pytest.mark.parametrize("level", [0, 1, 95, -0.1])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(BadInput, match="level"):
        ours.z_of(level)
