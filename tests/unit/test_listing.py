"""The end of a listing: the right two keys, in few pages."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.listing import ending

PREFIX = "_sink/a/00000/"


class Server:
    """Lists `numbers` a page at a time, and counts the pages."""

    def __init__(self, numbers: Sequence[int], page: int) -> None:
        self.keys, self.size, self.pages = [name(number) for number in numbers], page, 0

    def page(self, start_after: str) -> tuple[Sequence[str], bool]:
        self.pages += 1
        first = bisect_right(self.keys, start_after)
        return self.keys[first : first + self.size], first + self.size < len(self.keys)


def name(number: int) -> str:
    return f"{PREFIX}{number:020d}.json"


@given(
    st.lists(st.integers(0, 2**63) | st.integers(0, 50), unique=True).map(sorted),
    st.integers(2, 7),
    st.integers(0, 60),
)
def test_the_last_two_are_found_wherever_the_search_begins(numbers: list[int], page: int, after: int) -> None:
    server = Server(numbers, page)
    assert ending(server.page, PREFIX) == server.keys[-2:]
    later = [key for key in server.keys if key > name(after)]
    assert ending(server.page, PREFIX, name(after)) == later[-2:]


@pytest.mark.parametrize(("fences", "pages"), [(1_000, 1), (20_000, 11), (525_600, 21)])
def test_the_pages_grow_with_the_logarithm(fences: int, pages: int) -> None:
    server = Server(range(0, fences * 700, 700), 1_000)
    assert ending(server.page, PREFIX) == server.keys[-2:]
    assert server.pages <= pages
    assert server.pages <= 1 + 2 * math.log2(fences)
