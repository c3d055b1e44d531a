"""The sink: Kafka's partitions into the lake, each offset exactly once, whoever dies when."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from confluent_kafka import Consumer, KafkaError, KafkaException

from consumer.goal import Goal
from consumer.identity import Incarnations, identify
from consumer.kafka import ALL_DOWN, HOPELESS, connect, metadata, unavailable
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.progress import Progress
from consumer.receiver import Receiver
from consumer.rotation import Rotation
from consumer.settings import SinkSettings
from consumer.store import Store
from consumer.tally import Tally
from contracts.errors import BackbeatError
from contracts.events import TOPICS

# Larger batches wait to be filled and were slower by the clock (440-760k against 570-970k messages
# per CPU-second); below 0.2 s consume() returns with what is there.
_MESSAGES, _POLL_SECONDS = 500, 0.1
_COMMIT_RETRY_SECONDS = 1.0


class Sink:
    """One member of the sink's consumer group."""

    def __init__(
        self,
        settings: SinkSettings,
        store: Store,
        progress: Progress,
        topics: Collection[str] = tuple(TOPICS),
    ) -> None:
        self._settings, self._store, self._progress, self._topics = settings, store, progress, topics
        self._rotation = Rotation(settings, embedded=False)
        self._hopeless: KafkaError | None = None
        self._suspicion = False
        self._tell_after = 0.0

    def run(self, stop: Event, *, until_end: bool = False) -> Tally:
        """Land what arrives until `stop` is set or, with `until_end`, all that Kafka had at the start.

        What is buffered then is landed and committed. BackbeatError when Kafka or the lake is broken:
        then nothing more is landed or committed, and the next run goes on from the lake.
        """
        consumer = connect(self._settings, self._on_error)
        log = KafkaLog(self._settings)
        with ThreadPoolExecutor(self._settings.sink_writers, "writer") as pool:
            try:
                identity = identify(consumer, self._settings, self._topics, log)
                lander = Lander(self._store, log, pool, Incarnations(self._settings, identity).check)
                goal = Goal(consumer, self._settings, identity, lander, log) if until_end else None
                self._rotation = Rotation(self._settings, embedded=identity.embedded)
                receiver = Receiver(self._settings, identity, log, lander)
                self._follow(consumer, receiver, lander, goal, stop)
            except KafkaException as error:
                raise unavailable(self._settings, error) from error
            finally:
                consumer.close()
        self._progress.show(lander.tally, 0)
        return lander.tally

    def _follow(
        self, consumer: Consumer, receiver: Receiver, lander: Lander, goal: Goal | None, stop: Event
    ) -> None:
        if goal and goal.reached({}):  # joining the group only to leave it would take seconds
            return
        consumer.subscribe(
            list(self._topics),
            on_assign=receiver.on_assign,
            on_revoke=receiver.on_revoke,
            on_lost=receiver.on_lost,
        )
        try:
            while not stop.is_set() and not (goal and goal.reached(receiver.owned)):
                self._step(consumer, receiver, lander, goal)
            lander.land(receiver.owned.values())
            receiver.tell(consumer)
        except BackbeatError as error:
            receiver.failure = receiver.failure or error  # so that leaving the group lands nothing more
            raise

    def _step(self, consumer: Consumer, receiver: Receiver, lander: Lander, goal: Goal | None) -> None:
        """Receive, land what is due, tell Kafka."""
        now = time.monotonic()
        generation = receiver.generation
        messages = consumer.consume(_MESSAGES, timeout=_POLL_SECONDS)
        self._check(consumer, receiver)
        receiver.take_all(consumer, receiver.current(consumer, messages, generation), now)
        owned = receiver.owned.values()
        all_here = goal is not None and goal.received(receiver.owned)
        due = list(owned) if all_here else self._rotation.due(owned, now)
        receiver.step_behind(consumer, lander.land(due))
        for partition in due:
            self._rotation.landed(partition)
        if now >= self._tell_after and not receiver.tell(consumer):
            self._tell_after = now + _COMMIT_RETRY_SECONDS
        if self._progress.due():
            self._progress.show(lander.tally, _lag(consumer, receiver))

    def _check(self, consumer: Consumer, receiver: Receiver) -> None:
        """Raise what a call-back met; ask Kafka itself before believing that all of it is gone."""
        if receiver.failure:
            raise receiver.failure
        if self._hopeless:
            raise unavailable(self._settings, self._hopeless)
        if self._suspicion:
            metadata(consumer, self._settings)
            self._suspicion = False

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() in HOPELESS:
            self._hopeless = error
        self._suspicion = self._suspicion or error.code() == ALL_DOWN


def _lag(consumer: Consumer, receiver: Receiver) -> int:
    """Rows that Kafka has and the lake has not, in the owned partitions.

    With nothing buffered, what lies between the lake's tail and the position is no rows but transaction
    markers and aborted ones: they come into the lake, as a gap, with the next row.
    """
    lag = 0
    for partition in receiver.owned.values():
        done = partition.tail.next if len(partition.buffer) else partition.position
        lag += max(consumer.get_watermark_offsets(partition.at(0), cached=True)[1] - done, 0)
    return lag
