"""One Kafka partition as the broker delivers it: the audit's other half of every comparison."""

from __future__ import annotations

import time

import numpy as np
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from consumer.audit.rows import Headers, Records
from consumer.kafka import (
    END_OF_PARTITION,
    NO_SUCH_OFFSET,
    reason,
    unavailable,
)
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError

_YEAR_10000_MS = 253_402_300_800_000
_MESSAGES, _POLL_SECONDS = 1_000, 0.1


class PartitionLog:
    """One partition, read forward once from its start; `low` and `high` are its ends at the beginning."""

    def __init__(self, consumer: Consumer, settings: SinkSettings, topic: str, partition: int) -> None:
        self._consumer, self._settings = consumer, settings
        self._place = (topic, partition)
        self._held: list[Message] = []
        self._reading = False
        self.low, self.high = self._ends()
        self.position = self.low

    def _ends(self) -> tuple[int, int]:
        where = TopicPartition(*self._place)
        try:
            low, high = self._consumer.get_watermark_offsets(where, timeout=self._settings.sink_kafka_seconds)
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        return low, high

    def take(self, last: int) -> Records:
        """The records up to offset `last` that were not taken yet; fewer where the partition ends before.

        `position` is behind `last` then. `low` moves on when Kafka deletes what is being read.
        """
        taken: list[Message] = []
        patience = time.monotonic() + self._settings.sink_kafka_seconds
        while self.position <= last and self.position < self.high:
            if not self._held:
                self._held = self._fetch()
            if self._held:
                patience = time.monotonic() + self._settings.sink_kafka_seconds
            elif time.monotonic() > patience:
                raise BackbeatError(
                    f"Kafka at {self._settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP) did not give "
                    f"{'/'.join(map(str, self._place))} from offset {self.position} within "
                    f"{self._settings.sink_kafka_seconds:g} s"
                )
            self._consume(taken, last)
        return _records(taken)

    def _consume(self, taken: list[Message], last: int) -> None:
        for number, message in enumerate(self._held):
            offset, error = message.offset() or 0, message.error()
            if error is None and offset > last:
                self.position = max(self.position, last + 1)
                self._held = self._held[number:]
                return
            if error is None:
                taken.append(message)
                self.position = offset + 1
            elif error.code() == END_OF_PARTITION:
                self.position = max(self.position, offset)
                self.high = min(self.high, self.position)
            elif error.code() == NO_SUCH_OFFSET:
                self._restart()
            elif not error.retriable():
                raise BackbeatError(f"Kafka does not give {self._place}: {reason(error)}")
        self._held = []

    def _restart(self) -> None:
        """Retention was faster than us: go on at the log's new start."""
        self.low, _ = self._ends()
        self.position, self._reading = max(self.position, self.low), False

    def _fetch(self) -> list[Message]:
        if not self._reading:
            self._consumer.assign([TopicPartition(*self._place, self.position)])
            self._reading = True
        found = self._consumer.consume(_MESSAGES, timeout=_POLL_SECONDS)
        return [message for message in found if (message.topic(), message.partition()) == self._place]


def _records(messages: list[Message]) -> Records:
    return Records(
        np.array([message.offset() for message in messages], np.int64),
        [_time(message) for message in messages],
        [message.key() for message in messages],
        [message.value() for message in messages],
        [_headers(message) for message in messages],
    )


def _time(message: Message) -> int | None:
    kind, time_ms = message.timestamp()
    return time_ms if kind and 0 <= time_ms < _YEAR_10000_MS else None


def _headers(message: Message) -> Headers | None:
    grouped: dict[str, list[bytes | None]] = {}
    headers: list[tuple[str, bytes | None]] = message.headers() or []  # type: ignore[assignment]
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return grouped or None
