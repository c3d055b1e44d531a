"""How records whose columns are known reach the lake without Kafka: made in one room, landed in another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# Stands for Kafka's cluster id in the fences and keys of what never was in a Kafka.
BULK_CLUSTER = "bulk"


@dataclass(frozen=True)
class KnownRows:
    """Records of one hour of `topic`, in the order they are to have in the lake; one entry each.

    `timestamps` (int64, epoch ms) stand for the broker's; `keys` and `values` are binary, the exact bytes,
    never null, and UTF-8 but for the rows at the positions `doubtful`. `columns` are the contract's
    (`event_schema(topic)`) in its order, text as itself or as a dictionary (int32), with what decoding the
    values would give; but the values at `doubtful` have to be decoded.
    """

    topic: str
    timestamps: npt.NDArray[np.int64]
    keys: pa.BinaryArray
    values: pa.BinaryArray
    columns: Sequence[pa.Array]
    doubtful: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.timestamps)


class BulkLake(Protocol):
    """Lands rows of some topics, each in an object of its own, until the block is left."""

    def __enter__(self) -> Self:
        """Raises BackbeatError when the lake cannot be used."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All that was given is in the lake; raises BackbeatError when it is not."""

    def land(self, rows: KnownRows) -> None:
        """Take rows of an hour that is not before the topic's last.

        Those that an earlier run has landed are not landed again; BackbeatError, now or later, when it has
        landed others in their place.
        """


# (address of the lake, 22 characters that say which history, its topics) → where to land it
BulkFor = Callable[[str, str, Collection[str]], BulkLake]
