"""A run: messages of one partition that follow each other, as Kafka delivers most of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from confluent_kafka import Message

from consumer.partition import Partition


def runs(messages: Sequence[Message]) -> Iterator[tuple[tuple[str, int], Sequence[Message]]]:
    """(topic, partition) and messages of each run, in order; most often there is but one."""
    topics, partitions = list(map(Message.topic, messages)), list(map(Message.partition, messages))
    start = 0
    while start < len(messages):
        name, length = (topics[start], partitions[start]), len(messages) - start
        if topics[start:].count(name[0]) < length or partitions[start:].count(name[1]) < length:
            rest = zip(topics[start:], partitions[start:], strict=True)
            length = sum(1 for _ in takewhile(name.__eq__, rest))
        yield (name[0] or "", name[1] or 0), messages[start : start + length]
        start += length


def extend(partition: Partition, run: Sequence[Message], now: float) -> bool:
    """Buffer the run at once, if it is nothing but what its partition waits for."""
    offsets: list[int] = list(map(Message.offset, run))  # type: ignore[arg-type]  # None only in an error
    expected = partition.buffer.next
    if any(map(Message.error, run)) or offsets != list(range(expected, expected + len(run))):
        return False
    if not partition.buffer.extend(offsets, run, now):
        return False
    partition.position = offsets[-1] + 1
    partition.trusted = True
    return True
