"""Where polled events go, and when they are safe there.

    with outlet(KafkaSettings()) as out:
        out.publish(topic, key, value, headers)
        out.settle()      # returns when nothing of it can be lost any more

On a configured Kafka they are safe when it has acknowledged them. The embedded broker forgets, so with it
they are safe when the sink beside it has landed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from producer.importers.converted import Converted, Rejected
from producer.local import LocalStack
from producer.publisher import Publisher
from producer.settings import KafkaSettings


@dataclass(frozen=True)
class Outlet:
    """Takes events; both raise `BackbeatError` when Kafka does not take them."""

    publisher: Publisher
    settle: Callable[[], None]

    def publish(self, row: Converted) -> None:
        """Send one event, or a refusal with its reason."""
        headers = [row.header] if isinstance(row, Rejected) else None
        if row.value is not None:
            self.publisher.publish(row.topic, row.key, row.value, headers)


@contextmanager
def outlet(settings: KafkaSettings) -> Iterator[Outlet]:
    """The configured Kafka, or a broker and a sink of our own while the block lasts."""
    if settings.kafka_bootstrap:
        with Publisher(settings) as publisher:
            yield Outlet(publisher, publisher.flush)
        return
    with LocalStack(settings) as stack, Publisher(stack.settings, watch=stack.check) as publisher:

        def settle() -> None:
            publisher.flush()
            stack.settle()

        yield Outlet(publisher, settle)
