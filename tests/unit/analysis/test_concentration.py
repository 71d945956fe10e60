"""Concentration against the definitions written out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverkan.analysis.concentration import concentration
from samverkan.analysis.errors import BadInput

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(lambda c: sum(c) > 0)


def gini_of_all_pairs(counts: list[int]) -> float:
    """Half the relative mean difference over all ordered pairs."""
    c = np.array(counts, dtype=float)
    return float(np.abs(c[:, None] - c[None, :]).sum() / (2 * c.size**2 * c.mean()))


@settings(max_examples=80, derandomize=True)
@given(COUNTS)
def test_against_all_pairs_and_a_plain_count(counts: list[int]) -> None:
    result = concentration(counts, replicates=0)
    n, events = len(counts), sum(counts)
    assert result.gini == pytest.approx(gini_of_all_pairs(counts), abs=1e-12)
    assert result.generalised == pytest.approx(max(1, n / events) * (result.gini - 1) + 1, abs=1e-12)
    # The area under the Lorenz curve says the same.
    area = np.trapezoid(result.lorenz_events, result.lorenz_places)
    assert 1 - 2 * area == pytest.approx(result.gini, abs=1e-12)
    for share in result.shares:
        taken = np.cumsum(sorted(counts, reverse=True))
        fewest = next(k for k, sum_ in enumerate(taken, start=1) if sum_ >= share.fraction * events)
        assert (share.places, share.share) == (fewest, pytest.approx(fewest / n))


def test_the_example_of_bernasco_and_steenbeek() -> None:
    """Ten places, five events as 3 + 1 + 1: G = 0.78 (lorenzgini vignette, figure 2)."""
    result = concentration([3, 1, 1, 0, 0, 0, 0, 0, 0, 0], replicates=0)
    assert result.gini == pytest.approx(0.78, abs=1e-12)
    # Five events on five different places is as even as whole events can be.
    assert concentration([1] * 5 + [0] * 5, replicates=0).generalised == pytest.approx(0, abs=1e-12)


def test_places_with_none_may_be_left_out() -> None:
    short, full = (concentration(c, places=8, replicates=50, seed=3) for c in ([4, 2], [0, 0, 4, 0, 2, 0, 0, 0]))
    assert (short.gini, short.shares, short.chance) == (full.gini, full.shares, full.chance)


def test_equal_counts_are_not_concentrated_and_one_place_is_wholly() -> None:
    assert concentration([7] * 9).gini == pytest.approx(0, abs=1e-12)
    one = concentration([20] + [0] * 99)
    assert one.generalised == pytest.approx(1 + 100 / 20 * (0.99 - 1), abs=1e-12)
    assert one.shares[0].places == one.shares[1].places == 1


def test_no_events_have_no_concentration() -> None:
    result = concentration([0, 0, 0])
    assert np.isnan(result.gini)
    assert np.isnan(result.shares[0].share)
    assert result.warnings


@pytest.mark.parametrize(
    ("counts", "options", "words"),
    [
        ([], {}, "no places"),
        ([1, -1], {}, "below zero"),
        ([1, 2, 3], {"places": 2}, "counts for 3"),
        ([1], {"fractions": (1.5,)}, "fractions"),
        ([1.5], {}, "whole"),
        ([float("nan")], {}, "nan"),
    ],
)
def test_bad_input_is_refused(counts: list[float], options: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        concentration(counts, **options)  # type: ignore[arg-type]


def test_the_same_chance_whoever_computes_it() -> None:
    counts = np.random.default_rng(1).poisson(0.7, 500)
    with ThreadPoolExecutor(3) as threads:
        results = [
            concentration(counts, seed=9),
            concentration(counts, seed=9, workers=2),
            concentration(counts, seed=9, executor=threads),
        ]
    assert len({(r.chance, r.chance_low, r.shares) for r in results}) == 1


@pytest.mark.parametrize("mean", [0.3, 3.0, 12.0])
def test_chance_covers_what_chance_made(mean: float) -> None:
    """Even spreads fall inside the interval of chance about 95 times of 100."""
    random = np.random.default_rng(4)
    inside = 0
    for i in range(100):
        counts = random.multinomial(int(200 * mean), np.full(200, 1 / 200))
        result = concentration(counts, seed=i, replicates=99)
        inside += result.chance_low <= result.generalised <= result.chance_high
    assert 86 <= inside <= 100
