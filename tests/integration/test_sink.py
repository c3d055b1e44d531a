"""The sink against a real broker: every offset exactly once, whatever happens on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from consumer.chain import Tail
from consumer.commit import Committer
from consumer.draft import Draft
from consumer.fence import parse_fence
from consumer.folder import FolderStore
from consumer.log import KafkaLog
from consumer.progress import Progress
from consumer.sink import Sink
from consumer.tally import Tally
from contracts.lake import Chain
from tests.sink_harness import (
    BACKBEAT,
    PARTITIONS,
    assert_exactly_once,
    committed,
    environment,
    landed,
    publish,
    rows,
    settings,
    sink,
    wait_for_commits,
)
from tests.tiers import Tier


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def test_every_offset_lands_once_and_a_second_run_adds_nothing(broker: Tier, lake: Path) -> None:
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


@pytest.mark.parametrize("step", ["before-fence", "before-data", "before-commit"])
def test_killed_at_any_step_it_still_lands_once(broker: Tier, lake: Path, step: str) -> None:
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


def test_two_sinks_share_the_partitions_and_leave_cleanly(broker: Tier, lake: Path) -> None:
    env = environment(broker, lake)
    command = [*BACKBEAT, "sink", "--json", "--topic", "plays"]
    members = []
    try:
        for part in range(3):
            if part < 2:  # the second joins while the first is at work
                members.append(subprocess.Popen(command, env=env, stdout=-1, stderr=-1, text=True))
                assert members[-1].stderr is not None
                assert "sink_started" in members[-1].stderr.readline()  # it follows Kafka, and heeds signals
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

    def landed(self, tally: Tally, lag: int) -> None:
        self._looks += lag == self._rows
        if self._looks >= 2:
            self.received.set()


def test_told_to_stop_it_lands_and_commits_what_it_has(broker: Tier, lake: Path) -> None:
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
                rival.create(key, parse_fence(key, body).model_copy(update=fields_of(shorter)).body())
            else:
                Committer(FolderStore(self._root), "rival").land(chain, Tail(), shorter)
        return super().create(key, body, metadata)


def fields_of(draft: Draft) -> dict[str, Any]:
    """What a fence over `draft` says of it."""
    return {
        "end": draft.end,
        "last": draft.last,
        "count": len(draft),
        "content_hash": draft.content_hash(),
    }


@pytest.mark.parametrize("dies", [False, True])
def test_overtaken_it_goes_on_behind_the_winner(broker: Tier, lake: Path, *, dies: bool) -> None:
    publish(broker, 300)
    chosen = settings(broker, lake)
    store = Overtaken(lake, KafkaLog(chosen), dies=dies)
    tally = Sink(chosen, store, Progress(), ["plays"]).run(Event(), until_end=True)
    assert tally.rows == (300 if dies else 300 - PARTITIONS * 21)
    assert_exactly_once(lake, 300)
    assert committed(broker) == 300


def test_a_commit_for_a_topic_of_the_same_name_that_is_gone_is_taken_back(broker: Tier, lake: Path) -> None:
    """It came when the new topic was there already; nothing has been landed of that partition yet."""
    publish(broker, 1)
    group = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": broker.sink_name, "log_level": 0})
    group.commit(offsets=[TopicPartition("plays", 1, 1332, "base=1166")], asynchronous=False)
    landed(sink(environment(broker, lake), "--until-end"))
    told = group.committed([TopicPartition("plays", number) for number in range(2)], timeout=20)
    group.close()
    assert [each.offset for each in told] == [1, 0]
