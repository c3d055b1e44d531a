"""Kafka, followed in a thread of its own: all partitions, from as far back as is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from contracts.web.journal import note
from serving.live.beginning import Place, Places, places
from serving.live.happening import FOLLOWED, BadRecordError, End, Start, happening
from serving.live.metrics import BAD, EVENTS, KAFKA_ERRORS
from serving.live.watch import Watch
from serving.settings import LiveSettings

_BATCH, _WAIT_S = 1_000, 0.05
_LOOK_S, _COMMIT_S, _TOPICS_S, _AGAIN_S = 0.5, 5.0, 10.0, 1.0
_REJECTED = "backbeat-rejected"  # what an importer refused goes through its topic under this header
_END = KafkaError._PARTITION_EOF  # noqa: SLF001
_ALL_DOWN = KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
Take = Callable[[list[Start | End]], None]


class Follower:
    """Hands events to `take`, in batches, and tells `watch` how far it is; `take` may block."""

    def __init__(self, settings: LiveSettings, take: Take, watch: Watch) -> None:
        self._settings, self._take, self._watch = settings, take, watch
        self._over = Event()
        self._places = Places()
        self._thread = Thread(target=self._run, name="follower", daemon=True)

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, and wait for the thread."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._follow()
            except KafkaException as error:
                self._watch.trouble(str(error.args[0].str()))
                note("kafka_lost", reason=self._watch.problem)
                self._over.wait(_AGAIN_S)

    def _follow(self) -> None:
        consumer = Consumer(
            {
                **self._settings.client_config(),
                "group.id": self._settings.live_group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",  # of what the broker has let go, the oldest that is left
                "enable.partition.eof": True,
                "allow.auto.create.topics": False,
                "queued.max.messages.kbytes": 16_384,
                "error_cb": self._kafka_error,
                "log_level": 0,
            }
        )
        try:
            self._turn(consumer)
        finally:
            consumer.close()

    def _turn(self, consumer: Consumer) -> None:
        looked = committed = listed = 0.0
        if self._places.known():  # it was lost and is found again
            consumer.incremental_assign(self._places.reached())
        while not self._over.is_set():
            now = time.monotonic()
            if now - listed >= _TOPICS_S:
                self._assign(consumer)
                listed = now
            if now - looked >= _LOOK_S:
                self._watch.look(self._places.lags(consumer), self._places)
                looked = now
            if now - committed >= _COMMIT_S:
                self._places.commit(consumer)
                committed = now
            self._hand_over(consumer.consume(_BATCH, _WAIT_S))

    def _assign(self, consumer: Consumer) -> None:
        back_ms = int((time.time() - self._settings.live_history_minutes * 60) * 1000)
        there, missing = places(consumer, self._places.known(), back_ms)
        self._watch.lacks(missing)
        if there:
            self._places.add(there)
            consumer.incremental_assign(self._places.offsets(there))
            note("partitions_followed", partitions=len(self._places.known()))

    def _hand_over(self, messages: list[Message]) -> None:
        events: list[Start | End] = []
        for message in messages:
            error = message.error()
            if error is None:
                self._read(message, events)
            elif error.code() == _END:
                self._places.ended(_place(message), message.offset() or 0)
            else:
                self._kafka_error(error)
        if events:
            self._take(events)
        if messages:
            self._watch.fine()

    def _read(self, message: Message, events: list[Start | End]) -> None:
        topic = message.topic() or ""
        self._places.passed(_place(message), message.offset() or 0, message.timestamp()[1])
        EVENTS.labels(topic).inc()
        try:
            events.append(happening(topic, message.value()))
        except BadRecordError as error:
            rejected = _REJECTED in dict(message.headers() or ())
            BAD.labels(topic, "rejected" if rejected else str(error)).inc()

    def _kafka_error(self, error: KafkaError) -> None:
        KAFKA_ERRORS.inc()
        if error.code() == _ALL_DOWN or error.fatal():
            self._watch.trouble(error.str())


def _place(message: Message) -> Place:
    return message.topic() or FOLLOWED[0], message.partition() or 0
