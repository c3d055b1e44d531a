"""What `make bench-sink` counts in the store, what it makes of it, and how it is shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem

from benchmarks.contest import Landed, figures
from benchmarks.corpus import SIZES
from benchmarks.engine import Job
from benchmarks.peers import bento, iceberg
from benchmarks.record import RESULTS
from benchmarks.shelf import Count, Shelf
from benchmarks.sink_report import rows, section
from benchmarks.stage import Cores, Stage
from benchmarks.trial import Command, Usage, trial
from contracts.arrow import event_schema


def put(path: Path, ids: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"event_id": ids}), path)


def job(folder: Path) -> Job:
    return Job(Stage("kafka:1", "http://s3:1", folder, {}, Cores((0, 1))), "bento_430_run", SIZES[430])


def landed(found: int, distinct: int, cpu: float) -> Landed:
    return Landed(Usage(2 * cpu, cpu, cpu, 100.0, ""), objects=2, rows=found, bytes=50, distinct=distinct)


def result() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / "sink.json").read_text())
    return found


def test_a_shelf_counts_rows_by_footers_and_sees_what_is_there_twice(tmp_path: Path) -> None:
    shelf = Shelf(LocalFileSystem(), str(tmp_path / "lake"))
    assert shelf.count() == Count(0, 0, 0)
    assert shelf.distinct("event_id") == 0
    put(tmp_path / "lake" / "0" / "a.parquet", ["a", "b"])
    put(tmp_path / "lake" / "1" / "b.parquet", ["b", "c", "d"])
    (tmp_path / "lake" / "fence.json").write_text("{}")
    assert (shelf.count().objects, shelf.count().rows) == (2, 5)
    assert shelf.distinct("event_id") == 4


def test_an_object_that_was_replaced_is_counted_anew_and_what_is_no_parquet_has_no_rows(
    tmp_path: Path,
) -> None:
    shelf = Shelf(LocalFileSystem(), str(tmp_path))
    put(tmp_path / "a.parquet", ["a"])
    assert shelf.count().rows == 1
    put(tmp_path / "a.parquet", ["a", "b", "c"])
    assert shelf.count().rows == 3
    (tmp_path / "a.parquet").write_bytes(b'{"event_id": "a"}')
    assert shelf.count().rows == 0


def test_a_complete_run_has_gross_rates_and_those_without_the_start() -> None:
    found = figures(landed(1000, 1000, cpu=5.0), landed(1, 1, cpu=1.0), 1000, SIZES[430])
    assert found["records_per_cpu_second"] == 200
    assert found["records_per_cpu_second_without_start"] == 250
    assert found["records_per_second"] == 100
    assert (found["complete"], found["lost"], found["doubled"]) == (True, 0, 0)


def test_lost_and_doubled_rows_are_told_even_when_they_cancel_out() -> None:
    found = figures(landed(1000, 990, cpu=5.0), landed(1, 1, cpu=1.0), 1000, SIZES[430])
    assert (found["complete"], found["lost"], found["doubled"]) == (False, 10, 10)
    assert found["records_per_cpu_second"] == 198


def test_a_trial_ends_when_all_rows_are_there_and_knows_what_the_process_used(tmp_path: Path) -> None:
    program = "import pathlib, signal; sum(range(3_000_000)); pathlib.Path('done').touch(); signal.pause()"
    command = Command([sys.executable, "-c", program])
    usage = trial(command, [0], lambda: int((tmp_path / "done").exists()), 1, tmp_path)
    assert 0 < usage.cpu <= usage.cpu_to_exit
    assert usage.wall > 0
    assert usage.peak_rss_mib > 1


def test_a_trial_of_a_program_that_ends_by_itself_fails_with_its_last_words(tmp_path: Path) -> None:
    command = Command([sys.executable, "-c", "import sys; print('out of luck'); sys.exit(3)"], ends=True)
    with pytest.raises(RuntimeError, match="out of luck"):
        trial(command, [0], lambda: 0, 1, tmp_path)


def test_bento_writes_the_columns_of_the_contract_and_the_payload(tmp_path: Path) -> None:
    engine = bento.engine(Path("/opt/bento"), "1.0")
    engine.command(job(tmp_path))
    pipeline = json.loads((tmp_path / "bento_430_run" / "bento.json").read_text())["pipeline"]["processors"]
    columns = [column["name"] for column in pipeline[1]["parquet_encode"]["schema"]]
    assert columns == [*event_schema("plays").names, "payload"]
    assert "root.started_at = this.started_at.ts_parse" in pipeline[0]["mapping"]
    assert "received_at" not in pipeline[0]["mapping"]


def test_of_an_iceberg_table_only_committed_rows_count(tmp_path: Path) -> None:
    (tmp_path / "connect-runtime-4.0.0.jar").touch()
    engine = iceberg.engine(tmp_path, "1.0")
    one = job(tmp_path)
    shelf = Shelf(LocalFileSystem(), str(tmp_path))
    metadata = tmp_path / "lake" / "bento_430_run" / "bench" / "plays" / "metadata"
    metadata.mkdir(parents=True)
    table = {"current-snapshot-id": 2, "snapshots": [{"snapshot-id": 2, "summary": {"total-records": "7"}}]}
    shelf.newest = lambda folder, suffix: Shelf.newest(shelf, f"{tmp_path}/{folder}", suffix)  # type: ignore[method-assign]
    assert engine.visible(shelf, one) == 0
    (metadata / "00000-a.metadata.json").write_text(json.dumps({"current-snapshot-id": None}))
    assert engine.visible(shelf, one) == 0
    (metadata / "00001-b.metadata.json").write_text(json.dumps(table))
    assert engine.visible(shelf, one) == 7


def test_the_result_has_the_shape_that_others_read() -> None:
    found = result()
    for size in ("1200", "430"):
        ours = found["ours"][size]
        assert ours["complete"]
        assert {"records_per_cpu_second", "records_per_second", "bytes_in_store", "shares"} <= ours.keys()
        for peer in ("bento", "quixstreams", "iceberg"):
            figures_of_peer = found["peers"][peer].get(size, found["peers"][peer])
            assert figures_of_peer.keys() & {"records_per_cpu_second", "not_run"}
    assert {"wall_ratio", "per_cpu_second_ratio", "limited_by"} <= found["two_processes"].keys()
    assert {"method", "engines", "topic", "records", "machine"} <= found.keys()


def test_a_peer_that_could_not_be_had_is_shown_with_its_reason() -> None:
    found = result()
    found["peers"]["iceberg"] = {"not_run": "no mvn: install Maven"}
    assert any("| iceberg | not run: no mvn: install Maven |" in line for line in section(found))
    assert all("iceberg" not in beside for _, _, beside in rows(found))
