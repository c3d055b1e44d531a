"""Whether Kafka is there: by what its client reports of itself, and by asking for the contract's topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from confluent_kafka import KafkaError, KafkaException, Producer

from contracts.events import TOPICS
from contracts.web.journal import note
from producer.collector.circuit import Circuit
from producer.collector.metrics import KAFKA_ERRORS, LOST

_ASK_S = 2.0  # how long Kafka may take to answer
_ASK_AGAIN_S, _LOOK_S = 0.5, 5.0  # how often it is asked: while it is away, and else
_ALL_DOWN = KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001


class Lookout:
    """Opens and closes `circuit`; `on_fatal` is told of what no producer recovers from."""

    def __init__(self, circuit: Circuit, on_fatal: Callable[[str], None]) -> None:
        self._circuit, self._on_fatal = circuit, on_fatal
        self._last_error = ""
        self._acknowledged_at = 0.0
        self._alarm = asyncio.Event()
        self._producer: Producer
        self._task: asyncio.Task[None]

    async def open(self, producer: Producer) -> None:
        """Ask Kafka once; one that does not answer is asked again and again."""
        self._producer = producer
        self._circuit.on_open(self._lost)
        await self._look()
        if not self._circuit.closed:
            self._lost()
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Ask no more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def acknowledged(self) -> None:
        """Kafka has acknowledged an event."""
        self._acknowledged_at = time.monotonic()
        if not self._circuit.closed:
            note("kafka_found")
        self._circuit.acknowledged()

    def on_error(self, error: KafkaError) -> None:
        """The client's call-back for what concerns no single event."""
        KAFKA_ERRORS.inc()
        if error.fatal():
            self._on_fatal(error.str())
        if error.code() != _ALL_DOWN:
            self._last_error = error.str()
            return
        self._circuit.unreachable(f"Kafka is away: {self._last_error or error.str()}")

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._alarm.wait(), _LOOK_S if self._circuit.closed else _ASK_AGAIN_S)
            self._alarm.clear()
            await self._look()

    async def _look(self) -> None:
        was_closed, began = self._circuit.closed, time.monotonic()
        missing = await asyncio.to_thread(self._ask)
        if missing is None:
            # A Kafka that has acknowledged meanwhile is busy, not away.
            if self._acknowledged_at < began:
                self._circuit.unreachable(f"Kafka does not answer: {self._last_error}")
        elif missing:
            self._circuit.unreachable(f"Kafka has no topic {', '.join(missing)}")
        else:
            self._circuit.reachable()
            if self._circuit.closed and not was_closed:
                note("kafka_found")

    def _ask(self) -> list[str] | None:
        """The contract's topics that Kafka lacks; None when it does not answer."""
        try:
            there = self._producer.list_topics(timeout=_ASK_S).topics
        except KafkaException as error:
            self._last_error = self._last_error or error.args[0].str()
            return None
        return sorted(set(TOPICS) - set(there))

    def _lost(self) -> None:
        LOST.inc()
        note("kafka_lost", reason=self._circuit.problem)
        self._alarm.set()
