"""Kafka as the witness: what each partition holds now, read by hand, committing nothing."""

from __future__ import annotations

import time
from collections.abc import Collection
from types import TracebackType
from typing import Self

import numpy as np
from confluent_kafka import Consumer, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from consumer.audit.rows import Headers, Records
from consumer.kafka import (
    END_OF_PARTITION,
    NO_SUCH_OFFSET,
    configuration,
    connect,
    metadata,
    reason,
    unavailable,
)
from consumer.settings import SinkSettings
from consumer.topic_config import topic_configs
from contracts.errors import BackbeatError
from contracts.lake import Chain

# The embedded broker has no topic ids; its one record here stands for them (see docs/decisions.md).
_INCARNATION_TOPIC, _EMBEDDED = "_backbeat_incarnation", "mockCluster"
_YEAR_10000_MS = 253_402_300_800_000
_MESSAGES, _POLL_SECONDS = 1_000, 0.1
# The next partition waits for the fetch at the end of the one before: 0.5 s each at the default.
_TUNING = {"fetch.wait.max.ms": 10, "fetch.queue.backoff.ms": 10}


class Oracle:
    """The broker's answers for `topics`; BackbeatError when it does not give them."""

    def __init__(self, settings: SinkSettings, topics: Collection[str]) -> None:
        self._settings = settings
        self._consumer = connect(settings, tuning=_TUNING)
        try:
            self._ask(topics)
        except BackbeatError:
            self._consumer.close()
            raise

    def _ask(self, topics: Collection[str]) -> None:
        cluster = metadata(self._consumer, self._settings)
        here = [name for name in topics if name in cluster.topics and not cluster.topics[name].error]
        self.cluster_id = cluster.cluster_id or "unknown"
        self.partitions = [
            (name, number) for name in here for number in sorted(cluster.topics[name].partitions)
        ]
        self.topic_ids = self._ids(here)
        wanted = [TopicPartition(*place) for place in self.partitions]
        try:
            answers = self._consumer.committed(wanted, timeout=self._settings.sink_kafka_seconds)
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        # Asked before the lake is looked at: a sink at work commits what is in the lake already.
        self.committed = {(answer.topic, answer.partition): max(answer.offset, 0) for answer in answers}
        self.compacted = self._compacted(here)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def is_current(self, chain: Chain) -> bool:
        """Whether `chain` lands the topic that is there now, not a predecessor of the same name."""
        return (chain.cluster_id, chain.topic_id) == (self.cluster_id, self.topic_ids.get(chain.topic))

    def log(self, topic: str, partition: int) -> PartitionLog:
        """The records of one partition; ends the reading of the one before."""
        return PartitionLog(self._consumer, self._settings, topic, partition)

    def _ids(self, topics: list[str]) -> dict[str, str]:
        if not topics:
            return {}
        if self.cluster_id.startswith(_EMBEDDED):
            values = self.log(_INCARNATION_TOPIC, 0).take(0).values
            return dict.fromkeys(topics, (values[0] or b"").decode() if values else "")
        try:
            admin = AdminClient(configuration(self._settings))
            answers = admin.describe_topics(
                TopicCollection(topics), request_timeout=self._settings.sink_kafka_seconds
            )
            # As Kafka itself prints an id: the `/` of librdkafka's spelling would be a folder in a key.
            spelled = {topic: str(answer.result().topic_id) for topic, answer in answers.items()}
            return {topic: one.replace("+", "-").replace("/", "_") for topic, one in spelled.items()}
        except KafkaException as error:
            raise unavailable(self._settings, error) from error

    def _compacted(self, topics: list[str]) -> set[str]:
        """Topics whose records may vanish from the middle: absence there proves nothing."""
        if self.cluster_id.startswith(_EMBEDDED) or not topics:
            return set()
        try:
            found = topic_configs(self._settings, topics)
        except KafkaException:  # a user that may read but not describe
            return set()
        return {topic for topic, config in found.items() if "compact" in config.get("cleanup.policy", "")}


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
