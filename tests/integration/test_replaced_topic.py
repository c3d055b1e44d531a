"""A topic that is not, or no longer whole, the one whose rows are in the lake, though its ids say so."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

import consumer.sink
from consumer.fence import parse_fence
from consumer.folder import FolderStore
from consumer.identity import Identity, Incarnations
from consumer.progress import Progress
from consumer.sink import Sink
from consumer.tally import Tally
from contracts.errors import BackbeatError
from producer.broker import EmbeddedBroker
from producer.librdkafka import load
from tests.sink_harness import PARTITIONS, assert_exactly_once, committed, publish, rows, settings
from tests.tiers import Tier


@pytest.fixture(autouse=True)
def _one_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every broker is the same cluster with the same topic, as after an unclean election or a restore."""
    identity = Identity("cluster", {"plays": "id"}, {"plays": PARTITIONS}, embedded=False)
    monkeypatch.setattr(consumer.sink, "identify", lambda *_: identity)
    monkeypatch.setattr(Incarnations, "check", lambda *_: None)


@contextmanager
def started() -> Iterator[tuple[Tier, EmbeddedBroker]]:
    with EmbeddedBroker({"plays": PARTITIONS}) as broker:
        yield Tier("embedded", broker.bootstrap, "backbeat-sink", broker.close), broker


def land(broker: Tier, lake: Path, **more: str) -> Tally:
    chosen = settings(broker, lake, sink_session_seconds=6.0, **more)
    return Sink(chosen, FolderStore(lake), Progress(), ["plays"]).run(Event(), until_end=True)


def test_other_records_at_the_same_offsets_stop_the_sink(tmp_path: Path) -> None:
    with started() as (broker, _):
        publish(broker, 30)
        assert land(broker, tmp_path).rows == 30
    with started() as (replaced, _):
        publish(replaced, 60, start=900)
        with pytest.raises(BackbeatError, match=r"was truncated or replaced in Kafka: another record"):
            land(replaced, tmp_path)
        assert committed(replaced) == 0
    assert_exactly_once(tmp_path, 30)


def test_a_shorter_log_stops_the_sink(tmp_path: Path) -> None:
    with started() as (broker, _):
        publish(broker, 30)
        land(broker, tmp_path)
    with started() as (shorter, _):
        publish(shorter, 15)
        with pytest.raises(BackbeatError, match=r"plays/\d was truncated .*: it ends at offset 5"):
            land(shorter, tmp_path)
    assert_exactly_once(tmp_path, 30)


def test_rows_that_retention_took_are_told_or_noted(tmp_path: Path) -> None:
    with started() as (broker, cluster):
        publish(broker, 30)
        land(broker, tmp_path)
        publish(broker, 30, start=30)
        for partition in range(PARTITIONS):  # with the last landed record goes what it is compared with
            drop(cluster, partition, 15)
        with pytest.raises(BackbeatError, match=r"lost the offsets 10 to 14 before they were landed"):
            land(broker, tmp_path)
        assert land(broker, tmp_path, sink_on_gap="record").rows == 15
        assert committed(broker) == 60
    found = sorted((row["_partition"], row["_offset"]) for row in rows(tmp_path))
    assert found == [(p, o) for p in range(PARTITIONS) for o in [*range(10), *range(15, 20)]]
    for path in tmp_path.glob(f"_sink/backbeat-sink/**/{10:020d}.json"):
        fence = parse_fence(path.name, path.read_bytes())
        assert (fence.gaps, fence.first, fence.count) == ([(10, 14)], 15, 5)


def drop(broker: EmbeddedBroker, partition: int, before: int) -> None:
    """Delete the records below offset `before`."""
    delete = load().rd_kafka_mock_partition_delete_records
    delete.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int64]
    assert delete(broker._cluster, b"plays", partition, before) == 0
