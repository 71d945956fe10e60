"""Bandwidths chosen by the data."""

from __future__ import annotations

import numpy as np
import pytest

from samverkan.analysis.bandwidth import by_likelihood, by_mean_squared_error, choose
from samverkan.analysis.density import masses
from samverkan.analysis.errors import BadInput
from samverkan.analysis.polygons import Polygon
from tests.harness.examples import known_answers

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def gathered(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Events around twenty centres with standard deviation 0.03, inside the unit square."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0.1, 0.9, (20, 2))
    events = centres[rng.integers(0, 20, n)] + rng.normal(0, 0.03, (n, 2))
    events = events[((events > 0) & (events < 1)).all(axis=1)]
    return events[:, 0], events[:, 1]


def test_lansing_by_mean_squared_error() -> None:
    """spatstat's bw.diggle gives .029 for the hickories."""
    path = known_answers("kde1_lansing_hickory", "points.csv")
    events = np.genfromtxt(path, delimiter=",", names=True)
    found = by_mean_squared_error(events["x"], events["y"], polygon=SQUARE)
    assert found.bandwidth == pytest.approx(0.029, abs=0.0005)
    quartic = by_mean_squared_error(events["x"], events["y"], polygon=SQUARE, kernel="quartic")
    # The same standard deviation: a quartic of radius h has h / sqrt(8) along an axis.
    assert quartic.bandwidth == pytest.approx(found.bandwidth * 8**0.5)


def test_mean_squared_error_as_by_the_formula() -> None:
    """K with the rectangle's own translation correction, and the integral pair by pair."""
    x, y = gathered(1, 120)
    n = len(x)
    found = by_mean_squared_error(x, y, polygon=SQUARE)
    dx, dy = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    d = np.hypot(dx, dy)
    weight = 1 / ((1 - dx) * (1 - dy) * n * (n - 1))
    np.fill_diagonal(weight, 0)
    for at in (100, 255, 511):
        h = found.candidates[at] * 2
        ratio = np.minimum(1, d / (2 * h))
        lens = 2 * h**2 * (np.arccos(ratio) - ratio * np.sqrt(1 - ratio**2))
        wanted = (1 / n - 2 * weight[d < h].sum()) / (np.pi * h**2) + (weight * lens).sum() / (np.pi * h**2) ** 2
        assert found.criterion[at] == pytest.approx(wanted, abs=2e-3 * abs(wanted) + 1e-3)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_likelihood_as_by_the_formula(kernel: str) -> None:
    x, y = gathered(2, 150)
    area = Polygon(SQUARE)
    found = by_likelihood(x, y, polygon=area, kernel=kernel)  # type: ignore[arg-type]
    d2 = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    for size, criterion in zip(found.candidates[::5], found.criterion[::5], strict=True):
        u = d2 / size**2
        k = (
            np.exp(-u / 2) / (2 * np.pi * size**2)
            if kernel == "gaussian"
            else 3 / (np.pi * size**2) * np.maximum(0, 1 - u) ** 2
        )
        np.fill_diagonal(k, 0)
        share = masses(x, y, float(size), kernel, area)
        with np.errstate(divide="ignore"):
            wanted = np.log((k / share).sum(axis=1)).sum()
        assert criterion == pytest.approx(wanted, rel=1e-9)
    assert found.criterion.max() == found.criterion[found.candidates == found.bandwidth][0]


def test_both_find_the_size_of_the_gatherings() -> None:
    x, y = gathered(3, 800)
    for rule in ("diggle", "likelihood"):
        found = choose(rule, x, y, polygon=SQUARE)  # type: ignore[arg-type]
        assert 0.008 < found.bandwidth < 0.05 and not found.warnings and found.rule == rule


def test_follows_the_unit() -> None:
    x, y = gathered(4)
    for rule in ("diggle", "likelihood"):
        small = choose(rule, x, y, polygon=SQUARE)  # type: ignore[arg-type]
        large = choose(rule, x * 5000 + 585_000, y * 5000 + 6_583_000, polygon=SQUARE * 5000 + (585_000, 6_583_000))  # type: ignore[arg-type]
        assert large.bandwidth == pytest.approx(5000 * small.bandwidth, rel=1e-3)


def test_shared_places_are_told() -> None:
    x, y = gathered(5, 60)
    found = choose("diggle", np.tile(x, 4), np.tile(y, 4), polygon=SQUARE)
    assert "events lie at" in found.warnings[0]


def test_events_outside_are_left_out() -> None:
    x, y = gathered(6)
    inside = choose("diggle", x, y, polygon=SQUARE)
    more = choose("diggle", np.append(x, 9), np.append(y, 9), polygon=SQUARE)
    assert more.bandwidth == inside.bandwidth and "1 of" in more.warnings[0]


@pytest.mark.parametrize("rule", ["diggle", "likelihood"])
def test_refusals(rule: str) -> None:
    with pytest.raises(BadInput, match="from 1 events"):
        choose(rule, [0.5], [0.5], polygon=SQUARE)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="one place"):
        choose(rule, [0.5, 0.5], [0.5, 0.5], polygon=SQUARE)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="one line"):
        choose(rule, [0.5, 0.7], [0.5, 0.5])  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="kernel is"):
        choose(rule, [0.5, 0.7], [0.5, 0.6], kernel="some")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="largest"):
        choose(rule, [0.5, 0.7], [0.5, 0.6], largest=-1)  # type: ignore[arg-type]


def test_unknown_rule() -> None:
    with pytest.raises(BadInput, match="diggle or likelihood"):
        choose("eye", [0.5, 0.7], [0.5, 0.6])  # type: ignore[arg-type]
