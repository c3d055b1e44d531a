"""How a client of this room talks to Kafka: quietly, and with one clear line when Kafka is not there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from contracts.errors import BackbeatError
from producer.settings import KafkaSettings

# librdkafka writes to stderr unless it is given a logger; what matters of it reaches `_note`.
_log = logging.getLogger("backbeat.kafka")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class Connection:
    """The settings clients are opened with, and the last thing librdkafka found wrong with the connection."""

    def __init__(self, settings: KafkaSettings) -> None:
        if not settings.kafka_bootstrap:
            raise BackbeatError("BACKBEAT_KAFKA_BOOTSTRAP is empty: it must name a Kafka (host:port)")
        self._settings = settings
        self._problem = ""

    def producer(self, tuning: Mapping[str, Any]) -> Producer:
        """A producer; raises `BackbeatError` for settings that librdkafka refuses."""
        try:
            return Producer(self.config(tuning))
        except (KafkaException, ValueError) as error:
            raise self.error("cannot be used with these settings", error) from error

    def consumer(self, tuning: Mapping[str, Any]) -> Consumer:
        """A consumer; raises `BackbeatError` for settings that librdkafka refuses."""
        try:
            return Consumer(self.config(tuning))
        except (KafkaException, ValueError) as error:
            raise self.error("cannot be used with these settings", error) from error

    def cluster_id(self, client: Producer) -> str:
        """Kafka's own id; `BackbeatError` when it does not answer within `connect_timeout_s`."""
        try:
            return str(client.list_topics(timeout=self._settings.connect_timeout_s).cluster_id)
        except KafkaException as error:
            client.poll(0)  # serves `_note`: it knows why
            raise self.error("does not answer", error) from error

    def partitions(self, client: Producer, topic: str) -> int:
        """How many partitions `topic` has; `BackbeatError` when there is no such topic."""
        try:
            described = client.list_topics(topic, timeout=self._settings.connect_timeout_s).topics[topic]
        except KafkaException as error:
            raise self.error("does not answer", error) from error
        if described.error is not None:
            raise self.error(f"has no topic {topic}", described.error)
        return len(described.partitions)

    def error(self, doing: str, cause: Exception | KafkaError) -> BackbeatError:
        """One line: which Kafka and its setting, what went wrong and why."""
        kafka_error = cause.args[0] if isinstance(cause, KafkaException) else cause
        reason = kafka_error.str() if isinstance(kafka_error, KafkaError) else str(cause)
        why = f"{reason}; {self._problem}" if self._problem and self._problem != reason else reason
        return BackbeatError(
            f"Kafka at {self._settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP) {doing}: {why}"
        )

    def config(self, tuning: Mapping[str, Any]) -> dict[str, Any]:
        """librdkafka's settings of one client: where Kafka is, no noise, and the client's own `tuning`."""
        return {**self._settings.client_config(), "error_cb": self._note, "logger": _log, **tuning}

    def _note(self, error: KafkaError) -> None:
        # "all brokers are down" follows every reason and would hide it
        if error.code() != KafkaError._ALL_BROKERS_DOWN or not self._problem:  # noqa: SLF001
            self._problem = error.str()
