"""Keys of the lake: told apart by incarnation, in offset order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.lake import Chain

CHAIN = Chain("backbeat-sink", "cluster", "plays", "topic-id", 3)
HOUR = datetime(2026, 1, 2, 4, tzinfo=UTC)


def test_a_data_key_names_topic_partition_base_and_incarnation() -> None:
    assert CHAIN.data_key(42, HOUR) == (
        "bronze/plays/year=2026/month=01/day=02/hour=04/"
        f"plays+00003+00000000000000000042+{CHAIN.incarnation}.parquet"
    )


def test_a_recreated_topic_or_another_cluster_never_meets_these_keys() -> None:
    others = [replace(CHAIN, topic_id="other"), replace(CHAIN, cluster_id="other")]
    for other in others:
        assert other.data_key(0, HOUR) != CHAIN.data_key(0, HOUR)
        assert other.fence_key(0) != CHAIN.fence_key(0)


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_fences_list_in_offset_order(one: int, other: int) -> None:
    assert (CHAIN.fence_key(one) < CHAIN.fence_key(other)) == (one < other)
