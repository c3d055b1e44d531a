"""The sink against a real broker: every offset exactly once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from consumer.chain import Tail
from consumer.commit import Committer
from consumer.fence import parse_fence
from consumer.folder import FolderStore
from consumer.log import KafkaLog
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.tally import Tally
from contracts.errors import BackbeatError
from contracts.lake import Chain
from producer.broker import EmbeddedBroker

PARTITIONS = 3
BACKBEAT = [sys.executable, "-m", "backbeat"]
PLAY = {
    "event_id": "01939c5e-7d2b-7000-8000-000000000001",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T12:00:00.123Z",
    "source": "simulator",
    "track_id": "t",
    "track_title": "Title",
    "artist_name": "Artist",
}


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"plays": PARTITIONS}) as started:
        yield started


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def environment(broker: EmbeddedBroker, lake: object, **more: str) -> dict[str, str]:
    chosen = {"BACKBEAT_KAFKA_BOOTSTRAP": broker.bootstrap, "BACKBEAT_LAKE": str(lake)}
    quick = {"BACKBEAT_SINK_FLUSH_SECONDS": "0.3", "BACKBEAT_SINK_SESSION_SECONDS": "6"}
    return {**os.environ, **chosen, **quick, **more}


def settings(broker: EmbeddedBroker, lake: Path, **more: Any) -> SinkSettings:
    address = {"kafka_bootstrap": broker.bootstrap, "lake": str(lake)}
    return SinkSettings(_env_file=None, **address, **{"sink_flush_seconds": 0.3, **more})


def publish(broker: EmbeddedBroker, count: int, start: int = 0) -> None:
    """`count` plays over all partitions, told apart by play_id."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for number in range(start, start + count):
        value = json.dumps({**PLAY, "play_id": f"p{number}"}).encode()
        producer.produce("plays", value, key=b"sim-000001", partition=number % PARTITIONS)
    assert producer.flush(20) == 0


def sink(env: Mapping[str, str], *options: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    command = [*BACKBEAT, "sink", "--json", "--topic", "plays", *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, check=False)


def landed(process: subprocess.CompletedProcess[str]) -> dict[str, int]:
    assert process.returncode == 0, process.stderr
    counts: dict[str, int] = json.loads(process.stdout.splitlines()[-1])
    return counts


def rows(lake: Path) -> list[dict[str, Any]]:
    tables = [pq.ParquetFile(path).read() for path in sorted(lake.glob("bronze/**/*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


def committed(broker: EmbeddedBroker) -> int:
    """The offsets the group has committed, over all partitions."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "backbeat-sink", "log_level": 0})
    try:
        wanted = [TopicPartition("plays", partition) for partition in range(PARTITIONS)]
        return sum(max(found.offset, 0) for found in consumer.committed(wanted, timeout=10))
    finally:
        consumer.close()


def wait_for_commits(broker: EmbeddedBroker, count: int) -> None:
    give_up = time.monotonic() + 60
    while (found := committed(broker)) < count:
        assert time.monotonic() < give_up, f"{found} of {count} offsets committed"


def assert_exactly_once(lake: Path, count: int) -> None:
    """Every offset of `count` round-robin plays is there once, holding what was published at it."""
    found = rows(lake)
    places = Counter((row["_partition"], row["_offset"]) for row in found)
    assert set(places.values()) <= {1}
    assert set(places) == {(n % PARTITIONS, n // PARTITIONS) for n in range(count)}
    for row in found:
        assert json.loads(row["payload"])["play_id"] == f"p{row['_offset'] * PARTITIONS + row['_partition']}"
    ends = Counter[str]()
    for path in sorted(lake.glob("_sink/backbeat-sink/**/*.json")):  # fences tile, and each has its object
        fence = parse_fence(path.name, path.read_bytes())
        assert fence.base == ends[str(path.parent)]
        assert (lake / fence.data_key).is_file()
        ends[str(path.parent)] = fence.end + 1


def test_every_offset_lands_once_and_a_second_run_adds_nothing(broker: EmbeddedBroker, lake: Path) -> None:
    publish(broker, 1_000)
    env = environment(broker, lake)
    first = landed(sink(env, "--until-end"))
    assert first["rows"] == 1_000
    assert first["malformed"] == 0
    assert first["objects"] >= PARTITIONS
    assert first["bytes"] == sum(path.stat().st_size for path in lake.glob("bronze/**/*.parquet"))
    assert_exactly_once(lake, 1_000)
    assert committed(broker) == 1_000
    assert landed(sink(env, "--until-end")) == {"rows": 0, "objects": 0, "bytes": 0, "malformed": 0}
    publish(broker, 10, start=999 + 1)
    assert landed(sink(env, "--until-end"))["rows"] == 10
    assert_exactly_once(lake, 1_010)


def test_poison_is_kept_and_stops_nothing(broker: EmbeddedBroker, lake: Path) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    poison = [b"{", b"\xff\xfe", b"", None, b"[]", b"9" * 5_000, b'{"a":' * 500]
    for value in poison:
        producer.produce("plays", value, partition=0)
    refusal = [("backbeat-rejected", b"import_bad_time: row 7")]
    producer.produce("plays", json.dumps(PLAY).encode(), partition=0, headers=refusal)
    producer.produce("plays", json.dumps({**PLAY, "play_id": "p"}).encode(), partition=0)
    assert producer.flush(20) == 0
    counts = landed(sink(environment(broker, lake), "--until-end"))
    assert (counts["rows"], counts["malformed"]) == (len(poison) + 2, len(poison) + 1)
    codes = [row["error"] and row["error"].split(":")[0] for row in rows(lake)]
    assert codes[:5] == ["not_json", "not_utf8", "empty_payload", "empty_payload", "not_an_object"]
    assert codes[5:] == ["not_json", "not_json", "import_bad_time", None]


@pytest.mark.parametrize("step", ["before-fence", "before-data", "before-commit"])
def test_killed_at_any_step_it_still_lands_once(broker: EmbeddedBroker, lake: Path, step: str) -> None:
    publish(broker, 300)
    env = environment(broker, lake)
    killed = subprocess.run(
        [sys.executable, Path(__file__).with_name("dying_sink.py"), step],
        env={**env, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert committed(broker) == 0
    publish(broker, 30, start=300)
    assert sink(env, "--until-end").returncode == 0
    assert_exactly_once(lake, 330)
    assert committed(broker) == 330


def test_two_sinks_share_the_partitions_and_leave_cleanly(broker: EmbeddedBroker, lake: Path) -> None:
    env = environment(broker, lake)
    command = [*BACKBEAT, "sink", "--json", "--topic", "plays"]
    members = []
    try:
        for part in range(3):
            if part < 2:  # the second joins while the first is at work
                members.append(subprocess.Popen(command, env=env, stdout=-1, stderr=-1, text=True))
            publish(broker, 300, start=300 * part)
            wait_for_commits(broker, 300 * (part + 1))
        publish(broker, 90, start=900)
        members[0].terminate()  # one leaves in the middle
        first, errors = members[0].communicate(timeout=60)
        assert members[0].returncode == 0, errors
        wait_for_commits(broker, 990)
        members[1].terminate()
        second, errors = members[1].communicate(timeout=60)
        assert members[1].returncode == 0, errors
    finally:
        for member in members:
            member.kill()
            member.communicate()
    counts = [json.loads(output.splitlines()[-1])["rows"] for output in (first, second)]
    assert sum(counts) == 990
    assert_exactly_once(lake, 990)


class Watching(Progress):
    """Says when `rows` were still to land at two looks in a row: then they have been received."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.received = Event()
        self._rows, self._looks = rows, 0

    def due(self) -> bool:
        return True

    def show(self, tally: Tally, lag: int) -> None:
        self._looks += lag == self._rows
        if self._looks >= 2:
            self.received.set()


def test_told_to_stop_it_lands_and_commits_what_it_has(broker: EmbeddedBroker, lake: Path) -> None:
    publish(broker, 300)
    chosen = settings(broker, lake, sink_flush_seconds=600.0)
    progress, stop, tallies = Watching(300), Event(), list[Tally]()
    runner = Sink(chosen, FolderStore(lake), progress, ["plays"])
    thread = Thread(target=lambda: tallies.append(runner.run(stop)))
    thread.start()
    try:
        assert progress.received.wait(60)
        assert rows(lake) == []
    finally:
        stop.set()
        thread.join(60)
    assert tallies[0].rows == 300
    assert committed(broker) == 300
    assert_exactly_once(lake, 300)


class Overtaken(FolderStore):
    """A store in which another owner, who saw fewer rows, always wins the first fence of a partition."""

    def __init__(self, root: Path, rival: KafkaLog, *, dies: bool) -> None:
        super().__init__(root)
        self._rival, self._dies = rival, dies
        self._fooled: set[str] = set()

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if key.startswith("_sink/") and key.endswith(f"{0:020d}.json") and key not in self._fooled:
            self._fooled.add(key)
            _, sink, cluster, topic, topic_id, number, _ = key.split("/")
            chain = Chain(sink, cluster, topic, topic_id, int(number))
            shorter = self._rival.read(topic, chain.partition, 0, 20)
            if self._dies:
                rival = FolderStore(self._root)
                rival.create(key, parse_fence(key, body).model_copy(update=fields_of(shorter, chain)).body())
            else:
                Committer(FolderStore(self._root), "rival").land(chain, Tail(), shorter)
        return super().create(key, body, metadata)


def fields_of(batch: Any, chain: Chain) -> dict[str, Any]:
    """What a fence over `batch` says of it."""
    return {
        "end": batch.end,
        "last": batch.offsets[-1],
        "count": len(batch),
        "content_hash": batch.content_hash(),
    }


@pytest.mark.parametrize("dies", [False, True])
def test_overtaken_it_goes_on_behind_the_winner(broker: EmbeddedBroker, lake: Path, *, dies: bool) -> None:
    publish(broker, 300)
    chosen = settings(broker, lake)
    store = Overtaken(lake, KafkaLog(chosen), dies=dies)
    tally = Sink(chosen, store, Progress(), ["plays"]).run(Event(), until_end=True)
    assert tally.rows == (300 if dies else 300 - PARTITIONS * 21)
    assert_exactly_once(lake, 300)
    assert committed(broker) == 300


def test_dropped_records_are_an_error_on_the_embedded_broker(broker: EmbeddedBroker, lake: Path) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0, "batch.size": 100_000})
    for _ in range(100):
        producer.produce("plays", os.urandom(90_000), partition=0)
        producer.poll(0)
    assert producer.flush(20) == 0
    with pytest.raises(BackbeatError, match=r"plays/0 lost the offsets 0 to .* its producer outran it"):
        Sink(settings(broker, lake), FolderStore(lake), Progress(), ["plays"]).run(Event(), until_end=True)
    assert rows(lake) == []
    assert committed(broker) == 0


def one_line(process: subprocess.CompletedProcess[str]) -> str:
    """The only line a failed sink wrote."""
    assert process.returncode == 1, (process.stdout, process.stderr)
    assert process.stdout == ""
    (line,) = process.stderr.splitlines()
    return line


def test_a_broker_that_is_not_there_is_one_line(broker: EmbeddedBroker, lake: Path) -> None:
    env = environment(broker, lake, BACKBEAT_KAFKA_BOOTSTRAP="127.0.0.1:1", BACKBEAT_SINK_KAFKA_SECONDS="2")
    assert "Kafka at 127.0.0.1:1 (BACKBEAT_KAFKA_BOOTSTRAP) does not serve" in one_line(sink(env))
    assert "BACKBEAT_KAFKA_BOOTSTRAP is empty" in one_line(sink({**env, "BACKBEAT_KAFKA_BOOTSTRAP": ""}))


def test_a_topic_that_is_not_there_is_one_line(broker: EmbeddedBroker, lake: Path) -> None:
    env = environment(broker, lake)
    assert "has no topic likes: create it first" in one_line(sink(env, "--topic", "likes"))
    assert "--topic songs: the contract has" in one_line(sink(env, "--topic", "songs"))


def test_a_broker_that_goes_away_ends_the_sink(broker: EmbeddedBroker, lake: Path) -> None:
    publish(broker, 30)
    env = environment(broker, lake, BACKBEAT_SINK_KAFKA_SECONDS="2")
    command = [*BACKBEAT, "sink", "--topic", "plays"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for_commits(broker, 30)
            broker.close()
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1
    assert "does not serve" in errors.splitlines()[-1]
    assert_exactly_once(lake, 30)


def test_a_lake_that_breaks_ends_the_sink_without_a_commit(broker: EmbeddedBroker, lake: Path) -> None:
    publish(broker, 30)

    class Full(FolderStore):
        def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
            raise BackbeatError(f"{key}: No space left on device (BACKBEAT_LAKE={lake})")

    with pytest.raises(BackbeatError, match="No space left on device"):
        Sink(settings(broker, lake), Full(lake), Progress(), ["plays"]).run(Event())
    assert committed(broker) == 0
    assert list(lake.glob("**/*.json")) == []
