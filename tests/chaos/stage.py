"""What a run plays on: Kafka of one or two nodes (or the embedded broker), S3, a proxy, a small disk."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, ElectionType, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from producer.broker import EmbeddedBroker
from tests.chaos.plan import Plan
from tests.chaos.reader import FolderGlob, Glob, S3Glob
from tests.fault_proxy import Proxy, fault_proxy
from tests.s3_client import s3_client
from tests.servers import ACCESS_KEY, SECRET_KEY, KafkaServer, S3Server

_BUCKET = "lake"
_PATIENCE_SECONDS = 20.0
_DISK_BYTES = 64 * 1024**2
# Sessions of a second, so that a killed member is soon missed.
_PROPERTIES = {
    "group.min.session.timeout.ms": "1000",
    "group.consumer.min.session.timeout.ms": "1500",
    "group.consumer.session.timeout.ms": "1500",
    "group.consumer.heartbeat.interval.ms": "500",
    "group.consumer.min.heartbeat.interval.ms": "300",
}
_TWO_NODES = {"offsets.topic.replication.factor": "2", "transaction.state.log.replication.factor": "2"}
# Producers' clocks may be out by years, and records may have 1 MB and more.
_TOPIC = {
    "message.timestamp.after.max.ms": str(2**62),
    "retention.ms": "-1",
    "max.message.bytes": "4000000",
}


class Stage:
    """Servers in `folder`, for all rounds of a run."""

    def __init__(self, folder: Path, *, embedded: bool, nodes: int) -> None:
        self.folder, self.embedded, self.nodes = folder, embedded, nodes
        self.brokers: list[KafkaServer] = []
        self._mock: EmbeddedBroker | None = None
        self._s3 = S3Server(folder / "s3")
        self._stack = ExitStack()
        self.proxy: Proxy | None = None

    def __enter__(self) -> Stage:
        if not self.embedded:
            more = _PROPERTIES | (_TWO_NODES if self.nodes > 1 else {})
            for number in range(self.nodes):
                first = self.brokers[0] if self.brokers else None
                self.brokers.append(KafkaServer(self.folder / f"kafka-{number}", more, of=first))
                self.brokers[-1].start()
                self._stack.callback(self.brokers[-1].stop)
            self._s3.start()
            self._stack.callback(self._s3.stop)
            host = self._s3.address.removeprefix("http://")
            self.proxy = self._stack.enter_context(fault_proxy(host, remember=False))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        if self._mock is not None:
            self._mock.close()

    @property
    def bootstrap(self) -> str:
        """Every node's address."""
        if self._mock is not None:
            return self._mock.bootstrap
        return ",".join(broker.address for broker in self.brokers)

    def new_topics(self, topics: Mapping[str, int]) -> None:
        """Have exactly these topics, new and empty."""
        if self.embedded:
            if self._mock is not None:
                self._mock.close()
            self._mock = EmbeddedBroker(topics).__enter__()
            return
        self.brokers[0].replace_topics(topics, _TOPIC, copies=self.nodes)
        for broker in self.brokers[1:]:
            broker.wait_for_topics(topics)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """As retention does: drop what lies below offset `before`."""
        where = TopicPartition(topic, partition, before)
        # A new client: an old one holds on to the leader that a topic of this name had in a later epoch.
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        admin.delete_records([where])[where].result(_PATIENCE_SECONDS)

    def ends(self, group: str, topic: str, partition: int) -> tuple[int, int]:
        """What `group` has committed of a partition, and where Kafka's log of it ends."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group, "log_level": 0})
        try:
            where = TopicPartition(topic, partition)
            (committed,) = consumer.committed([where], timeout=20)
            _, high = consumer.get_watermark_offsets(where, timeout=20)
        finally:
            consumer.close()
        return max(committed.offset, 0), high

    def restart_broker(self) -> None:
        """A power cut of the first node, which is the controller too."""
        self.brokers[0].kill()
        self.brokers[0].start()

    def change_leaders(self) -> None:
        """End the second node, so that the first leads everything; bring it back, and have it lead again."""
        if self.nodes < 2:
            self.restart_broker()
            return
        self.brokers[1].kill()
        self.brokers[1].start()
        try:
            self.brokers[0].admin.elect_leaders(ElectionType.PREFERRED).result(20)
        except KafkaException:
            return  # it has not caught up yet: then it leads when Kafka itself moves them back

    def lake(self, plan: Plan, name: str) -> tuple[str, dict[str, Any], dict[str, Any], Glob]:
        """A new lake's address, the settings to reach it through the proxy and directly, and its reader."""
        if plan.store == "folder":
            folder = self.folder / name / "lake"
            folder.mkdir(parents=True)
            return str(folder), {}, {}, FolderGlob(folder)
        assert self.proxy is not None
        keys = {"s3_access_key_id": ACCESS_KEY, "s3_secret_access_key": SECRET_KEY}
        direct = {**keys, "s3_endpoint_url": self._s3.address}
        through = {**keys, "s3_endpoint_url": self.proxy.url}
        return f"s3://{_BUCKET}/{name}", through, direct, S3Glob(self._client(), _BUCKET, f"{name}/")

    def _client(self) -> Any:
        return s3_client(self._s3.address)

    def forget(self, name: str) -> None:
        """Remove the lake and the logs of a round that went well."""
        unmount(self.folder / name / "lake")
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.rmtree(self.folder / "s3" / "buckets" / _BUCKET / name, ignore_errors=True)


def mount_small_disk(folder: Path) -> bool:
    """Make `folder` a disk of its own of 64 MiB; False where this process may not mount."""
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={_DISK_BYTES}".encode()
    return libc.mount(b"chaos", str(folder).encode(), b"tmpfs", 0, options) == 0  # type: ignore[no-any-return]


def unmount(folder: Path) -> None:
    """Take the small disk away; harmless where there is none."""
    if os.path.ismount(folder):
        ctypes.CDLL(None).umount2(str(folder).encode(), 2)


def fill(path: Path) -> None:
    """Write `path` until the disk takes nothing more."""
    with path.open("ab", buffering=0) as file:
        for size in (1024**2, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
