"""The partitions this process owns: taken over, filled with what Kafka delivers, and handed back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from consumer.identity import Identity
from consumer.kafka import (
    HOPELESS,
    NO_SUCH_OFFSET,
    PLACES,
    TRUNCATED,
    commit,
    committed,
    unavailable,
)
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.partition import Partition, compare, gap_error, starting_offset, truncated
from consumer.run import extend, runs
from consumer.settings import SinkSettings
from consumer.watch.events import overtaken as tell_overtaken
from consumer.watch.events import started_at
from consumer.watch.metrics import COMMITS, stage
from contracts.errors import BackbeatError


class Receiver:
    """The consumer's side of a sink. librdkafka calls the three call-backs from within `consume()`.

    What goes wrong in one is kept in `failure`, because an exception cannot pass through librdkafka.
    """

    def __init__(self, settings: SinkSettings, identity: Identity, log: KafkaLog, lander: Lander) -> None:
        self._settings, self._identity, self._log, self._lander = settings, identity, log, lander
        self.owned: dict[tuple[str, int], Partition] = {}
        self.generation = 0  # counts the assignments
        self._seen: set[tuple[str, int]] = set()  # what was ever ours
        self.failure: BaseException | None = None

    def take_all(self, consumer: Consumer, messages: Sequence[Message], now: float) -> None:
        """Buffer messages; BackbeatError for a lost range."""
        for name, run in runs(messages):
            partition = self.owned.get(name)
            if partition is not None and extend(partition, run, now):
                continue
            for message in run:
                self.take(consumer, message, now)

    def take(self, consumer: Consumer, message: Message, now: float) -> None:
        """Buffer one message, if it is what its partition waits for; BackbeatError for a lost range."""
        partition = self.owned.get((message.topic() or "", message.partition() or 0))
        offset = message.offset() or 0
        error = message.error()
        if error is not None and error.code() not in PLACES:
            if error.code() == TRUNCATED and partition is not None:
                raise truncated(partition, "its leader has no such offset in that epoch")
            if error.code() in HOPELESS or not error.retriable():
                raise unavailable(self._settings, error)
        elif partition is None:  # revoked while consume() was running
            return
        elif error is None and offset == partition.buffer.next:  # nearly always
            partition.buffer.append(offset, message, now)
            partition.position = offset + 1
            partition.trusted = True
        elif error is not None and error.code() == NO_SUCH_OFFSET:
            consumer.seek(partition.at(self._start(consumer, partition)))
        elif offset >= partition.buffer.next and self._continuous(consumer, partition, offset):
            if error is None:
                partition.buffer.append(offset, message, now)
            else:
                partition.buffer.reach(offset)
            partition.position = max(offset, partition.buffer.next)

    def current(self, consumer: Consumer, messages: Sequence[Message], generation: int) -> Sequence[Message]:
        """Those of `messages` whose partitions have been ours since `generation`, when they were asked for.

        An assignment that came in between may have found some of them already fetched, for the owner we
        were before. They are dropped, and its partitions begin at the lake's tail once more.
        """
        if self.generation == generation:
            return messages
        kept, doubtful = [], set()
        for message in messages:
            partition = self.owned.get(name := (message.topic() or "", message.partition() or 0))
            if partition is not None and partition.generation > generation:
                doubtful.add(name)
            else:
                kept.append(message)
        for name in doubtful:
            partition = self.owned[name]
            consumer.seek(partition.at(self._start(consumer, partition)))
        return kept

    def _continuous(self, consumer: Consumer, partition: Partition, offset: int) -> bool:
        """Whether `offset` is what comes next.

        Offsets without a record (transaction markers) are normal. But right after a take-over or a
        seek the jump may be a message fetched before it: then it is believed only if Kafka, asked
        separately, has nothing in between. On the embedded broker a jump is always a loss.
        """
        expected = partition.buffer.next
        if offset > max(expected, partition.position):
            topic, number = partition.chain.topic, partition.chain.partition
            if not partition.trusted and self._log.holds(topic, number, expected, offset - 1):
                consumer.seek(partition.at(expected))
                return False
            if self._identity.embedded:
                raise gap_error(partition, offset, embedded=True)
        partition.trusted = True
        return True

    def step_behind(self, consumer: Consumer, overtaken: Iterable[Partition]) -> None:
        """Drop what is buffered where another owner was first, and go on behind what it landed."""
        partitions = list(overtaken)
        for partition, tail in zip(
            partitions, self._lander.resume([p.found for p in partitions]), strict=True
        ):
            partition.adopt(tail)
            tell_overtaken(partition)
            consumer.seek(partition.at(self._start(consumer, partition)))

    def tell(self, consumer: Consumer) -> bool:
        """Commit how far the lake is; False when the group takes no commits now."""
        pending = [partition for partition in self.owned.values() if partition.uncommitted]
        if not pending:
            return True
        with stage("commit").time():
            told = commit(consumer, self._settings, [partition.hint for partition in pending])
        COMMITS.labels("taken" if told else "refused").inc()
        for partition in pending if told else ():
            partition.committed = partition.tail.next
        return told

    def on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Take partitions over from the lake's tail, never from Kafka's committed offset.

        The group's heartbeats go on meanwhile, and Kafka allows 5 minutes between two polls.
        """
        if self.failure:
            return
        try:
            hints = committed(consumer, self._settings, partitions)
            taken = self._take_over(hints)
            starts = [partition.start(self._start(consumer, partition)) for partition in taken]
            self._compare(taken)
            consumer.incremental_assign(starts)
            self.owned |= {(p.chain.topic, p.chain.partition): p for p in taken}
        except BackbeatError as error:
            self.failure = error
        except KafkaException as error:
            self.failure = unavailable(self._settings, error)

    def on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Land and commit what is buffered, while these partitions are still ours, and let them go."""
        try:
            if not self.failure:
                names = {(each.topic, each.partition) for each in partitions}
                leaving = [partition for name, partition in self.owned.items() if name in names]
                self._lander.land(leaving)  # where another owner was first there is nothing left to do
                self.tell(consumer)
        except BackbeatError as error:
            self.failure = error
        self.on_lost(consumer, partitions)

    def on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Drop what is buffered: someone else owns these partitions already."""
        for each in partitions:
            self.owned.pop((each.topic, each.partition), None)

    def _take_over(self, hints: list[TopicPartition]) -> list[Partition]:
        chains = [self._identity.chain(self._settings.sink_name, h.topic, h.partition) for h in hints]
        tails = self._lander.resume(
            [(chain, hint.metadata or "") for chain, hint in zip(chains, hints, strict=True)]
        )
        self.generation += 1
        names = {(hint.topic, hint.partition) for hint in hints}
        again, self._seen = self._seen & names, self._seen | names
        return [
            Partition(chain, tail, hint.offset, self.generation * ((hint.topic, hint.partition) in again))
            for chain, tail, hint in zip(chains, tails, hints, strict=True)
        ]

    def _compare(self, taken: Iterable[Partition]) -> None:
        """Read the last landed record of each again: offsets alone do not tell one log from another."""
        landed = {
            (p.chain.topic, p.chain.partition): (p, p.tail.fence.last)
            for p in taken
            if p.tail.fence is not None and p.tail.fence.last_hash is not None
        }
        held = self._log.latest([(*name, last) for name, (_, last) in landed.items()])
        for name, (partition, _) in landed.items():
            compare(partition, held.get(name))

    def _start(self, consumer: Consumer, partition: Partition) -> int:
        offset = starting_offset(consumer, self._settings, partition, embedded=self._identity.embedded)
        started_at(partition, offset)
        return offset
