"""Publishing: whole or not at all, and never in a reader's way."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from serving.commands import app
from serving.publish import publish
from streamlit_app.snapshot import current
from tests.snapshot_builder import build_warehouse

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def marked(path: Path, number: int) -> Path:
    """A warehouse whose gold says `number`."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists gold")
        connection.execute(
            "create or replace table gold.marker as select $number::int as n", {"number": number}
        )
    return path


def left_behind(snapshots: Path) -> list[str]:
    return sorted(entry.name for entry in snapshots.iterdir() if not entry.name.startswith("snapshot-"))


@pytest.mark.parametrize("left", [None, "", "{}", '{"models":'])
def test_what_is_no_evaluation_is_not_in_the_snapshot(left: str | None, tmp_path: Path) -> None:
    evaluation = tmp_path / "evaluation.json"
    if left is not None:
        evaluation.write_text(left)
    warehouse = marked(tmp_path / "warehouse.duckdb", 1)
    published = publish(warehouse, tmp_path / "snapshots", evaluation=evaluation)
    with duckdb.connect(str(published.path), read_only=True) as snapshot:
        assert snapshot.execute("select * from evaluation").fetchall() == []


def test_a_snapshot_holds_gold_a_sample_of_refusals_and_its_origin(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "warehouse.duckdb")
    evaluation = tmp_path / "evaluation.json"
    evaluation.write_text('{"models": {"ours": {"ndcg@10": 0.2}}}')
    published = publish(warehouse, tmp_path / "snapshots", rejected_sample=50, evaluation=evaluation)
    with duckdb.connect(str(published.path), read_only=True) as snapshot:
        counts = dict(snapshot.execute("select table_name, row_count from meta").fetchall())
        refused = snapshot.execute(
            """select topic, error_codes, count(*), max(length(payload))
               from silver.silver_rejected_events group by all order by all"""
        ).fetchall()
        origin = snapshot.execute("select distinct source_warehouse from meta").fetchall()
        plays = snapshot.execute("select count(*) from gold.fct_plays").fetchone()
        evaluated = snapshot.execute("select result from evaluation").fetchall()
    assert [json.loads(result) for (result,) in evaluated] == [json.loads(evaluation.read_text())]
    assert counts == published.rows
    assert plays == (published.rows["gold.fct_plays"],)
    assert origin == [(str(warehouse),)]
    assert refused == [
        ("plays", "duplicate_event_id", 50, 2000),
        ("plays", "not_json", 30, 2000),
        ("skips", "missing_field", 12, 2000),
    ]


def test_plays_lie_by_weeks_and_within_them_by_listener(tmp_path: Path) -> None:
    warehouse = build_warehouse(tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(warehouse)) as connection:  # no model makes such a row; it would not be lost
        connection.execute("insert into gold.fct_plays (event_id, user_id) values ('dayless', 'u')")
        (plays,) = connection.execute("select count(*) from gold.fct_plays").fetchall()
    published = publish(warehouse, tmp_path / "snapshots")
    assert published.rows["gold.fct_plays"] == plays[0]
    columns = "date_trunc('week', played_date) as week, user_id, ended_at, event_id"
    with duckdb.connect(str(published.path), read_only=True) as snapshot:
        lie = snapshot.execute(f"select {columns} from gold.fct_plays order by rowid").fetchall()
    assert len(lie) == len({row[-1] for row in lie}) == plays[0]
    assert lie.pop()[-1] == "dayless"
    assert [row[:3] for row in lie] == sorted(row[:3] for row in lie)
    assert len({row[0] for row in lie}) == 9


def test_views_of_gold_are_copied_as_tables(tmp_path: Path) -> None:
    warehouse = marked(tmp_path / "my-house.duckdb", 7)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute('create view gold.doubled as select n * 2 as n from "my-house".gold.marker')
    published = publish(warehouse, tmp_path / "snapshots")
    assert published.rows == {"gold.doubled": 1, "gold.marker": 1}


def test_only_the_newest_three_stay(tmp_path: Path) -> None:
    warehouse = marked(tmp_path / "warehouse.duckdb", 0)
    names = [publish(warehouse, tmp_path / "snapshots", keep=3).path.name for _ in range(5)]
    assert names == sorted(names)
    assert sorted(entry.name for entry in (tmp_path / "snapshots").iterdir()) == names[-3:]


@pytest.mark.parametrize(
    ("ruin", "message"),
    [
        ("delete", r"no warehouse at .*BACKBEAT_WAREHOUSE"),
        ("create or replace schema nothing; drop schema gold cascade", r"has no schema gold"),
        ("create view gold.zz as select error('broken model')", r"cannot copy .*broken model"),
    ],
)
def test_a_failed_publish_leaves_the_old_ones_and_nothing_else(
    tmp_path: Path, ruin: str, message: str
) -> None:
    warehouse, snapshots = marked(tmp_path / "warehouse.duckdb", 1), tmp_path / "snapshots"
    before = publish(warehouse, snapshots).path
    if ruin == "delete":
        warehouse.unlink()
    else:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(ruin)
    with pytest.raises(BackbeatError, match=message):
        publish(warehouse, snapshots)
    assert [entry.name for entry in snapshots.iterdir()] == [before.name]


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_text("not a database " * 1000)
    with pytest.raises(BackbeatError, match=r"warehouse\.duckdb .*not a readable DuckDB file"):
        publish(tmp_path / "warehouse.duckdb", tmp_path / "snapshots")
    assert left_behind(tmp_path / "snapshots") == []


def test_a_warehouse_that_is_being_built_is_left_alone(tmp_path: Path) -> None:
    warehouse = marked(tmp_path / "warehouse.duckdb", 1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BackbeatError, match="being written by another process"):
            publish(warehouse, tmp_path / "snapshots")
        holder.communicate()
    assert publish(warehouse, tmp_path / "snapshots").rows == {"gold.marker": 1}


def test_readers_follow_every_publish_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, snapshots = marked(tmp_path / "warehouse.duckdb", 0), tmp_path / "snapshots"
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(snapshots))
    publish(warehouse, snapshots)
    last, seen, errors = 8, [[] for _ in range(3)], []
    arrived = [threading.Event() for _ in range(3)]

    def read(place: int) -> None:
        try:
            while not seen[place] or seen[place][-1] < last:
                snapshot = current()
                assert snapshot is not None
                seen[place].append(snapshot.frame("select n from gold.marker")["n"][0])
        except Exception as error:
            errors.append(error)
        finally:
            arrived[place].set()

    readers = [threading.Thread(target=read, args=(place,), daemon=True) for place in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, last + 1):
        publish(marked(warehouse, number), snapshots)
    assert all(event.wait(timeout=60) for event in arrived)
    assert errors == []
    assert all(numbers == sorted(numbers) and numbers[-1] == last for numbers in seen)


def test_the_command_prints_one_json_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_WAREHOUSE", str(marked(tmp_path / "warehouse.duckdb", 1)))
    monkeypatch.setenv("BACKBEAT_SNAPSHOTS", str(tmp_path / "snapshots"))
    result = CliRunner().invoke(app, ["publish", "--json"])
    assert result.exit_code == 0, result.output
    assert '"tables": 1' in result.stdout.splitlines()[-1]
