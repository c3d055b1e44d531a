"""The audit against a lake that the sink laid down from a real broker, whole and damaged."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from consumer.audit.finding import Report
from consumer.audit.run import audit
from tests.sink_harness import BACKBEAT, PARTITIONS, PLAY, environment, landed, publish, settings, sink
from tests.tiers import Tier, embedded

POISON = [b"{", b"\xff\xfe", b"", None, b"base64:AA==", b"[]"]
HEADERS = [
    [("a", b"1"), ("b", None), ("a", b"\xff")],
    [("backbeat-rejected", b"not_utf8: said the importer")],
    [("backbeat-rejected", b"")],
]


RECORDS = 180 + len(POISON) + len(HEADERS) + 1


@pytest.fixture(scope="module")
def broker() -> Iterator[Tier]:
    with embedded({"plays": PARTITIONS, "skips": 1}) as started:
        yield started


@pytest.fixture(scope="module")
def whole(broker: Tier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Objects of 40 and 20 rows a partition, and one of every odd record that there is in partition 0."""
    lake = tmp_path_factory.mktemp("whole") / "lake"
    publish(broker, 120)
    assert landed(sink(environment(broker, lake), "--until-end"))["rows"] == 120
    publish(broker, 60, start=120)
    publish_odd(broker)
    assert landed(sink(environment(broker, lake), "--until-end"))["rows"] == RECORDS - 120
    return lake


def publish_odd(broker: Tier) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for value in POISON:
        producer.produce("plays", value, key=b"\xfe", partition=0)
    for headers in HEADERS:
        producer.produce("plays", json.dumps(PLAY).encode(), partition=0, headers=headers)
    producer.produce("plays", b"\xff", partition=0, headers=HEADERS[1], key=b"base64:")
    assert producer.flush(20) == 0


@pytest.fixture
def lake(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    copy = tmp_path / "lake"
    for path in (path for path in whole.rglob("*") if path.is_file()):
        target = copy / path.relative_to(whole)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return copy


def check(broker: Tier, lake: Path, **options: Any) -> Report:
    return audit(settings(broker, lake), ["plays", "skips"], grace=0.0, **options)


def sums(report: Report) -> tuple[int, int]:
    return report.lost, report.duplicated


def objects(lake: Path, partition: int = 1) -> list[Path]:
    return sorted(lake.rglob(f"plays+{partition:05d}+*.parquet"))


def fences(lake: Path, partition: int = 1) -> list[Path]:
    return sorted(lake.glob(f"_sink/backbeat-sink/*/plays/*/{partition:05d}/*.json"))


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change an object's rows and nothing that it says about itself."""
    file = pq.ParquetFile(path)
    stamp = {k: v for k, v in file.metadata.metadata.items() if k.startswith(b"backbeat-")}
    table = change(file.read())
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(stamp)


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def replaced(table: pa.Table, name: str, row: int, value: object) -> pa.Table:
    column = table[name].to_pylist()
    column[row] = value
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pa.array(column, table.schema.field(name).type))


@pytest.mark.parametrize("offline", [False, True])
def test_a_whole_lake_gives_zeros(broker: Tier, whole: Path, *, offline: bool) -> None:
    report = check(broker, whole, offline=offline, complete=not offline)
    assert report.findings == []
    assert (report.lost, report.duplicated, report.mismatched, report.pending) == (0, 0, 0, 0)
    assert report.offsets == RECORDS
    assert report.compared == (0 if offline else RECORDS)
    assert report.objects == len(list(whole.rglob("*.parquet"))) >= 2 * PARTITIONS
    assert report.chains == PARTITIONS


def deleted_object(lake: Path) -> None:
    objects(lake)[0].unlink()


def deleted_last_object(lake: Path) -> None:
    objects(lake)[-1].unlink()


def deleted_fence(lake: Path) -> None:
    fences(lake)[0].unlink()


def deleted_last_fence(lake: Path) -> None:
    fences(lake)[-1].unlink()


def deleted_range(lake: Path) -> None:
    fences(lake)[0].unlink()
    objects(lake)[0].unlink()


def copied_to_another_hour(lake: Path) -> None:
    source = objects(lake)[0]
    target = source.parents[1] / "hour=99" / source.name
    target.parent.mkdir()
    target.write_bytes(source.read_bytes())


def copied_to_another_name(lake: Path) -> None:
    source = objects(lake)[0]
    (source.parent / "copy.parquet").write_bytes(source.read_bytes())


def moved_to_another_hour(lake: Path) -> None:
    source = objects(lake)[0]
    copied_to_another_hour(lake)
    source.unlink()


def altered_payload(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: replaced(table, "payload", 3, '{"another": "event"}'))


def altered_key(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: replaced(table, "_key", 3, "somebody else"))


def altered_headers(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: replaced(table, "_headers", 3, '{"a": "1"}'))


def swapped_rows(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: table.take([1, 0, *range(2, table.num_rows)]))


def dropped_row(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: table.filter(pc.not_equal(table["_offset"], 3)))


def doubled_row(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: table.take([0, 0, *range(1, table.num_rows)]))


def misjudged_row(lake: Path) -> None:
    rewrite(objects(lake)[0], lambda table: replaced(table, "event_id", 3, None))


def overlapping_fence(lake: Path) -> None:
    source = fences(lake)[0]
    target = source.with_name(f"{5:020d}.json")
    target.write_bytes(source.read_bytes())
    name = json.loads(source.read_text())["data_key"].replace(f"{0:020d}", f"{5:020d}")
    edit(target, base=5, first=5, count=json.loads(source.read_text())["count"] - 5, data_key=name)


def overlapping_fence_with_rows(lake: Path) -> None:
    overlapping_fence(lake)
    body = json.loads(fences(lake)[1].read_text())
    (lake / body["data_key"]).write_bytes(objects(lake)[0].read_bytes())
    rewrite(lake / body["data_key"], lambda table: table.slice(5))


def torn_fence(lake: Path) -> None:
    fences(lake)[-1].write_bytes(b'{"base": 1')


def torn_object(lake: Path) -> None:
    objects(lake)[0].write_bytes(b"PAR1")


def wrong_hash(lake: Path) -> None:
    edit(fences(lake)[0], content_hash="0" * 64)


def wrong_count(lake: Path) -> None:
    edit(fences(lake)[0], count=7)


def false_gap(lake: Path) -> None:
    """A row is gone, and everything that the lake says of itself agrees: only Kafka knows."""
    dropped_row(lake)
    count = json.loads(fences(lake)[0].read_text())["count"]
    edit(fences(lake)[0], count=count - 1, gaps=[[3, 3]])


def hour_backwards(lake: Path) -> None:
    edit(fences(lake)[-1], hour="2001-01-01T00:00:00Z")


DAMAGE = {
    deleted_object: ({"object_missing", "row_missing"}, (40, 0)),
    deleted_last_object: ({"object_missing", "row_missing"}, (20, 0)),
    deleted_fence: ({"fence_missing", "object_without_fence"}, (0, 0)),
    deleted_last_fence: ({"object_without_fence", "committed_beyond_tail"}, (0, 0)),
    deleted_range: ({"fence_missing", "row_missing"}, (40, 0)),
    copied_to_another_hour: ({"object_without_fence", "row_duplicated"}, (0, 40)),
    copied_to_another_name: ({"object_without_fence", "row_duplicated"}, (0, 40)),
    moved_to_another_hour: ({"object_missing", "object_without_fence"}, (0, 0)),
    altered_payload: ({"row_altered", "hash_wrong"}, (0, 0)),
    altered_key: ({"row_altered", "hash_wrong"}, (0, 0)),
    altered_headers: ({"row_altered", "hash_wrong"}, (0, 0)),
    swapped_rows: ({"row_order", "hash_wrong"}, (0, 0)),
    dropped_row: ({"row_missing", "count_wrong", "hash_wrong"}, (1, 0)),
    doubled_row: ({"row_duplicated", "row_order", "count_wrong", "hash_wrong"}, (0, 1)),
    misjudged_row: ({"row_misjudged"}, (0, 0)),
    overlapping_fence: ({"fence_overlap"}, (0, 0)),
    overlapping_fence_with_rows: ({"fence_overlap", "row_duplicated"}, (0, 35)),
    torn_fence: ({"fence_unreadable", "object_without_fence", "committed_beyond_tail"}, (0, 0)),
    torn_object: ({"object_unreadable", "row_missing"}, (40, 0)),
    wrong_hash: ({"hash_wrong", "stamp_wrong"}, (0, 0)),
    wrong_count: ({"fence_inconsistent", "count_wrong", "stamp_wrong"}, (0, 0)),
    hour_backwards: ({"hour_backwards", "fence_inconsistent"}, (0, 0)),
}
ONLY_KAFKA_KNOWS = {"committed_beyond_tail", "row_altered"}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("offline", [False, True])
def test_damage_is_found_and_named(
    broker: Tier, lake: Path, damage: Callable[[Path], None], *, offline: bool
) -> None:
    damage(lake)
    report = check(broker, lake, offline=offline)
    codes, lost_and_duplicated = DAMAGE[damage]
    assert report.codes() == (codes - ONLY_KAFKA_KNOWS if offline else codes)
    assert sums(report) == lost_and_duplicated
    assert not report.clean


def test_a_row_the_lake_denies_is_missed_by_kafka_alone(broker: Tier, lake: Path) -> None:
    false_gap(lake)
    rewrite_hash(lake)
    assert check(broker, lake, offline=True).clean
    report = check(broker, lake)
    assert report.codes() == {"row_missing"}
    assert (report.findings[0].partition, report.findings[0].offset, report.lost) == (1, 3, 1)


def rewrite_hash(lake: Path) -> None:
    """Make fence and footer agree with the rows that are there."""
    from consumer.audit.rows import read_object  # noqa: PLC0415

    path, fence = objects(lake)[0], fences(lake)[0]
    found = read_object(path.read_bytes())
    edit(fence, content_hash=found.content_hash())
    said = json.loads(fence.read_text())
    table = pq.ParquetFile(path).read()
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(
            {
                "backbeat-base": str(said["base"]),
                "backbeat-end": str(said["end"]),
                "backbeat-count": str(said["count"]),
                "backbeat-content-hash": said["content_hash"],
            }
        )


def test_a_commit_ahead_of_the_tail_is_found(broker: Tier, whole: Path) -> None:
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "eager", "log_level": 0})
    try:
        consumer.commit(offsets=[TopicPartition("plays", 2, 61)], asynchronous=False)
    finally:
        consumer.close()
    ahead = settings(broker, whole, sink_name="eager")
    report = audit(ahead, ["plays"], grace=0.0)
    assert report.codes() == {"committed_beyond_tail"}
    (found,) = report.findings
    assert (found.partition, found.offset, found.through) == (2, 60, 60)


def test_a_topic_made_anew_and_another_sink_are_told_apart(broker: Tier, lake: Path) -> None:
    with embedded({"plays": PARTITIONS}) as other:
        publish(other, 60)
        assert landed(sink(environment(other, lake), "--until-end"))["rows"] == 60
        report = audit(settings(other, lake), ["plays"])
        assert report.clean
        assert (report.offsets, report.compared, report.chains) == (RECORDS + 60, 60, 2 * PARTITIONS)
        publish(other, 30, start=60)
        assert audit(settings(other, lake), ["plays"]).pending == 30
        assert sums(audit(settings(other, lake), ["plays"], complete=True)) == (30, 0)
    for fence in fences(lake, 1):
        target = Path(str(fence).replace("backbeat-sink", "second"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(fence.read_bytes())
    assert "second_sink" in check(broker, lake).codes()


def command(broker: Tier, lake: Path, *options: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(broker, lake), "COLUMNS": "200"}
    line = [*BACKBEAT, "lake", "audit", "--grace", "0", *options]
    return subprocess.run(line, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_tells_people_and_programs(broker: Tier, lake: Path) -> None:
    clean = command(broker, lake, "--json", "--topic", "plays")
    assert (clean.returncode, clean.stderr) == (0, "")
    found = json.loads(clean.stdout.splitlines()[-1])
    assert (found["lost"], found["duplicated"], found["mismatched"], found["findings"]) == (0, 0, 0, [])
    assert (found["offsets"], found["objects"]) == (RECORDS, len(list(lake.rglob("*.parquet"))))
    deleted_object(lake)
    broken = command(broker, lake, "--json", "--offline")
    assert broken.returncode == 1
    found = json.loads(broken.stdout.splitlines()[-1])
    assert found["lost"] == 40
    assert found["findings"][1] == {
        "code": "row_missing",
        "detail": "no object holds it",
        "topic": "plays",
        "partition": 1,
        "offset": 0,
        "through": 39,
        "key": found["findings"][0]["key"],
        "amount": 40,
    }
    people = command(broker, lake)
    assert people.returncode == 1
    assert "object_missing" in people.stdout
    assert "not what it should be" in people.stdout
    assert "BACKBEAT_LAKE=" in command(broker, lake / "elsewhere").stderr
    away = environment(broker, lake, BACKBEAT_KAFKA_BOOTSTRAP="127.0.0.1:1", BACKBEAT_SINK_KAFKA_SECONDS="1")
    line = [*BACKBEAT, "lake", "audit"]
    refused = subprocess.run(line, env=away, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert "Kafka at 127.0.0.1:1 (BACKBEAT_KAFKA_BOOTSTRAP) does not serve" in refused.stderr
