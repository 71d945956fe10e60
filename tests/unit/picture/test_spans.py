"""Those known as spans are spread just as the library of analysis spreads them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samverkan.analysis import rhythm
from samverkan.domain.picture import spans

_HOUR = 3600
#: From 1990 to 2035: many changes to and from daylight saving time.
_START = st.integers(631_152_000, 2_051_222_400)
_LENGTH = st.one_of(
    st.integers(1, 7 * 24 * _HOUR - 1), st.sampled_from([1, _HOUR, 24 * _HOUR, 167 * _HOUR, 7 * 24 * _HOUR - 1])
)


@given(st.lists(st.tuples(_START, _LENGTH), max_size=20))
def test_the_weights_are_those_of_the_library(events: list[tuple[int, int]]) -> None:
    start = np.array([s for s, _n in events], np.int64)
    end = start + np.array([n for _s, n in events], np.int64)
    wanted = rhythm.aoristic(start.view("datetime64[s]"), end.view("datetime64[s]"), zone="Europe/Stockholm").weights
    found = spans.weights(start, end)
    assert np.allclose(found, wanted, rtol=0, atol=1e-9)
    assert found.sum() == pytest.approx(len(events))


@pytest.mark.parametrize("night", ["2026-03-28T20:00", "2026-10-24T20:00", "2026-03-29T00:30", "2026-10-25T00:30"])
def test_nights_when_the_clock_is_moved(night: str) -> None:
    start = np.array([night], "datetime64[s]")
    for hours in (1, 3, 12, 30, 167):
        end = start + np.timedelta64(hours * _HOUR + 17, "s")
        wanted = rhythm.aoristic(start, end, zone="Europe/Stockholm").weights
        assert np.allclose(spans.weights(start.view(np.int64), end.view(np.int64)), wanted, rtol=0, atol=1e-12)


def test_keys_become_positions() -> None:
    held = np.array([[7, 10, 20], [3, 30, 40], [99, 50, 60]], np.int64)
    assert spans.placed(held, np.array([9, 7, 3], np.int32)).tolist() == [[1, 10, 20], [2, 30, 40]]
    assert spans.placed(held, np.zeros(0, np.int32)).tolist() == []


def test_many_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    start = np.arange(100, dtype=np.int64) * 5_000 + 1_700_000_000
    whole = spans.weights(start, start + 40_000)
    monkeypatch.setattr(spans, "_CHUNK", 7)
    assert np.allclose(spans.weights(start, start + 40_000), whole)
