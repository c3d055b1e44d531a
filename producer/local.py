"""Where a publishing command publishes to: the configured Kafka, or a stack of its own for the time it runs.

    with publishing(KafkaSettings()) as (publisher, drain):
        publisher.publish_many("plays", keys, values)
        summary = drain()     # SinkSummary(rows, objects, bytes, malformed); None on a configured Kafka

With BACKBEAT_KAFKA_BOOTSTRAP empty, `publishing` starts the embedded broker and a `backbeat sink` that lands
in BACKBEAT_LAKE. `drain()` flushes the publisher, waits until that sink has landed everything and stops it;
call it once, after the last event. Leaving the block without it (an error) stops sink and broker too.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType
from typing import Protocol, Self

from contracts.errors import BackbeatError
from producer.broker import EmbeddedBroker, contract_topics
from producer.connection import Connection
from producer.offsets import GroupOffsets
from producer.publisher import Publisher
from producer.settings import KafkaSettings
from producer.sink_process import SinkProcess, SinkSummary

SINK_COMMAND = (sys.executable, "-m", "backbeat", "sink", "--json")
_LOOK_EVERY_S = 0.1
# A partition may run 3.5 MiB ahead of the sink's commits (`producer.backlog`): a sink that flushes at 2 MiB
# keeps events flowing, and at the end of a run nobody waits longer than its flush by age.
# The embedded broker does not answer a waiting fetch when something comes, but when its time is up: a
# publisher that waits for commits would wait as long for each 2 MiB of a partition.
_SINK_DEFAULTS = {
    "BACKBEAT_SINK_FLUSH_BYTES": str(2 * 1024**2),
    "BACKBEAT_SINK_FLUSH_SECONDS": "2",
    "BACKBEAT_SINK_FETCH_WAIT_MS": "10",
}

Progress = Callable[[int, int], None]


class Drain(Protocol):
    """Waits until everything published has landed; `progress(landed, published)` is told how far it is."""

    def __call__(self, progress: Progress | None = None) -> SinkSummary | None:
        """None where the sink is not ours to wait for; raises `BackbeatError` when not everything lands."""


class LocalStack:
    """An embedded broker in this process and a sink beside it, until the block is left.

    The broker shares our process so that nothing of it can outlive us.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        sink_command: Sequence[str] = SINK_COMMAND,
    ) -> None:
        self.settings = settings
        self._topics = contract_topics(settings.broker_partitions)
        self._partitions = [
            (topic, number) for topic, total in self._topics.items() for number in range(total)
        ]
        self._sink_command = sink_command
        self._resources = ExitStack()
        self._sink: SinkProcess

    def __enter__(self) -> Self:
        with self._resources:
            broker = self._resources.enter_context(EmbeddedBroker(self._topics))
            self.settings = self.settings.model_copy(update={"kafka_bootstrap": broker.bootstrap})
            sink = SinkProcess(self._sink_command, self._sink_environment())
            self._sink = self._resources.enter_context(sink)
            self._resources = self._resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    @property
    def bootstrap(self) -> str:
        """Where other processes find the broker (host:port)."""
        return self.settings.kafka_bootstrap

    def check(self) -> None:
        """Raise `BackbeatError` if the sink has died."""
        self._sink.check()

    def settle(self, progress: Progress | None = None) -> int:
        """Wait until the sink has committed all that the broker holds; returns how many events that is."""
        offsets = GroupOffsets(self.settings, Connection(self.settings))
        with closing(offsets):
            published = sum(offsets.ends(self._partitions).values())
            if published:  # otherwise the sink may not even be up yet
                self._await_commits(offsets, published, progress or (lambda landed, published: None))
        return published

    def drain(self, progress: Progress | None = None) -> SinkSummary:
        """Wait until the sink has committed all that the broker holds, then stop it."""
        if not self.settle(progress):
            return SinkSummary(rows=0, objects=0, bytes=0, malformed=0)
        return self._sink.stop()

    def _sink_environment(self) -> dict[str, str]:
        return {
            **_SINK_DEFAULTS,
            **os.environ,
            "BACKBEAT_KAFKA_BOOTSTRAP": self.bootstrap,
            "BACKBEAT_LAKE": self.settings.lake,
            "BACKBEAT_SINK_NAME": self.settings.sink_name,
        }

    def _await_commits(self, offsets: GroupOffsets, published: int, progress: Progress) -> None:
        landed, progressed = -1, time.monotonic()
        while landed < published:
            now, before = time.monotonic(), landed
            landed = sum(offsets.committed(self._partitions).values())
            progress(landed, published)
            if landed > before:
                progressed = now
            elif now - progressed > self.settings.drain_timeout_s:
                raise BackbeatError(
                    f"the sink has landed {landed:,} of {published:,} events and nothing more for "
                    f"{self.settings.drain_timeout_s:.0f} s; see BACKBEAT_LAKE ({self.settings.lake})"
                )
            self._sink.check(_LOOK_EVERY_S if landed < published else 0)


@contextmanager
def publishing(
    settings: KafkaSettings, sink_command: Sequence[str] = SINK_COMMAND, *, ordered: bool = True
) -> Iterator[tuple[Publisher, Drain]]:
    """A publisher, and the function that waits until all it published has landed; `ordered`: see there."""
    if settings.kafka_bootstrap:
        with Publisher(settings) as publisher:

            def flush(progress: Progress | None = None) -> None:
                publisher.flush()

            yield publisher, flush
        return
    with (
        LocalStack(settings, sink_command) as stack,
        Publisher(stack.settings, watch=stack.check, ordered=ordered) as publisher,
    ):

        def drain(progress: Progress | None = None) -> SinkSummary:
            publisher.flush()
            return stack.drain(progress)

        yield publisher, drain
