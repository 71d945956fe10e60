"""Columns come back as they were, and take little room."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from samverkan.domain.picture import packing
from samverkan.domain.picture.counting import grouped, merged_slots


@given(
    st.integers(0, 40).flatmap(
        lambda n: hnp.arrays(np.int64, (len(packing.COLUMNS), n), elements=st.integers(-(2**31), 2**40))
    )
)
def test_columns_survive(values: np.ndarray) -> None:
    columns = dict(zip(packing.COLUMNS, values, strict=True))
    back = packing.unpack(packing.pack(columns), values.shape[1])
    for name in packing.COLUMNS:
        assert back[name].tolist() == columns[name].tolist()


def test_small_numbers_take_a_byte() -> None:
    assert packing.narrow(np.array([0, 255])).dtype == np.uint8
    assert packing.narrow(np.array([0, 256])).dtype == np.uint16
    assert packing.narrow(np.array([-1, 5])).dtype == np.int32


def test_merged_hours_hold_every_hour_once() -> None:
    table = merged_slots()
    counts = np.bincount(table)
    assert counts.tolist() == [16] * 6 + [8] * 6 + [4] * 6 + [7]


def test_values_without_a_name_are_unknown() -> None:
    assert grouped(np.array([1, 2, 3, 4]), np.array([0, 1, 1])).tolist() == [5, 5]
