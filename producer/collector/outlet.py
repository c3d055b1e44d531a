"""Out to Kafka: every event of a request is answered for, in bounded time, by an idempotent producer.

All of it happens in the event loop's thread: the producer's call-backs come when the loop asks for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.events import TOPICS
from producer.collector.circuit import Circuit
from producer.collector.delivery import Delivery, Failure, failure_of
from producer.collector.journal import note
from producer.collector.metrics import ACK_SECONDS, KAFKA_ERRORS, LOST, PENDING, PENDING_BYTES, UP
from producer.collector.record import Record
from producer.collector.refusal import RefusalError
from producer.collector.settings import CollectorSettings
from producer.connection import Connection

_TUNING: dict[str, str | int | bool] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    "compression.type": "zstd",
    # What a request waits for company; at half of full load two thirds of the requests find some.
    "linger.ms": 5,
    # Our own limits come first, so that a request is taken whole or not at all.
    "queue.buffering.max.messages": 10_000_000,
    "queue.buffering.max.kbytes": 2_097_151,
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1_000,
}
_BUSY_S, _IDLE_S = 0.002, 0.1  # how often call-backs are asked for
_ASK_S = 2.0  # how long Kafka may take to say which topics it has
_ASK_AGAIN_S, _LOOK_S = 0.5, 5.0  # how often it is asked: while it is away, and else
_ALL_DOWN = KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
RETRY_AFTER_S = 2


class Outlet:
    """`await send(records)` says which Kafka has acknowledged; `open` and `close` in the same event loop."""

    def __init__(self, settings: CollectorSettings, on_fatal: Callable[[str], None]) -> None:
        self.circuit = Circuit()
        self.pending_events = self.pending_bytes = 0
        self._settings, self._on_fatal = settings, on_fatal
        self._last_error = ""
        timeouts = {"message.timeout.ms": int(settings.collector_ack_seconds * 1000)}
        tuning = {**_TUNING, **timeouts, "error_cb": self._on_error}
        self._producer: Producer = Connection(settings).producer(tuning)
        self._alarm = asyncio.Event()
        self._busy = False
        self._timer: asyncio.TimerHandle
        self._watcher: asyncio.Task[None]
        self._loop: asyncio.AbstractEventLoop

    async def open(self) -> None:
        """Ask Kafka once; one that does not answer is asked again and again."""
        self._loop = asyncio.get_running_loop()
        PENDING.set_function(lambda: self.pending_events)
        PENDING_BYTES.set_function(lambda: self.pending_bytes)
        UP.set_function(lambda: self.circuit.closed)
        self.circuit.on_open(self._opened)
        await self._look()
        if not self.circuit.closed:
            self._opened()
        self._timer = self._loop.call_later(_IDLE_S, self._turn)
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Wait for what is pending, as long as an acknowledgement may take."""
        self._watcher.cancel()
        with suppress(asyncio.CancelledError):
            await self._watcher
        self._timer.cancel()
        await asyncio.to_thread(self._producer.flush, self._settings.collector_ack_seconds + 1)

    def check(self) -> None:
        """`RefusalError` 503 when a request would not go now."""
        if not self.circuit.promising:
            raise _away()

    async def send(self, records: Sequence[Record]) -> Mapping[int, Failure]:
        """Index → why that record is not acknowledged; `RefusalError` 503 at once when none is sent."""
        size = sum(len(record.value) for record in records)
        if self.pending_events + len(records) > self._settings.collector_pending_events or (
            self.pending_bytes + size > self._settings.collector_pending_bytes and self.pending_events
        ):
            raise RefusalError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too much waits for Kafka: nothing was taken", RETRY_AFTER_S
            )
        if not self.circuit.admits():
            raise _away()
        delivery = Delivery(len(records), self._loop.create_future())
        began = time.monotonic()
        self.pending_events += len(records)
        self.pending_bytes += size
        self._produce(records, delivery)
        self._hurry()
        try:
            await delivery.done
        finally:
            self.pending_events -= len(records)
            self.pending_bytes -= size
        ACK_SECONDS.observe(time.monotonic() - began)
        self._learn(delivery)
        return delivery.failures

    def _produce(self, records: Sequence[Record], delivery: Delivery) -> None:
        produce = self._producer.produce
        for index, record in enumerate(records):
            told: Callable[[KafkaError | None, Message | None], None] = partial(delivery.told, index)
            try:
                produce(record.topic, record.value, record.key, on_delivery=told)
            except (BufferError, KafkaException) as error:
                delivery.failed(index, failure_of(error))

    def _learn(self, delivery: Delivery) -> None:
        """What the fate of one request says of Kafka."""
        if delivery.acknowledged:
            if not self.circuit.closed:
                note("kafka_found")
            self.circuit.acknowledged()
            return
        reasons = [failure.reason for failure in delivery.failures.values() if not failure.permanent]
        if reasons:
            self.circuit.unanswered(f"Kafka did not acknowledge: {reasons[0]}")
        else:
            self.circuit.acknowledged()  # it answered: the events were at fault

    def _hurry(self) -> None:
        if not self._busy:
            self._timer.cancel()
            self._busy = True
            self._timer = self._loop.call_later(_BUSY_S, self._turn)

    def _turn(self) -> None:
        self._producer.poll(0)
        self._busy = self.pending_events > 0
        self._timer = self._loop.call_later(_BUSY_S if self._busy else _IDLE_S, self._turn)

    def _on_error(self, error: KafkaError) -> None:
        KAFKA_ERRORS.inc()
        if error.fatal():
            self._on_fatal(error.str())
        if error.code() != _ALL_DOWN:
            self._last_error = error.str()
            return
        self.circuit.unreachable(self._last_error or error.str())

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._alarm.wait(), _LOOK_S if self.circuit.closed else _ASK_AGAIN_S)
            self._alarm.clear()
            await self._look()

    async def _look(self) -> None:
        """Ask Kafka for its topics."""
        was_closed = self.circuit.closed
        if problem := await asyncio.to_thread(self._ask):
            self.circuit.unreachable(problem)
            return
        self.circuit.reachable()
        if self.circuit.closed and not was_closed:
            note("kafka_found")

    def _opened(self) -> None:
        LOST.inc()
        note("kafka_lost", reason=self.circuit.problem)
        self._alarm.set()

    def _ask(self) -> str:
        """What is wrong with Kafka; empty when nothing is."""
        try:
            there = self._producer.list_topics(timeout=_ASK_S).topics
        except KafkaException as error:
            return self._last_error or str(error.args[0].str())
        missing = sorted(set(TOPICS) - set(there))
        return f"Kafka has no topic {', '.join(missing)}" if missing else ""


def _away() -> RefusalError:
    return RefusalError(
        HTTPStatus.SERVICE_UNAVAILABLE, "Kafka is away: nothing was taken, send it again", RETRY_AFTER_S
    )
