"""Where things lie in the lake: the one place that spells a key.

Keys are relative to the lake's root (a folder or `s3://bucket/prefix`) and use `/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from urllib.parse import quote

BRONZE = "bronze"
LANDING = "landing"
INBOX = f"{LANDING}/inbox"
FENCES = "_sink"
RECEIPTS = "_imports"
COMPACTED = "compacted"
MANIFESTS = "_compacted"
ARCHIVE = "archive"
CURATED = "curated"
DEPARTURES = "_archived"
KEPT = "_kept"
PULLS = "_pulls"
# File systems have names of 255 bytes at most.
_LONGEST_PART = 100


@dataclass(frozen=True, order=True)
class Line:
    """All partitions of one incarnation of a topic, as one sink lands them."""

    topic: str
    sink: str
    cluster_id: str
    topic_id: str

    @property
    def mark(self) -> str:
        """Twelve hex digits that stand for (sink, cluster, topic id) in a compacted key."""
        return sha256(f"{self.sink}/{self.cluster_id}/{self.topic_id}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Chain:
    """One Kafka partition of one incarnation of a topic, as one sink lands it.

    `cluster_id` and `topic_id` tell a re-created topic or another cluster from this one: offsets
    begin again at 0 there, and must never be mistaken for these.
    """

    sink: str
    cluster_id: str
    topic: str
    topic_id: str
    partition: int

    @property
    def line(self) -> Line:
        """What this chain and those of the other partitions are together."""
        return Line(self.topic, self.sink, self.cluster_id, self.topic_id)

    @property
    def incarnation(self) -> str:
        """Eight hex digits that stand for (cluster, topic id) in a data key."""
        return sha256(f"{self.cluster_id}/{self.topic_id}".encode()).hexdigest()[:8]

    @property
    def fence_prefix(self) -> str:
        """The flat prefix that holds this chain's fences, in offset order."""
        identity = f"{self.sink}/{self.cluster_id}/{self.topic}/{self.topic_id}"
        return f"{FENCES}/{identity}/{self.partition:05d}/"

    def fence_key(self, base: int) -> str:
        """The fence that decides what begins at offset `base`."""
        return f"{self.fence_prefix}{base:020d}.json"

    def data_key(self, base: int, hour: datetime) -> str:
        """The object that holds the rows from offset `base`, under the hour (UTC) they landed in."""
        name = f"{self.topic}+{self.partition:05d}+{base:020d}+{self.incarnation}.parquet"
        return f"{hour_prefix(self.topic, hour)}{name}"


@dataclass(frozen=True, order=True)
class Slot:
    """The place of one manifest: the `number`th of an hour (UTC) of a line.

    An hour has as many as it takes: 0 for what was there when it was closed, 1 for what came late.
    """

    line: Line
    hour: datetime
    number: int

    @property
    def manifest_key(self) -> str:
        """Where the one manifest lies that decides this slot."""
        return f"{MANIFESTS}/{self._path}.json"

    def compacted_key(self, attempt: str, part: int) -> str:
        """The `part`th object that the compactor `attempt` writes for this slot."""
        topic = self.line.topic
        name = f"{topic}+{self.line.mark}+{self.number:05d}+{attempt}+{part:05d}.parquet"
        return f"{COMPACTED}/{_hour_folder(topic, self.hour)}{name}"

    def departure_key(self, attempt: str) -> str:
        """Where the archiver `attempt` writes down which of this slot's objects leave bronze."""
        return f"{DEPARTURES}/{self._path}+{attempt}.json"

    @property
    def _path(self) -> str:
        line = f"{self.line.sink}/{self.line.cluster_id}/{self.line.topic_id}"
        return f"{self.line.topic}/{self.hour:%Y-%m-%dT%H}/{line}/{self.number:05d}"


def hour_prefix(topic: str, hour: datetime) -> str:
    """The bronze folder of `topic` for one hour (UTC)."""
    return f"{BRONZE}/{_hour_folder(topic, hour)}"


def archived_key(key: str) -> str:
    """Where the object at the bronze key `key` lies once it has aged."""
    return f"{ARCHIVE}/{key}"


def _hour_folder(topic: str, hour: datetime) -> str:
    return f"{topic}/year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}/"


def landing_key(kind: str, digest: str, suffix: str) -> str:
    """A dropped reference file, named by its SHA-256 so that a second drop is the same file."""
    return f"{LANDING}/{kind}/{digest}.{suffix}"


def kept_key(zone: str, digest: str, suffix: str, day: datetime) -> str:
    """Where a file from the inbox is archived, by the SHA-256 of its bytes; `zone` is landing or refused."""
    return f"{ARCHIVE}/{zone}/year={day:%Y}/month={day:%m}/day={day:%d}/{digest}{suffix}"


def entry_key(zone: str, digest: str) -> str:
    """The manifest entry of a file with this SHA-256: written before the file is moved."""
    return f"{KEPT}/{zone}/{digest}.json"


def expired_key(zone: str, digest: str) -> str:
    """What says that an archived file was let go by policy: written before it is removed."""
    return f"{KEPT}/{zone}/{digest}.expired"


def receipt_key(digest: str) -> str:
    """What an import wrote down when it had finished a file with this SHA-256."""
    return f"{RECEIPTS}/{digest}.json"


def pulls_prefix(platform: str, account: str) -> str:
    """What lies below is what has been pulled of one account of a platform's API."""
    return f"{PULLS}/{platform}/{key_part(account)}/"


def told_key(prefix: str, kind: str, period: str, number: int, content: str) -> str:
    """The `number`th telling of a period (a day, a campaign), by the sixteen hex digits of its rows; `prefix`
    is that of its account's pulls."""
    return f"{prefix}told/{kind}/{key_part(period)}/{number:05d}+{content}.json"


def reached_key(prefix: str, day: date) -> str:
    """That everything of an account up to `day` has been pulled."""
    return f"{prefix}reached/{day:%Y-%m-%d}.json"


def key_part(text: str) -> str:
    """One part of a key, whatever somebody else calls the thing: never another folder, nor too long."""
    part = quote(text, safe="", errors="replace").replace(".", "%2E") or "%"
    return part if len(part) <= _LONGEST_PART else sha256(text.encode(errors="replace")).hexdigest()
