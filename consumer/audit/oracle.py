"""Kafka as the witness: what each partition holds now, read by hand, committing nothing."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from consumer.audit.partition_log import PartitionLog
from consumer.kafka import (
    configuration,
    connect,
    metadata,
    unavailable,
)
from consumer.settings import SinkSettings
from consumer.topic_config import topic_configs
from contracts.errors import BackbeatError
from contracts.lake import Chain

# The embedded broker has no topic ids; its one record here stands for them (see docs/decisions.md).
_INCARNATION_TOPIC, _EMBEDDED = "_backbeat_incarnation", "mockCluster"
# librdkafka spells topic ids in plain base64, whose slash would be a folder in a key.
_AS_KAFKA_PRINTS = str.maketrans("+/", "-_")
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
            # It would print, at its end, that it drops the events it has no more use for.
            admin = AdminClient(configuration(self._settings) | {"log_level": 0})
            patience = self._settings.sink_kafka_seconds
            answers = admin.describe_topics(TopicCollection(topics), request_timeout=patience)
            ids = {topic: str(answer.result().topic_id) for topic, answer in answers.items()}
            return {topic: one.translate(_AS_KAFKA_PRINTS) for topic, one in ids.items()}
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
