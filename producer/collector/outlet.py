"""Out to Kafka: every event of a request is answered for, in bounded time, by an idempotent producer.

All of it happens in the event loop's thread: the producer's call-backs come when the loop asks for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.web.refusal import RefusalError
from producer.collector.circuit import Circuit
from producer.collector.delivery import Delivery, Failure, failure_of
from producer.collector.lookout import Lookout
from producer.collector.metrics import ACK_SECONDS, PENDING, PENDING_BYTES, UP
from producer.collector.record import Record
from producer.collector.settings import CollectorSettings
from producer.connection import Connection

_TUNING: dict[str, str | int | bool] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    # Few events share a batch: with zstd the whole collector took up to a fifth more CPU.
    "compression.type": "lz4",
    # How long events wait for others to share a batch with.
    "linger.ms": 5,
    # Our own limits come first, so that a request is taken whole or not at all.
    "queue.buffering.max.messages": 10_000_000,
    "queue.buffering.max.kbytes": 2_097_151,
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1_000,
}
_BUSY_S, _IDLE_S = 0.002, 0.1  # how often call-backs are asked for
RETRY_AFTER_S = 2


class Outlet:
    """`await send(records)` says which Kafka has acknowledged; `open` and `close` in the same event loop."""

    def __init__(self, settings: CollectorSettings, on_fatal: Callable[[str], None]) -> None:
        self.circuit = Circuit()
        self.pending_events = self.pending_bytes = 0
        self._settings = settings
        self._lookout = Lookout(self.circuit, on_fatal)
        timeouts = {"message.timeout.ms": int(settings.collector_ack_seconds * 1000)}
        tuning = {**_TUNING, **timeouts, "error_cb": self._lookout.on_error}
        self._producer: Producer = Connection(settings).producer(tuning)
        self._busy = False
        self._timer: asyncio.TimerHandle
        self._loop: asyncio.AbstractEventLoop

    async def open(self) -> None:
        """Look whether Kafka is there, and begin."""
        self._loop = asyncio.get_running_loop()
        PENDING.set_function(lambda: self.pending_events)
        PENDING_BYTES.set_function(lambda: self.pending_bytes)
        UP.set_function(lambda: self.circuit.closed)
        await self._lookout.open(self._producer)
        self._timer = self._loop.call_later(_IDLE_S, self._turn)

    async def close(self) -> None:
        """Wait for what is pending, as long as an acknowledgement may take."""
        await self._lookout.close()
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
        try:
            self._produce(records, delivery)
            self._hurry()
            await delivery.done
        except BaseException:
            self.circuit.withdrawn()
            raise
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
        """What the fate of one request says of Kafka; a part it took may be from before it went away."""
        reasons = [failure.reason for failure in delivery.failures.values() if not failure.permanent]
        if reasons:
            self.circuit.unanswered(f"Kafka did not acknowledge: {reasons[0]}")
        else:
            self._lookout.acknowledged()

    def _hurry(self) -> None:
        if not self._busy:
            self._timer.cancel()
            self._busy = True
            self._timer = self._loop.call_later(_BUSY_S, self._turn)

    def _turn(self) -> None:
        try:
            self._producer.poll(0)
        finally:  # whatever a call-back meets, the next ones are asked for
            self._busy = self.pending_events > 0
            self._timer = self._loop.call_later(_BUSY_S if self._busy else _IDLE_S, self._turn)


def _away() -> RefusalError:
    return RefusalError(
        HTTPStatus.SERVICE_UNAVAILABLE, "Kafka is away: nothing was taken, send it again", RETRY_AFTER_S
    )
