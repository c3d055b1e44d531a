"""The sink: Kafka's partitions into the lake, each offset exactly once, whoever dies when."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from confluent_kafka import Consumer, KafkaError, KafkaException

from consumer.appetite import Appetite
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
from consumer.watch.events import kafka_error, running, stopped, told
from consumer.watch.health import HEALTH
from consumer.watch.lookout import Lookout, lag
from contracts.errors import BackbeatError
from contracts.events import TOPICS

# Larger batches wait to be filled and were slower by the clock (440-760k against 570-970k messages
# per CPU-second); below 0.2 s consume() returns with what is there.
_MESSAGES, _POLL_SECONDS = 500, 0.1
# A part of the buffer at a time, or 500 records of 1 MB would fill it twice over at once.
_MOUTHFULS = 8
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
        self._rotation: Rotation  # run() knows whether Kafka is the embedded one
        self._appetite = Appetite(_MESSAGES, settings.sink_buffer_bytes // _MOUTHFULS)
        self._lookout = Lookout()
        self._hopeless: KafkaError | None = None
        self._suspicion = False
        self._tell_after = 0.0

    def run(self, stop: Event, *, until_end: bool = False) -> Tally:
        """Land what arrives until `stop` is set or, with `until_end`, all that Kafka had at the start.

        What is buffered then is landed and committed. BackbeatError when Kafka or the lake is broken:
        then nothing more is landed or committed, and the next run goes on from the lake.
        """
        HEALTH.began(self._settings.stuck_seconds)
        consumer = connect(self._settings, self._on_error)
        log = KafkaLog(self._settings)
        with ThreadPoolExecutor(self._settings.sink_writers, "writer") as pool:
            try:
                identity = identify(consumer, self._settings, self._topics, log)
                lander = Lander(self._store, log, pool, Incarnations(self._settings, identity).check)
                goal = Goal(consumer, self._settings, identity, lander, log) if until_end else None
                self._rotation = Rotation(self._settings, embedded=identity.embedded)
                receiver = Receiver(self._settings, identity, log, lander)
                with running(self._settings, self._topics):
                    self._follow(consumer, receiver, lander, goal, stop)
            except KafkaException as error:
                raise unavailable(self._settings, error) from error
            finally:
                consumer.close()
        self._progress.landed(lander.tally, 0)
        stopped(lander.tally)
        return lander.tally

    def _follow(
        self, consumer: Consumer, receiver: Receiver, lander: Lander, goal: Goal | None, stop: Event
    ) -> None:
        if goal and goal.reached({}):  # joining the group only to leave it would take seconds
            return
        consumer.subscribe(
            list(self._topics),
            on_assign=told("assigned", receiver.on_assign),
            on_revoke=told("revoked", receiver.on_revoke),
            on_lost=told("lost", receiver.on_lost),
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
        messages = consumer.consume(self._appetite.count, timeout=_POLL_SECONDS)
        self._appetite.had(messages)
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
            self._progress.landed(lander.tally, sum(lag(consumer, partition) for partition in owned))
        self._lookout.turn(consumer, owned)

    def _check(self, consumer: Consumer, receiver: Receiver) -> None:
        """Raise what a call-back met; ask Kafka itself before believing that all of it is gone."""
        if receiver.failure:
            raise receiver.failure
        if self._hopeless:
            raise unavailable(self._settings, self._hopeless)
        if self._suspicion:
            metadata(consumer, self._settings)
            self._suspicion = False
            HEALTH.fine("Kafka")

    def _on_error(self, error: KafkaError) -> None:
        kafka_error(error)
        if error.fatal() or error.code() in HOPELESS:
            self._hopeless = error
        self._suspicion = self._suspicion or error.code() == ALL_DOWN
