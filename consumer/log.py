"""Bounded reads of one partition, beside the consumer group: what the lake lacks is read again here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from consumer.batch import Batch
from consumer.buffer import Buffer, single
from consumer.draft import Draft
from consumer.kafka import PLACES, connect, unavailable
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError

_POLL_SECONDS = 0.1

Name = tuple[str, int]  # topic, partition
Place = tuple[str, int, int]  # topic, partition, offset


class KafkaLog:
    """Opens a consumer of its own for each read, assigned by hand: it neither joins the group nor commits."""

    def __init__(self, settings: SinkSettings) -> None:
        self._settings = settings

    def read(self, topic: str, partition: int, first: int, last: int) -> Draft:
        """The records that Kafka still has in [first, last]; BackbeatError when it stops answering."""
        buffer = Buffer(topic, partition, first)
        for offset, message in self._from(topic, partition, first):
            if offset <= last:
                buffer.append(offset, message, now=0.0)
            if offset >= last:
                break
        return buffer.draft()

    def holds(self, topic: str, partition: int, first: int, last: int) -> bool:
        """Whether Kafka has any record in [first, last]."""
        found = next((offset for offset, _ in self._from(topic, partition, first)), None)
        return found is not None and found <= last

    def latest(self, places: Sequence[Place]) -> dict[Name, Batch]:
        """The record at exactly each place, alone in its batch; nothing where Kafka has none there now."""
        found: dict[Name, Batch] = {}
        wanted = {(topic, partition): offset for topic, partition, offset in places}
        for message in self._messages(places):
            name = (message.topic() or "", message.partition() or 0)
            offset = wanted.pop(name, None)
            if offset is not None and message.error() is None and message.offset() == offset:
                found[name] = single(*name, offset, message).batch()
            if not wanted:
                break
        return found

    def _from(self, topic: str, partition: int, first: int) -> Iterator[tuple[int, Message]]:
        """Records from offset `first` to the end of the partition; none when `first` is no longer there."""
        for message in self._messages([(topic, partition, first)]):
            if message.error() is not None:
                return
            yield int(message.offset() or 0), message

    def _messages(self, places: Sequence[Place]) -> Iterator[Message]:
        """What Kafka gives from each place on: records, the partition's end, "no such offset"."""
        if not places:
            return
        consumer = connect(self._settings)
        try:
            consumer.assign([TopicPartition(*place) for place in places])
            yield from self._patiently(consumer)
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        finally:
            consumer.close()
        topic, partition, first = places[0]
        others = f" and {len(places) - 1} others" if len(places) > 1 else ""
        raise BackbeatError(
            f"Kafka at {self._settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP) did not give {topic}/"
            f"{partition} from offset {first}{others} within {self._settings.sink_kafka_seconds:g} s"
        )

    def _patiently(self, consumer: Consumer) -> Iterator[Message]:
        """Messages for as long as they keep coming; each may be followed by as long a silence."""
        patience = time.monotonic() + self._settings.sink_kafka_seconds
        while time.monotonic() < patience:
            for message in consumer.consume(500, timeout=_POLL_SECONDS):
                error = message.error()
                if error is not None and error.code() not in PLACES:
                    if not error.retriable():
                        raise unavailable(self._settings, error)
                    continue
                yield message
                patience = time.monotonic() + self._settings.sink_kafka_seconds
