"""The embedded broker: librdkafka's in-memory Kafka cluster, for runs without a Kafka server.

It listens on a free port of 127.0.0.1, any process of this machine can use it, and it forgets everything when
closed. It keeps 5 MiB of compressed batches per partition and silently drops older ones: whoever publishes to
it must stay close to the consumer (`producer.pacing` does).
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from uuid import uuid4

from confluent_kafka import KafkaException, Producer

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.librdkafka import load

# The cluster cannot answer for topic ids; the sink tells two runs apart by the one record in this topic.
INCARNATION_TOPIC = "_backbeat_incarnation"
CLUSTER_ID_PREFIX = "mockCluster"
_PRODUCER = 0
_REASON_BYTES = 512


def contract_topics(partitions: int) -> dict[str, int]:
    """The eight topics of the contract with as many partitions each."""
    return dict.fromkeys(TOPICS, partitions)


class EmbeddedBroker:
    """A Kafka cluster of one broker in this process, with `topics` (name → partitions), until closed."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        self.bootstrap = ""
        self.incarnation = uuid4().hex
        self._topics = {**topics, INCARNATION_TOPIC: 1}
        self._client: int | None = None
        self._cluster: int | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the cluster and everything it holds; harmless when it has ended already."""
        if self._cluster is not None:
            load().rd_kafka_mock_cluster_destroy(self._cluster)
        if self._client is not None:
            load().rd_kafka_destroy(self._client)
        self._cluster = self._client = None

    def _start(self) -> None:
        library = load()
        self._client = _quiet_client(library)
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, 1)
        if self._cluster is None:
            raise BackbeatError(
                "the embedded broker could not listen on 127.0.0.1: set BACKBEAT_KAFKA_BOOTSTRAP"
            )
        # Kafka waits 3 s for a group's first members; here there is nobody to wait for.
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        for name, partitions in self._topics.items():
            if code := library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1):
                raise BackbeatError(f"the embedded broker refused topic {name} (librdkafka error {code})")
        self.bootstrap = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        self._write_incarnation()

    def _write_incarnation(self) -> None:
        try:
            producer = Producer({"bootstrap.servers": self.bootstrap, "acks": "all", "log_level": 0})
            producer.produce(INCARNATION_TOPIC, self.incarnation.encode())
            unsent = producer.flush(10)
        except KafkaException as error:
            raise BackbeatError(f"the embedded broker at {self.bootstrap} failed: {error}") from error
        if unsent:
            raise BackbeatError(f"the embedded broker at {self.bootstrap} took no record within 10 s")


def _quiet_client(library: ctypes.CDLL) -> int:
    """The client handle that carries the cluster, and logs nothing."""
    reason = ctypes.create_string_buffer(_REASON_BYTES)
    config = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(config, b"log_level", b"0", reason, _REASON_BYTES)
    client: int | None = library.rd_kafka_new(_PRODUCER, config, reason, _REASON_BYTES)
    if client is None:
        raise BackbeatError(f"the embedded broker could not start: {reason.value.decode()}")
    return client
