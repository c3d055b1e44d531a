"""Simulated history in the lake: what decoding would have given, the same over processes, whole by audit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from backbeat import bulk_for
from consumer.audit.run import audit
from consumer.batch import Records
from consumer.decode import decode
from consumer.fence import parse_fence
from consumer.settings import SinkSettings
from consumer.store import store_for
from contracts.arrow import bronze_schema
from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.simulator.bulk import Order, land_topics
from producer.simulator.command import simulate_command
from producer.simulator.config import SimulationConfig
from producer.simulator.crew import dealt_out, land
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import simulate

# So many defects that every kind is in every topic.
CONFIG = SimulationConfig(
    events=6_000,
    days=1,
    end=datetime(2026, 11, 1, tzinfo=UTC),
    defects=dict.fromkeys(("not_json", "missing_field", "invalid_field"), 0.05)
    | dict.fromkeys(
        ("duplicate", "late", "occurred_in_future", "negative_ms_played", "unknown_country"), 0.02
    ),
)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ledger]:
    lake = tmp_path_factory.mktemp("bulk") / "lake"
    return lake, land(Order(CONFIG, str(lake), with_ledger=True), bulk_for, 1, lambda rows: None)


def objects(lake: Path) -> dict[str, bytes]:
    return {str(path.relative_to(lake)): path.read_bytes() for path in lake.rglob("*.parquet")}


def rows(lake: Path, topic: str) -> pa.Table:
    files = [pq.read_table(path, partitioning=None) for path in (lake / "bronze" / topic).rglob("*.parquet")]
    return pa.concat_tables(files).sort_by("_offset")


@pytest.mark.parametrize("topic", TOPICS)
def test_the_lake_holds_what_publishing_and_decoding_would_have_given(
    landed: tuple[Path, Ledger], topic: str
) -> None:
    found = rows(landed[0], topic)
    assert found.schema.equals(bronze_schema(topic))
    batches = [batch for batch in simulate(CONFIG) if batch.topic == topic]
    values = [value for batch in batches for value in batch.values]
    assert found["payload"].to_pylist() == [value.decode() for value in values]
    times = [int(time.timestamp() * 1000) for time in found["_timestamp"].to_pylist()]
    assert times == sorted(times)
    offsets, nothing = list(range(len(values))), [None] * len(values)
    keys = [key for batch in batches for key in batch.keys]
    records = Records(topic, 0, offsets, list(times), list(keys), list(values), nothing)
    assert found.to_pylist() == decode(records.batch()).to_pylist()
    assert 0 < found["error"].null_count < len(found)


def test_an_audit_finds_every_record_once(landed: tuple[Path, Ledger]) -> None:
    report = audit(SinkSettings(lake=str(landed[0]), kafka_bootstrap=""), offline=True)
    assert report.clean
    assert report.offsets == sum(len(batch) for batch in simulate(CONFIG))
    assert report.objects == len(objects(landed[0]))


def test_each_object_holds_an_hour_and_its_fence_says_it_is_bulk(landed: tuple[Path, Ledger]) -> None:
    fences = sorted(landed[0].glob("_sink/backbeat-sink/bulk/plays/*/00000/*.json"))
    found = [parse_fence(path.name, path.read_bytes()) for path in fences]
    assert len(found) > 12
    for fence in found:
        hours = [datetime.fromtimestamp(ms / 1000, UTC).replace(minute=0, second=0, microsecond=0)
                 for ms in (fence.first_ts or 0, fence.last_ts or 0)]  # fmt: skip
        assert hours == [fence.hour, fence.hour]
    assert found[-1].hour == datetime(2026, 10, 31, 23, tzinfo=UTC)


def test_several_processes_land_the_same_bytes_and_ledger(
    landed: tuple[Path, Ledger], tmp_path: Path
) -> None:
    told: list[int] = []
    ledger = land(Order(CONFIG, str(tmp_path), with_ledger=True), bulk_for, 2, told.append)
    assert objects(tmp_path) == objects(landed[0])
    assert ledger.table().equals(landed[1].table())
    assert ledger.totals() == landed[1].totals()
    assert sum(told) == sum(totals["produced"] for totals in ledger.totals().values()) >= CONFIG.events


def test_the_same_history_again_adds_nothing(landed: tuple[Path, Ledger]) -> None:
    before = {path: path.stat().st_mtime_ns for path in landed[0].rglob("*") if path.is_file()}
    ledger = land(Order(CONFIG, str(landed[0]), with_ledger=True), bulk_for, 1, lambda rows: None)
    assert ledger.table().equals(landed[1].table())
    after = {path: path.stat().st_mtime_ns for path in landed[0].rglob("*") if path.is_file()}
    assert after.items() >= before.items()
    assert {path for path in after.keys() - before.keys() if "_sink/tmp" not in str(path)} == set()


_KILLED = """
import os, signal, sys
from backbeat import bulk_for
from producer.simulator.bulk import Order, land_topics
from tests.integration.test_bulk import CONFIG
left = int(sys.argv[2])
def progress(rows):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
order = Order(CONFIG, sys.argv[1])
land_topics(order, bulk_for(sys.argv[1], order.history, ["likes", "skips"]), ["likes", "skips"], progress)
"""


def test_a_run_that_was_killed_goes_on_where_it_was(landed: tuple[Path, Ledger], tmp_path: Path) -> None:
    for objects_before_the_end in (5, 40):
        arguments = [sys.executable, "-c", _KILLED, str(tmp_path), str(objects_before_the_end)]
        assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    half = objects(tmp_path)
    last = parse_fence("", max(tmp_path.glob("_sink/*/bulk/likes/*/00000/*.json")).read_bytes())
    (tmp_path / last.data_key).unlink(missing_ok=True)  # as if killed between the fence and its object
    topics = ["likes", "skips"]
    order = Order(CONFIG, str(tmp_path))
    land_topics(order, bulk_for(str(tmp_path), order.history, topics), topics, lambda rows: None)
    whole = {key: body for key, body in objects(landed[0]).items() if key.split("/")[1] in topics}
    assert 0 < len(half) < len(whole)
    assert objects(tmp_path) == whole
    assert audit(SinkSettings(lake=str(tmp_path), kafka_bootstrap=""), offline=True).clean


def test_other_rows_in_place_of_a_history_are_not_built_upon(tmp_path: Path) -> None:
    other, topics = CONFIG.model_copy(update={"seed": 8}), ["likes"]
    order = Order(CONFIG, str(tmp_path))
    land_topics(Order(other, str(tmp_path)), bulk_for(str(tmp_path), order.history, topics), topics, print)
    before = objects(tmp_path)
    with pytest.raises(BackbeatError, match=r"holds other rows of this history .*likes"):
        land_topics(order, bulk_for(str(tmp_path), order.history, topics), topics, print)
    assert objects(tmp_path) == before


def test_a_part_of_a_history_is_a_history_of_its_own(tmp_path: Path) -> None:
    start = int(CONFIG.start.timestamp() * 1000)
    order = Order(CONFIG, str(tmp_path), hours=(start + 19 * 3_600_000, start + 20 * 3_600_000))
    land(order, bulk_for, 1, lambda rows: None)
    assert {path.parent.name for path in tmp_path.rglob("*.parquet")} == {"hour=19"}
    assert len(order.history) == 22
    assert order.history != Order(CONFIG, str(tmp_path)).history


def test_work_is_dealt_out_evenly() -> None:
    assert [len(dealt_out(processes)) for processes in (1, 2, 50)] == [1, 2, len(TOPICS)]
    for processes in (1, 2, 3, 8):
        shares = dealt_out(processes)
        assert sorted(topic for share in shares for topic in share) == sorted(TOPICS)


def test_the_command_needs_the_front_door() -> None:
    app = typer.Typer()
    app.command("simulate")(simulate_command)
    for arguments, message in (
        (["--to", "bulk"], "--to bulk: is for the `backbeat` command"),
        (["--processes", "2"], "--processes 2: several only with --to bulk"),
    ):
        error = CliRunner().invoke(app, ["--events", "10", "--end", "2026-11-01", *arguments]).exception
        assert isinstance(error, BackbeatError)
        assert str(error).startswith(message)


def test_the_command_lands_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_LAKE", str(tmp_path))
    options = ["--events", "500", "--days", "1", "--end", "2026-11-01", "--to", "bulk", "--json"]
    app = typer.Typer()
    app.command("simulate")(simulate_command)
    result = CliRunner().invoke(app, options, obj={"store_for": store_for, "bulk_for": bulk_for})
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout.splitlines()[-1])
    landed = {topic: len(rows(tmp_path, topic)) for topic in summary["by_topic"]}
    assert landed == summary["by_topic"]
    assert len(list(tmp_path.glob("landing/episodes/*.csv"))) == 1
