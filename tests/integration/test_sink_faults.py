"""What a sink says and leaves behind when events, Kafka or the lake are broken."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import pytest
from confluent_kafka import Producer

from consumer.folder import FolderStore
from consumer.progress import Progress
from consumer.sink import Sink
from contracts.errors import BackbeatError
from tests.sink_harness import (
    BACKBEAT,
    PLAY,
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


def test_poison_is_kept_and_stops_nothing(broker: Tier, lake: Path) -> None:
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


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_dropped_records_are_an_error_on_the_embedded_broker(broker: Tier, lake: Path) -> None:
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


def test_a_broker_that_is_not_there_is_one_line(broker: Tier, lake: Path) -> None:
    env = environment(broker, lake, BACKBEAT_KAFKA_BOOTSTRAP="127.0.0.1:1", BACKBEAT_SINK_KAFKA_SECONDS="2")
    assert "Kafka at 127.0.0.1:1 (BACKBEAT_KAFKA_BOOTSTRAP) does not serve" in one_line(sink(env))
    assert "BACKBEAT_KAFKA_BOOTSTRAP is empty" in one_line(sink({**env, "BACKBEAT_KAFKA_BOOTSTRAP": ""}))


def test_a_topic_that_is_not_there_is_one_line(broker: Tier, lake: Path) -> None:
    env = environment(broker, lake)
    assert "has no topic likes: create it first" in one_line(sink(env, "--topic", "likes"))
    assert "--topic songs: the contract has" in one_line(sink(env, "--topic", "songs"))


def test_a_broker_that_goes_away_ends_the_sink(broker: Tier, lake: Path) -> None:
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


def test_a_lake_that_breaks_ends_the_sink_without_a_commit(broker: Tier, lake: Path) -> None:
    publish(broker, 30)

    class Full(FolderStore):
        def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
            raise BackbeatError(f"{key}: No space left on device (BACKBEAT_LAKE={lake})")

    with pytest.raises(BackbeatError, match="No space left on device"):
        Sink(settings(broker, lake), Full(lake), Progress(), ["plays"]).run(Event())
    assert committed(broker) == 0
    assert list(lake.glob("**/*.json")) == []
