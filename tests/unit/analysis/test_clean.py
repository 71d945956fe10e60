"""What comes in is finite, whole and of one length, or refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from samverkan.analysis import clean
from samverkan.analysis.errors import BadInput


def test_points_are_copies_and_zero_has_one_sign():
    given = np.array([-0.0, 1.0])
    x, y = clean.points(given, [2, 3])
    x[1] = 9.0
    assert given[1] == 1.0
    assert not np.signbit(x[0])
    assert y.dtype == np.float64


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_row(bad):
    with pytest.raises(BadInput, match="y: value 2"):
        clean.points([1, 2], [0, bad])
    with pytest.raises(BadInput, match="date: value 1"):
        clean.days([bad])
    with pytest.raises(BadInput, match="count: value 1"):
        clean.counts([bad])


def test_lengths_that_differ_are_named():
    with pytest.raises(BadInput, match="x has 2, y has 1"):
        clean.points([1, 2], [1])


def test_degrees_are_checked():
    with pytest.raises(BadInput, match="metres belong in x and y"):
        clean.lonlat([16.5], [6580000.0])
    lon, lat = clean.lonlat([180.0], [-90.0])
    assert (lon[0], lat[0]) == (180.0, -90.0)


def test_days_from_dates_numbers_and_objects():
    assert clean.days(np.array(["1970-01-02", "2026-03-29"], "datetime64[D]")).tolist() == [1, 20541]
    assert clean.days(np.array(["1970-01-02T23:59"], "datetime64[m]")).tolist() == [1]
    assert clean.days(np.array([np.datetime64("1970-01-03")], dtype=object)).tolist() == [2]
    assert clean.days([-3.0, 4.0]).tolist() == [-3, 4]
    with pytest.raises(BadInput, match="missing"):
        clean.days(np.array(["NaT"], "datetime64[D]"))
    with pytest.raises(BadInput, match="whole days"):
        clean.days([1.5])
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        clean.days(np.array(["yesterday"], dtype=object))


def test_counts_are_whole_and_their_sum_is_exact():
    assert clean.counts([0, 3.0]).tolist() == [0, 3]
    with pytest.raises(BadInput, match="below zero"):
        clean.counts([1, -1])
    with pytest.raises(BadInput, match="sum"):
        clean.counts([2**52, 2**52, 2**52])
    with pytest.raises(BadInput, match="too large"):
        clean.counts(np.array([2**64 - 1], dtype=np.uint64))


def test_nothing_is_allowed():
    assert len(clean.points([], [])[0]) == len(clean.days([])) == len(clean.counts([])) == 0


def test_parameters():
    assert clean.positive(0, "r", zero=True) == 0
    for bad in (0, -1, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="r is"):
            clean.positive(bad, "r")
    for bad in (0, 1.5, True):
        with pytest.raises(BadInput, match="n is"):
            clean.whole(bad, "n", least=1)
    with pytest.raises(BadInput, match="2 dimensions"):
        clean.floats(np.zeros((2, 2)), "x")
    with pytest.raises(BadInput, match="not numbers"):
        clean.floats(np.array(["a"]), "x")
    with pytest.raises(BadInput, match="weight: value 2"):
        clean.weights([1, -0.5])
