"""Bounded reads of one partition, beside the consumer group: what the lake lacks is read again here."""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import KafkaException, Message, TopicPartition

from consumer.batch import Batch
from consumer.buffer import Buffer
from consumer.kafka import END_OF_PARTITION, NO_SUCH_OFFSET, connect, unavailable
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError

_POLL_SECONDS = 0.1


class KafkaLog:
    """Opens a consumer of its own for each read, assigned by hand: it neither joins the group nor commits."""

    def __init__(self, settings: SinkSettings) -> None:
        self._settings = settings

    def read(self, topic: str, partition: int, first: int, last: int) -> Batch:
        """The records that Kafka still has in [first, last]; BackbeatError when it stops answering."""
        buffer = Buffer(topic, partition, first)
        for offset, message in self._from(topic, partition, first):
            if offset <= last:
                buffer.append(offset, message, now=0.0)
            if offset >= last:
                break
        return buffer.batch()

    def holds(self, topic: str, partition: int, first: int, last: int) -> bool:
        """Whether Kafka has any record in [first, last]."""
        found = next((offset for offset, _ in self._from(topic, partition, first)), None)
        return found is not None and found <= last

    def _from(self, topic: str, partition: int, first: int) -> Iterator[tuple[int, Message]]:
        """Records from offset `first` to the end of the partition; none when `first` is no longer there."""
        consumer = connect(self._settings)
        try:
            consumer.assign([TopicPartition(topic, partition, first)])
            patience = time.monotonic() + self._settings.sink_kafka_seconds
            while time.monotonic() < patience:
                for message in consumer.consume(500, timeout=_POLL_SECONDS):
                    error = message.error()
                    if error is None:
                        yield int(message.offset() or 0), message
                        patience = time.monotonic() + self._settings.sink_kafka_seconds
                    elif error.code() in {END_OF_PARTITION, NO_SUCH_OFFSET}:
                        return
                    elif not error.retriable():
                        raise unavailable(self._settings, error)
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        finally:
            consumer.close()
        raise BackbeatError(
            f"Kafka at {self._settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP) did not give "
            f"{topic}/{partition} from offset {first} within {self._settings.sink_kafka_seconds:g} s"
        )
