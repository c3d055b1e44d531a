"""`backbeat poll spotify` from a Spotify of our own into Kafka and the lake."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer
from typer.testing import CliRunner, Result

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker
from producer.commands import app
from tests.spotify_server import (
    SpotifyServer,
    logged_in,
    played,
    playing,
    settings_for,
    spotify_server,
    track,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SpotifyServer]:
    """A Spotify with three plays, logged in at; the settings of a run in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    with spotify_server() as running:
        settings = settings_for(running, tmp_path)
        logged_in(settings, lambda: datetime.now(UTC))
        environment = {
            "PYTHONPATH": str(ROOT),
            "BACKBEAT_LAKE": str(tmp_path / "lake"),
            "BACKBEAT_KAFKA_BOOTSTRAP": "",
            "BACKBEAT_BROKER_PARTITIONS": "2",
            "BACKBEAT_PSEUDONYM_KEY": "a key of the tests",
            "BACKBEAT_SPOTIFY_API_URL": running.url,
            "BACKBEAT_SPOTIFY_ACCOUNTS_URL": running.url,
            "BACKBEAT_SPOTIFY_TOKEN_FILE": str(settings.spotify_token_file),
            "BACKBEAT_SPOTIFY_CURSOR_FILE": str(settings.spotify_cursor_file),
            "BACKBEAT_SPOTIFY_INTERVAL_S": "0.05",
            "BACKBEAT_SPOTIFY_NOW_S": "0.05",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        running.history = [played(5), played(10), played(15)]
        yield running


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["poll", "spotify", *arguments], catch_exceptions=False)


def counts(result: Result) -> dict[str, int]:
    assert result.exit_code == 0, result.output
    told: dict[str, int] = json.loads(result.stdout.splitlines()[-1])
    return told


def records(bootstrap: str, expected: int) -> list[tuple[str, bytes, bytes]]:
    """Topic, key and value of every record."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "t", "auto.offset.reset": "earliest"})
    consumer.subscribe(list(TOPICS))
    found: list[tuple[str, bytes, bytes]] = []
    until = time.monotonic() + 30
    while len(found) < expected and time.monotonic() < until:
        found += [(m.topic(), m.key(), m.value()) for m in consumer.consume(1_000, 0.2)]
    consumer.close()
    return found


def test_what_was_played_is_in_kafka_once_and_what_plays_until_it_is_stopped(
    server: SpotifyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedBroker(dict.fromkeys(TOPICS, 2)) as broker:
        monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", broker.bootstrap)
        first = counts(run("--once", "--json"))
        assert (first["plays"], first["looks"], first["rejected"]) == (3, 1, 0)
        server.history.append(played(20))
        server.now = playing(track("Orchard"), 1_000)

        def stop_when_seen() -> None:
            with server.looked:
                server.looked.wait_for(lambda: len(server.requests) >= 12, 30)
            os.kill(os.getpid(), signal.SIGTERM)

        stopper = threading.Thread(target=stop_when_seen)
        stopper.start()
        second = counts(run("--json"))
        stopper.join()
        assert (second["plays"], second["playback_started"]) == (1, 1)
        assert second["looks"] > 1
        found = records(broker.bootstrap, 5)
    assert sorted(topic for topic, _, _ in found) == ["playback_started", *["plays"] * 4]
    for topic, key, value in found:
        event = TOPICS[topic].model_validate_json(value)
        assert (key, event.source) == (event.user_id.encode(), "poll.spotify")


def test_without_a_kafka_plays_have_landed_before_the_cursor_moves(
    server: SpotifyServer, tmp_path: Path
) -> None:
    assert counts(run("--once", "--json"))["plays"] == 3
    files = list((tmp_path / "lake" / "bronze" / "plays").rglob("*.parquet"))
    tables = [pq.ParquetFile(path).read(columns=["event_id", "error"]) for path in files]
    landed = [event_id for table in tables for event_id in table["event_id"].to_pylist()]
    assert sorted(landed) == sorted(json.loads((tmp_path / "cursor.json").read_text())["published"])
    assert all(table["error"].null_count == table.num_rows for table in tables)


def test_a_kafka_that_is_not_there_leaves_the_cursor(
    server: SpotifyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("BACKBEAT_CONNECT_TIMEOUT_S", "1")
    with pytest.raises(BackbeatError, match=r"127\.0\.0\.1:9"):
        run("--once")
    assert not (tmp_path / "cursor.json").exists()
