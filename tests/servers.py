"""The servers of the real tier, as infra/ starts and stops them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    NewPartitions,
    NewTopic,
)

from contracts.events import TOPICS

_INFRA = Path(__file__).parent.parent / "infra"
ACCESS_KEY, SECRET_KEY = "key", "secret"
_KEYS = {"BACKBEAT_S3_ACCESS_KEY_ID": ACCESS_KEY, "BACKBEAT_S3_SECRET_ACCESS_KEY": SECRET_KEY}


def run(script: str, *arguments: str) -> str:
    """What infra/`script` prints; RuntimeError with its one line when it fails."""
    command = [str(_INFRA / script), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **_KEYS}, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"{script} ended with {done.returncode}")
    return done.stdout.strip()


class Server:
    """A server whose state is in `folder`; starting it again there goes on with that state."""

    script: str

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = ""

    def start(self) -> None:
        """Start it unless it runs; `address` is where it answers."""
        self.address = run(self.script, "start", str(self._folder))

    def stop(self) -> None:
        """Ask it to end, and wait."""
        run(self.script, "stop", str(self._folder))

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(int((self._folder / "pid").read_text()), signal.SIGKILL)


class S3Server(Server):
    script = "s3.sh"


class PostgresServer(Server):
    """Its `address` is the superuser's connection URI."""

    script = "postgres.sh"


class KafkaServer(Server):
    """A broker; `of` makes it a second one of that cluster. `properties` count from its first start on."""

    script = "kafka.sh"

    def __init__(
        self, folder: Path, properties: Mapping[str, str] | None = None, of: KafkaServer | None = None
    ) -> None:
        super().__init__(folder)
        self._of = of
        if properties:
            folder.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{name}={value}\n" for name, value in properties.items())
            (folder / "more.properties").write_text(lines)

    def start(self) -> None:
        """Start it unless it runs; `address` is where it answers."""
        join = ["", str(self._of._folder)] if self._of else []
        self.address = run(self.script, "start", str(self._folder), *join)

    @cached_property
    def admin(self) -> AdminClient:
        """One for all calls: an answer is never given once its client is gone."""
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def replace_topics(
        self, partitions: Mapping[str, int], config: Mapping[str, str] | None = None, copies: int = 1
    ) -> None:
        """Of the contract's topics have exactly these, new and empty, with `copies` of each partition."""
        admin = self.admin
        self.delete_topics(TOPICS)
        more = dict(config or {})
        wanted = [NewTopic(name, count, copies, config=more) for name, count in partitions.items()]
        for created in admin.create_topics(wanted).values() if wanted else ():
            created.result(20)
        self.wait_for_topics(partitions)

    def wait_for_topics(self, partitions: Mapping[str, int]) -> None:
        """Until this very broker serves them: a new client asks the one it is told of first."""
        give_up = time.monotonic() + 20
        while not _served(AdminClient({"bootstrap.servers": self.address, "log_level": 0}), partitions):
            assert time.monotonic() < give_up, f"no leader yet for {partitions}"

    def delete_topics(self, names: Collection[str]) -> None:
        """Delete those of `names` that exist, and wait until they are gone."""
        admin = self.admin
        there = sorted(set(names) & admin.list_topics(timeout=20).topics.keys())
        for deleted in admin.delete_topics(there).values() if there else ():
            deleted.result(20)
        give_up = time.monotonic() + 20
        while set(there) & admin.list_topics(timeout=20).topics.keys():
            assert time.monotonic() < give_up, f"{there} are still there"

    def add_partitions(self, topic: str, total: int) -> None:
        """Have `total` partitions in `topic`."""
        self.admin.create_partitions([NewPartitions(topic, total)])[topic].result(20)

    def known_properties(self) -> set[str]:
        """The names of all that a broker can be told."""
        (asked,) = self.admin.describe_configs([ConfigResource(ConfigResource.Type.BROKER, "1")]).values()
        return set(asked.result(20))

    def topic_id(self, topic: str) -> str:
        answers = self.admin.describe_topics(TopicCollection([topic]))
        return str(answers[topic].result(20).topic_id)


def _served(admin: AdminClient, partitions: Mapping[str, int]) -> bool:
    try:
        found = admin.list_topics(timeout=20).topics
    except KafkaException:
        return False
    return all(
        name in found and [p.leader >= 0 for p in found[name].partitions.values()] == [True] * count
        for name, count in partitions.items()
    )
