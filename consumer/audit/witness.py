"""What Kafka can say about a range of offsets: its records, and how far its word goes."""

from __future__ import annotations

from dataclasses import dataclass

from consumer.audit.decision import Offsets
from consumer.audit.offsets import NONE, Run, within
from consumer.audit.partition_log import PartitionLog
from consumer.audit.rows import Records

_SILENCE = Records(NONE, [], [], [], [])


@dataclass(frozen=True)
class Testimony:
    """The records in [start, stop], where nothing else was ever delivered; silent when start > stop."""

    start: int
    stop: int
    records: Records

    def silent(self, offsets: Offsets) -> Offsets:
        """Those of `offsets` that Kafka says nothing about."""
        return offsets[(offsets < self.start) | (offsets > self.stop)]

    def heard(self, offsets: Offsets) -> Offsets:
        """Those of `offsets` that it speaks for."""
        return within(offsets, self.start, self.stop)

    def around(self, base: int, end: int) -> list[Run]:
        """The parts of [base, end] that it does not speak for."""
        if self.start > self.stop:
            return [(base, end)]
        return [(base, self.start - 1), (self.stop + 1, end)]


@dataclass(frozen=True)
class Witness:
    """A partition's log, read upwards; None where Kafka is not asked or holds another incarnation.

    `forgetful`: the topic is compacted, so that a record's absence proves nothing.
    """

    log: PartitionLog | None
    forgetful: bool = False

    def of(self, base: int, end: int) -> Testimony:
        """The testimony for [base, end]; ranges must be asked for in ascending order."""
        if self.log is None:
            return Testimony(end + 1, end, _SILENCE)
        records = self.log.take(end)
        start, stop = max(base, self.log.low), min(end, self.log.position - 1)
        return Testimony(start, stop, records) if start <= stop else Testimony(end + 1, end, _SILENCE)
