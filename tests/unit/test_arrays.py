"""Rows sorted together with their numbers are in the order a stable sort gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from producer.simulator.arrays import ordered


@given(st.lists(st.integers(-5, 5) | st.integers(-(2**62), 2**62 - 1), max_size=40))
def test_rows_come_in_the_order_of_their_values(values: list[int]) -> None:
    numbers = np.array(values, np.int64)
    assert ordered(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()
    near = numbers % 7 + 1_795_000_000_000
    assert ordered(near).tolist() == np.argsort(near, kind="stable").tolist()
