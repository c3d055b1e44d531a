"""Where each partition is read from, and how far it has been."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from serving.live.happening import FOLLOWED

Place = tuple[str, int]
_ASK_S = 8.0
# A broker that cannot find offsets by time says what one says that has nothing that new: "the end". The
# embedded one is such a broker, and keeps 5 MiB a partition: about this many records.
_TAIL = 50_000


class Beginning:
    """`offset` to begin at; `end` was the partition's; `is_cut`: there may be more of that time before it."""

    def __init__(self, place: Place, offset: int, end: int, *, is_cut: bool) -> None:
        self.place, self.offset, self.end, self.is_cut = place, offset, end, is_cut


def places(consumer: Consumer, known: Collection[Place], back_ms: int) -> tuple[list[Beginning], list[str]]:
    """Where to begin in each partition that is not `known`, and which topics there are not.

    Begins at the first record of `back_ms` (epoch) or later. Raises KafkaException.
    """
    topics = consumer.list_topics(timeout=_ASK_S).topics
    there = [
        (topic, number)
        for topic in FOLLOWED
        if topic in topics
        for number in topics[topic].partitions
        if (topic, number) not in known
    ]
    missing = [topic for topic in FOLLOWED if topic not in topics]
    if not there:
        return [], missing
    asked = [TopicPartition(topic, number, back_ms) for topic, number in there]
    found = consumer.offsets_for_times(asked, timeout=_ASK_S)
    return [_beginning(consumer, answer, back_ms) for answer in found], missing


def _beginning(consumer: Consumer, answer: TopicPartition, back_ms: int) -> Beginning:
    place = (answer.topic, answer.partition)
    low, high = consumer.get_watermark_offsets(TopicPartition(*place), timeout=_ASK_S)
    if answer.offset >= 0:
        return Beginning(place, answer.offset, high, is_cut=answer.offset == low and low > 0)
    return Beginning(place, max(low, high - _TAIL), high, is_cut=max(low, high - _TAIL) > 0)


class Places:
    """How far each partition has been read."""

    def __init__(self) -> None:
        self.newest_ms = 0
        self.cut_at_ms = 0  # before that, some partition has lost records
        self._next: dict[Place, int] = {}
        self._to_reach: dict[Place, int] = {}
        self._cut: set[Place] = set()

    def add(self, beginnings: Iterable[Beginning]) -> None:
        """These are read from now on."""
        for begin in beginnings:
            self._next[begin.place] = begin.offset
            if begin.offset < begin.end:
                self._to_reach[begin.place] = begin.end
            if begin.is_cut:
                self._cut.add(begin.place)

    def known(self) -> Collection[Place]:
        """All that are read."""
        return self._next.keys()

    def offsets(self, beginnings: Iterable[Beginning]) -> list[TopicPartition]:
        """As Kafka's client takes them."""
        return [TopicPartition(*begin.place, begin.offset) for begin in beginnings]

    def reached(self) -> list[TopicPartition]:
        """How far each has been read, as Kafka's client takes it."""
        return [TopicPartition(*place, offset) for place, offset in self._next.items()]

    def passed(self, place: Place, offset: int, stamp_ms: int) -> None:
        """A record was read."""
        self._next[place] = offset + 1
        self.newest_ms = stamp_ms
        if self._cut and place in self._cut:
            self._cut.discard(place)
            self.cut_at_ms = max(self.cut_at_ms, stamp_ms)
        if self._to_reach and offset + 1 >= self._to_reach.get(place, OFFSET_END):
            self._to_reach.pop(place, None)

    def ended(self, place: Place, offset: int) -> None:
        """There is nothing more in it for now."""
        self._next[place] = max(offset, self._next.get(place, 0))
        self._to_reach.pop(place, None)

    @property
    def rebuilt(self) -> bool:
        """Whether all that was there at the beginning has been read."""
        return bool(self._next) and not self._to_reach

    def lags(self, consumer: Consumer) -> dict[str, int]:
        """Topic → records not read yet, by what the client knows without asking."""
        found = dict.fromkeys(FOLLOWED, 0)
        for place, offset in self._next.items():
            _, high = consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            found[place[0]] += max(high - offset, 0)
        return found

    def commit(self, consumer: Consumer) -> None:
        """Show in Kafka how far it is; nothing depends on it."""
        if self._next:
            consumer.commit(offsets=self.reached(), asynchronous=True)
