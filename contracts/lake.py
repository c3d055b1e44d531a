"""Where things lie in the lake: the one place that spells a key.

Keys are relative to the lake's root (a folder or `s3://bucket/prefix`) and use `/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

BRONZE = "bronze"
LANDING = "landing"
FENCES = "_sink"
RECEIPTS = "_imports"


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


def hour_prefix(topic: str, hour: datetime) -> str:
    """The bronze folder of `topic` for one hour (UTC)."""
    return f"{BRONZE}/{topic}/year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}/"


def landing_key(kind: str, digest: str, suffix: str) -> str:
    """A dropped reference file, named by its SHA-256 so that a second drop is the same file."""
    return f"{LANDING}/{kind}/{digest}.{suffix}"


def receipt_key(digest: str) -> str:
    """What an import wrote down when it had finished a file with this SHA-256."""
    return f"{RECEIPTS}/{digest}.json"
