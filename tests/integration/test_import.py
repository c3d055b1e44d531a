"""Imports through a real broker: what is printed is what Kafka, and then the lake, hold."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer
from typer.testing import CliRunner, Result

from consumer.store import store_for
from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker
from producer.commands import app
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.formats import FORMATS
from producer.importers.pseudonym import Pseudonyms
from producer.publisher import Publisher
from producer.settings import KafkaSettings
from tests.exports import EXPORTS

DATA = Path(__file__).parents[1] / "data"
ROOT = Path(__file__).parents[2]
Read = tuple[str, bytes | None, bytes, bool]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lake = tmp_path / "lake"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("BACKBEAT_LAKE", str(lake))
    monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", "")
    monkeypatch.setenv("BACKBEAT_BROKER_PARTITIONS", "2")
    monkeypatch.setenv("BACKBEAT_PSEUDONYM_KEY", "a key of the tests")
    return lake


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(dict.fromkeys(TOPICS, 2)) as embedded:
        yield embedded


def read(bootstrap: str, expected: int) -> list[Read]:
    """Topic, key, value and whether it is a refusal, of every record."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "t", "auto.offset.reset": "earliest"})
    consumer.subscribe(list(TOPICS))
    found: list[Read] = []
    until = time.monotonic() + 30
    while len(found) < expected and time.monotonic() < until:
        batch = consumer.consume(1_000, 0.2)
        found += [(m.topic(), m.key(), m.value(), m.headers() is not None) for m in batch]
    consumer.close()
    return found


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        app, ["import", *map(str, arguments)], obj={"store_for": store_for}, catch_exceptions=False
    )


def last_line(result: Result) -> dict[str, int]:
    assert result.exit_code == 0
    told: dict[str, int] = json.loads(result.stdout.splitlines()[-1])
    return told


def landed(lake: Path) -> Counter[tuple[str, bool]]:
    """Rows in the lake by topic and whether they were refused."""
    found: Counter[tuple[str, bool]] = Counter()
    for path in lake.glob("bronze/*/*/*/*/*/*.parquet"):
        table = pq.ParquetFile(path).read(columns=["_topic", "error"])
        rows = zip(table["_topic"].to_pylist(), table["error"].to_pylist(), strict=True)
        found.update((topic, error is not None) for topic, error in rows)
    return found


def test_what_is_reported_is_what_kafka_holds(broker: EmbeddedBroker, tmp_path: Path) -> None:
    files, _ = find([DATA / "podcast_takehome", DATA / "koito"])
    context = Context(Pseudonyms(b"key"), datetime(2026, 11, 21, tzinfo=UTC))
    batch = Batch(files, store_for(str(tmp_path / "lake")), context)
    settings = KafkaSettings(_env_file=None, kafka_bootstrap=broker.bootstrap)  # type: ignore[call-arg]
    with Publisher(settings) as publisher:
        batch.publish(publisher)
        publisher.flush()
    records = read(broker.bootstrap, 5_139)
    assert Counter((topic, refused) for topic, _, _, refused in records) == {
        ("plays", False): 39,
        ("auth_events", False): 100,
        ("podcast_events", False): 4_860,
        ("podcast_events", True): 140,
    }
    for topic, key, value, refused in records:
        if not refused:
            assert key == TOPICS[topic].model_validate_json(value).user_id.encode()


def test_the_command_lands_every_row_once(lake: Path) -> None:
    first = last_line(run(DATA / "podcast_takehome", DATA / "koito", "--json"))
    assert (first["rows_in"], first["accepted"], first["rejected"]) == (5_189, 5_049, 140)
    rows = landed(lake)
    assert rows == {
        ("plays", False): 39,
        ("auth_events", False): 100,
        ("podcast_events", False): 4_860,
        ("podcast_events", True): 140,
    }
    second = last_line(run(DATA / "koito", "--json"))
    assert (second["rows_in"], second["accepted"], second["rejected"]) == (0, 0, 0)
    assert "already imported" in run(DATA / "koito").stdout
    assert landed(lake) == rows


def test_a_file_of_no_kind_stops_before_anything_is_started(lake: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown"
    unknown.write_bytes(b"any text")
    with pytest.raises(BackbeatError, match="of no kind that can be imported"):
        run(DATA / "koito", unknown)
    with pytest.raises(BackbeatError, match="--timezone Nowhere: no such zone"):
        run(DATA / "koito", "--timezone", "Nowhere")
    assert landed(lake) == {}
    assert not (lake / "_imports").exists()


def test_every_format_lands_and_what_an_archive_repeats_adds_nothing(lake: Path, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for kind, text in EXPORTS.items():
        (drop / kind).write_text(text, encoding="utf-8", newline="")
    first = last_line(run(drop, "--json"))
    rows = landed(lake)
    unsent = 2  # an episode of the catalogue and a request: they are for landing/
    assert rows.total() == first["rows_in"] - unsent
    assert sum(count for (_, refused), count in rows.items() if refused) == first["rejected"]
    with ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(drop / "listenbrainz", "listens/2024/3.jsonl")
        archive.writestr("user.json", "{}")
    told = run(tmp_path / "export.zip")
    assert "already imported" in told.stdout
    assert landed(lake) == rows


def test_the_help_names_every_format() -> None:
    told = " ".join(run("--help").stdout.replace("│", " ").split())
    for known in FORMATS:
        assert known.title in told


def test_a_kafka_that_is_not_there_leaves_no_receipt(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("BACKBEAT_CONNECT_TIMEOUT_S", "1")
    with pytest.raises(BackbeatError, match=r"127\.0\.0\.1:9"):
        run(DATA / "koito")
    assert not (lake / "_imports").exists()
