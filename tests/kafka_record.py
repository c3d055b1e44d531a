"""A Kafka message in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Record:
    """A Kafka message, as far as a buffer looks at it."""

    body: bytes | None = b"{}"
    stamp: tuple[int, int] = (1, 1_795_267_515_900)

    def timestamp(self) -> tuple[int, int]:
        return self.stamp

    def key(self) -> bytes | None:
        return b"k"

    def value(self) -> bytes | None:
        return self.body

    def headers(self) -> None:
        return None

    def leader_epoch(self) -> int:
        return 3
