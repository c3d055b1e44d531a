"""What Kafka has said of the events of one request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message

# That they are sent again does not help.
_PERMANENT = {
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE,
    KafkaError.INVALID_RECORD,
}


@dataclass(frozen=True)
class Failure:
    """Why an event is not acknowledged; `permanent`: because of itself."""

    reason: str
    permanent: bool


class Delivery:
    """`done` has its result once Kafka, or its client, has answered for all of `count` events."""

    def __init__(self, count: int, done: asyncio.Future[None]) -> None:
        self.failures: dict[int, Failure] = {}
        self.acknowledged = 0
        self.done = done
        self._waiting = count

    def told(self, index: int, error: KafkaError | None, _: Message | None) -> None:
        """The producer's call-back for one event."""
        if error is None:
            self.acknowledged += 1
            self._one_less()
        else:
            self.failed(index, failure_of(error))

    def failed(self, index: int, failure: Failure) -> None:
        """This event is not acknowledged, and will not be."""
        self.failures[index] = failure
        self._one_less()

    def _one_less(self) -> None:
        self._waiting -= 1
        if not self._waiting and not self.done.done():  # a request that was cut short waits no more
            self.done.set_result(None)


def failure_of(error: KafkaError | KafkaException | BufferError) -> Failure:
    """The failure that `error` tells of."""
    inner = error.args[0] if isinstance(error, KafkaException) else error
    if isinstance(inner, KafkaError):
        return Failure(inner.str(), inner.code() in _PERMANENT)
    return Failure(str(inner), permanent=False)
