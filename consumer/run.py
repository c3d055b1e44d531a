"""A run: messages of one partition that follow each other, as Kafka delivers most of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from confluent_kafka import Message

from consumer.partition import Partition


def runs(messages: Iterable[Message]) -> Iterator[tuple[tuple[str, int], Sequence[Message]]]:
    """(topic, partition) and messages of each run, in order; most often there is but one."""
    for name, run in groupby(messages, lambda message: (message.topic() or "", message.partition() or 0)):
        yield name, list(run)


def extend(partition: Partition, run: Sequence[Message], now: float) -> bool:
    """Buffer the run at once, if it is nothing but what its partition waits for."""
    offsets = [message.offset() or 0 for message in run]
    expected = partition.buffer.next
    if any(map(Message.error, run)) or offsets != list(range(expected, expected + len(run))):
        return False
    if not partition.buffer.extend(offsets, run, now):
        return False
    partition.position = offsets[-1] + 1
    partition.trusted = True
    return True
