"""WDD, WDQ, the E-test and 2×2 against published values and plain reference code."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samverkan.analysis import evaluate
from samverkan.analysis.errors import BadInput
from tests.harness.examples import known_answers

PAIR = st.tuples(st.integers(0, 60), st.integers(0, 60))


def test_the_example_of_wheeler_and_ratcliffe() -> None:
    """Crime Science 7:11, as ptools' own test repeats it: −118 (√1568), z −2.98, −196 to −40."""
    result = evaluate.wdd((207, 110), (308, 318), displacement=(178, 157), displacement_control=(150, 140))
    assert result.estimate == -118
    assert result.se == pytest.approx(math.sqrt(1568), rel=1e-12)
    assert round(result.z, 2) == -2.98
    assert [round(v) for v in result.interval] == [-196, -40]
    assert result.local[0] == -107
    assert result.displacement is not None
    assert result.displacement[0] == -11


def test_periods_and_sizes_as_in_ptools() -> None:
    """ptools' tests test-wdd.R: time weights 2 and 1; area weights 0.9, 1.2, 1.6, 1.5."""
    uneven = evaluate.wdd((80, 20), (100, 50), periods=(2, 1))
    assert (uneven.estimate, uneven.se) == pytest.approx((-20, math.sqrt(115)))
    sized = evaluate.wdd(
        (207, 110),
        (308, 318),
        displacement=(178, 157),
        displacement_control=(150, 140),
        sizes={"control": 0.9, "treated": 1.2, "displacement_control": 1.6, "displacement": 1.5},
    )
    figures = (sized.estimate, sized.se, sized.z, *sized.interval)
    assert figures == pytest.approx((-99.69444444, 35.4280755, -2.813995483, -169.1321965, -30.25669241), rel=1e-8)


def test_harm_weighs_the_kinds() -> None:
    """Sum of weight × WDD, and of squared weight × variance, over the kinds of the WDD_Examples of crimepy."""
    treated = [(130, 74), (327, 202), (398, 190), (144, 92), (183, 96)]
    control = [(133, 91), (388, 305), (148, 97), (86, 64), (94, 67)]
    harm = [3, 2, 5, 7, 10]
    parts = [evaluate.wdd(t, c) for t, c in zip(treated, control, strict=True)]
    total = evaluate.wdd(treated, control, harm=harm)
    assert total.estimate == pytest.approx(sum(w * p.estimate for w, p in zip(harm, parts, strict=True)))
    assert total.se**2 == pytest.approx(sum((w * p.se) ** 2 for w, p in zip(harm, parts, strict=True)))
    with pytest.raises(BadInput, match="kinds"):
        evaluate.wdd(treated, control[:4], harm=harm)


def test_wdd_covers_the_truth() -> None:
    random = np.random.default_rng(2)
    inside = 0
    for _ in range(2000):
        t, c = random.poisson((50, 35)), random.poisson((50, 45))
        low, high = evaluate.wdd(t, c).interval
        inside += low <= -10 <= high
    assert inside / 2000 == pytest.approx(0.95, abs=0.015)


@settings(max_examples=100, derandomize=True)
@given(PAIR, PAIR, PAIR)
def test_wdq_and_net_effect_by_their_formulas(response: tuple, buffer: tuple, control: tuple) -> None:  # type: ignore[type-arg]
    (rb, ra), (db, da), (cb, ca) = response, buffer, control
    result = evaluate.wdq(response, buffer, control)
    assert np.isnan(result.se)
    if cb == 0 or ca == 0:
        assert np.isnan(result.estimate)
        assert not result.meaningful
        return
    success = ra / ca - rb / cb
    assert result.success == pytest.approx(success, abs=1e-9)
    assert result.total_net_effect == pytest.approx((rb * ca / cb - ra) + (db * ca / cb - da), abs=1e-9)
    exact = ra * cb - rb * ca
    if exact:
        assert result.estimate == pytest.approx((da / ca - db / cb) / success, rel=1e-9, abs=1e-9)
    else:
        assert np.isnan(result.estimate)
    assert result.meaningful == (exact < 0)


@pytest.mark.parametrize(
    ("buffer", "meaning"),
    [
        ((40, 30), "spread_of_benefit"),
        ((40, 40), "no_displacement"),
        ((40, 60), "partial_displacement"),
        ((40, 80), "full_displacement"),
        ((40, 99), "more_displaced_than_prevented"),
    ],
)
def test_wdq_in_words(buffer: tuple[int, int], meaning: str) -> None:
    assert evaluate.wdq((100, 60), buffer, (50, 50)).meaning == meaning


def test_e_test_of_the_paper() -> None:
    """Krishnamoorthy and Thomson 2004: 0 and 3 seeds give 0.0884; 6 and 2 give 0.1749 (ptools' tests)."""
    assert evaluate.e_test((0, 3)).p_value == pytest.approx(0.0884, abs=5e-5)
    assert round(evaluate.e_test((6, 2)).p_value, 4) == 0.1749
    assert evaluate.e_test((2, 6)).p_value == pytest.approx(evaluate.e_test((6, 2)).p_value, rel=1e-12)
    assert evaluate.e_test((0, 0)).p_value == 1


@settings(max_examples=60, derandomize=True)
@given(st.integers(0, 15), st.integers(0, 15), st.sampled_from([(1, 1), (1, 2), (3, 0.7)]))
def test_e_test_by_summing_every_pair(k1: int, k2: int, periods: tuple[float, float]) -> None:
    n1, n2 = periods
    if k1 + k2 == 0:
        return

    def statistic(a: float, b: float) -> float:
        spread = a / n1**2 + b / n2**2
        return (b / n2 - a / n1) / math.sqrt(spread) if spread else 0.0

    common, observed = (k1 + k2) / (n1 + n2), statistic(k1, k2)
    p1, p2 = (stats.poisson.pmf(np.arange(160), common * n) for n in (n1, n2))
    sums = {"two-sided": 0.0, "greater": 0.0, "less": 0.0}
    for a in range(160):
        for b in range(160):
            value, p = statistic(a, b), p1[a] * p2[b]
            slack = 1e-9 * abs(observed)
            sums["two-sided"] += p * (abs(value) >= abs(observed) - slack)
            sums["greater"] += p * (value >= observed - slack)
            sums["less"] += p * (value <= observed + slack)
    for alternative, expected in sums.items():
        got = evaluate.e_test((k1, k2), periods=periods, alternative=alternative).p_value  # type: ignore[arg-type]
        assert got == pytest.approx(min(1, expected), rel=1e-9)


def test_e_test_of_large_counts_agrees_with_scipy() -> None:
    got = evaluate.e_test((900, 1000), periods=(1, 1.05)).p_value
    assert got == pytest.approx(stats.poisson_means_test(1000, 1.05, 900, 1).pvalue, rel=1e-6)
    assert 0 <= evaluate.e_test((40_000_000, 40_010_000)).p_value <= 1


def test_two_by_two_of_r() -> None:
    path = known_answers("d1_did", "expected.json")
    for case in json.loads(path.read_text())["two_by_two"].values():
        result = evaluate.did(case["treated"], case["control"])
        figures = (result.estimate, result.se, result.irr, *result.irr_interval)
        keys = ("log_irr", "se", "irr", "lo95", "hi95")
        assert figures == pytest.approx([case[k] for k in keys], abs=1e-9)


def test_a_zero_gets_a_half_and_is_told() -> None:
    result = evaluate.did((10, 0), (10, 10))
    assert result.estimate == pytest.approx(math.log(0.5 / 10.5))
    assert any("half" in note for note in result.warnings)


@pytest.mark.parametrize("bad", [(1,), (1, 2, 3), (-1, 2), (1.5, 2), (float("nan"), 1), (float("inf"), 1)])
def test_counts_that_are_none_are_refused(bad: tuple[float, ...]) -> None:
    for call in (
        lambda: evaluate.wdd(bad, (1, 1)),
        lambda: evaluate.wdq((1, 1), bad, (1, 1)),
        lambda: evaluate.e_test(bad),
        lambda: evaluate.did((1, 1), bad),
    ):
        with pytest.raises(BadInput):
            call()


def test_bad_options_are_refused() -> None:
    with pytest.raises(BadInput, match="periods"):
        evaluate.wdd((1, 1), (1, 1), periods=(0, 1))
    with pytest.raises(BadInput, match="sizes"):
        evaluate.wdd((1, 1), (1, 1), sizes={"treated": 0})
    with pytest.raises(BadInput, match="displacement_control"):
        evaluate.wdd((1, 1), (1, 1), displacement_control=(1, 1))
    with pytest.raises(BadInput, match="alternative"):
        evaluate.e_test((1, 1), alternative="smaller")  # type: ignore[arg-type]


def test_picked_because_high_is_warned_of_everywhere() -> None:
    for result in (
        evaluate.wdd((30, 20), (30, 30), picked_high=True),
        evaluate.wdq((30, 20), (9, 9), (30, 30), picked_high=True),
        evaluate.e_test((30, 20), picked_high=True),
        evaluate.did((30, 20), (30, 30), picked_high=True),
    ):
        assert any("regression to the mean" in note for note in result.warnings)


@pytest.mark.long
def test_under_no_effect_the_e_test_keeps_its_level_and_finds_effects() -> None:
    random = np.random.default_rng(8)
    null = [evaluate.e_test(random.poisson(12, 2)).p_value for _ in range(1000)]
    assert 0.02 <= np.mean(np.array(null) < 0.05) <= 0.065
    power = np.mean([evaluate.e_test(random.poisson((40, 20))).p_value < 0.05 for _ in range(1000)])
    assert power == pytest.approx(0.74, abs=0.06)  # normal: Φ(20/√60 − 1.96) = 0.73
