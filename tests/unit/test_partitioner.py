"""Keys go where Kafka's own producers put them."""

from __future__ import annotations

import pytest

from producer.partitioner import murmur2, partition_of


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_murmur2_gives_what_the_java_client_gives(text: str, signed: int) -> None:
    assert murmur2(text.encode()) == signed % 2**32


def test_a_key_always_has_the_same_partition_and_it_exists() -> None:
    partitions = [partition_of(f"sim-{number:06d}".encode(), 12) for number in range(1_000)]
    assert set(partitions) == set(range(12))
    assert partitions == [partition_of(f"sim-{number:06d}".encode(), 12) for number in range(1_000)]
