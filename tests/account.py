"""The account of a lake in a folder: what its fences promise, held against what its objects hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from consumer.fence import Fence, parse_fence


@dataclass
class Landed:
    """One chain of fences: the offsets that landed, and those that its fences say were never delivered."""

    offsets: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)


def account(lake: Path) -> dict[tuple[str, int], Landed]:
    """Each (topic id, partition) of the lake.

    Asserts that fences tile, that each has its object and each object its fence, and that an object holds
    just the offsets its fence decided.
    """
    chains: dict[tuple[str, int], Landed] = {}
    objects = {str(path.relative_to(lake)) for path in lake.glob("bronze/**/*.parquet")}
    # sink/cluster/topic/topic id/partition/base: what else lies under _sink is no fence.
    for path in sorted(lake.glob("_sink/*/*/*/*/*/*.json")):
        fence = parse_fence(path.name, path.read_bytes())
        _, _, _, _, topic_id, partition, _ = path.relative_to(lake).parts
        chain = chains.setdefault((topic_id, int(partition)), Landed())
        assert fence.base == (chain.fences[-1].end + 1 if chain.fences else 0)
        gaps = [offset for first, last in fence.gaps for offset in range(first, last + 1)]
        found = pq.ParquetFile(lake / fence.data_key).read(["_offset"])["_offset"].to_pylist()
        assert found == sorted(set(range(fence.base, fence.end + 1)) - set(gaps))
        objects.remove(fence.data_key)
        chain.offsets += found
        chain.gaps += gaps
        chain.fences.append(fence)
    assert not objects
    return chains
