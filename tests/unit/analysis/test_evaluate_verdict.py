"""The verdict of a follow-up: what is said when, and how often it is wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from samverkan.analysis import evaluate
from samverkan.analysis.errors import BadInput

AREAS = [(80, 78), (50, 52)]


def told(**given: Any) -> evaluate.BeforeAfter:
    return evaluate.before_after(**{"comparisons": AREAS, "days": (90, 90)} | given)


@pytest.mark.parametrize(
    ("given", "verdict", "reason"),
    [
        ({"treated": (60, 20)}, "lower", None),
        ({"treated": (60, 20), "buffer": (30, 31)}, "lower", None),
        ({"treated": (60, 20), "buffer": (30, 70)}, "displaced", None),
        # A lively comparison makes the fall look larger, but nothing is won in all: 88 before, 79 after.
        ({"treated": (81, 21), "buffer": (7, 58), "comparisons": [(33, 49)]}, "displaced", None),
        ({"treated": (600, 100), "buffer": (300, 560), "comparisons": [(5000, 5000)]}, "lower", "partly_displaced"),
        ({"treated": (60, 55)}, "no_clear_change", None),
        ({"treated": (60, 95)}, "higher", None),
        ({"treated": (3, 1)}, "cannot_tell", "too_few_events"),
        ({"treated": (60, 20), "comparisons": [(4, 0)]}, "cannot_tell", "too_few_events"),
        ({"treated": (60, 20), "comparisons": []}, "cannot_tell", "no_comparison"),
        ({"treated": (60, 20), "days": (90, 14)}, "cannot_tell", "too_short"),
        ({"treated": (60, 20), "picked_high": True}, "lower", "picked_high"),
        ({"treated": (60, 20), "comparisons": [(50, 10), (50, 90), (50, 50)]}, "cannot", "comparisons_disagree"),
    ],
)
def test_verdicts(given: dict[str, Any], verdict: str, reason: str | None) -> None:
    result = told(**given)
    if verdict != "cannot":
        assert result.verdict == verdict
    else:
        # Areas that pull in all directions are no yardstick, so the interval is wide.
        assert result.verdict == "no_clear_change"
        assert result.dispersion > 10
    assert (reason in result.reasons) if reason else not result.reasons


def test_figures_by_their_formulas() -> None:
    result = told(treated=(60, 20))
    assert result.expected == pytest.approx(60 * 130 / 130)
    assert result.estimate == pytest.approx(20 - 60)
    reach = 1.959964 * math.sqrt(1 / 60 + 1 / 20 + 1 / 130 + 1 / 130)
    assert result.ratio_interval == pytest.approx((math.exp(-reach) / 3, math.exp(reach) / 3), rel=1e-6)
    low, high = result.interval
    assert (low, high) == pytest.approx([60 * (r - 1) for r in result.ratio_interval])
    assert result.p_value < 0.001


def test_wider_with_dispersion() -> None:
    narrow, wide = told(treated=(60, 35)), told(treated=(60, 35), dispersion=3.0)
    assert narrow.verdict == "lower"
    assert wide.verdict == "no_clear_change"
    assert wide.estimate == narrow.estimate


def test_bad_input_is_refused() -> None:
    for given in ({"treated": (-1, 2)}, {"treated": (1, 2), "dispersion": 0.5}, {"treated": (1, 2), "days": (0, 1)}):
        with pytest.raises(BadInput):
            told(**given)


@pytest.mark.parametrize("size", [30, 200])
def test_how_often_it_is_wrong_and_right(size: int) -> None:
    """No effect: at most about 5 % get a direction. A fall by 60 % is found, and displacement is told from success."""
    random = np.random.default_rng(size)

    def share(after: float, near: float, verdict: str) -> float:
        hits = 0
        for _ in range(600):
            result = told(
                treated=(random.poisson(size), random.poisson(size * after)),
                buffer=(random.poisson(size), random.poisson(size * near)),
                comparisons=[(random.poisson(size), random.poisson(size)) for _ in range(4)],
            )
            hits += result.verdict == verdict
        return hits / 600

    assert share(1, 1, "lower") + share(1, 1, "higher") < 0.07
    assert share(1, 1, "displaced") < 0.02
    assert share(0.4, 1, "lower") > (0.5 if size == 30 else 0.97)
    assert share(0.4, 1, "displaced") < 0.06
    assert share(0.4, 1.6, "displaced") > (0.35 if size == 30 else 0.95)


def test_what_a_high_figure_gives_back_by_itself() -> None:
    random = np.random.default_rng(3)
    errors = []
    for _ in range(300):
        means = random.gamma(2, 4, 60)
        first, second = random.poisson(means), random.poisson(means)
        worst = int(np.argmax(first))
        errors.append(
            (evaluate.regression_to_the_mean(first, worst).expected - second[worst], first[worst] - second[worst])
        )
    expected, naive = np.mean(errors, axis=0)
    assert abs(expected) < 1.2  # the estimate is about right on average
    assert naive > 3  # taking the figure as it stands is not


def test_even_areas_are_expected_at_the_common_mean() -> None:
    result = evaluate.regression_to_the_mean([4, 5, 4, 5, 5, 4, 7], 6)
    assert result.expected == pytest.approx(34 / 7)
    assert result.fall == pytest.approx(7 - 34 / 7)


@pytest.mark.parametrize(("counts", "chosen"), [([1, 2], 0), ([0] * 6, 0), ([1] * 6, 6), ([1] * 6, -1)])
def test_regression_refuses_what_it_cannot_know(counts: list[int], chosen: int) -> None:
    with pytest.raises(BadInput):
        evaluate.regression_to_the_mean(counts, chosen)
