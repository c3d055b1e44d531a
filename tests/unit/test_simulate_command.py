"""`backbeat simulate` without a broker: files, ledger, summary, and errors in one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.simulator.command import simulate_command
from producer.simulator.ledger import SCHEMA, TOTALS_KEY
from tests.model_server import artist

app = typer.Typer()
app.command("simulate")(simulate_command)
SMALL = ("--events", "2000", "--days", "3", "--end", "2026-11-01", "--json")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*SMALL, *arguments])


def test_files_ledger_and_summary_agree(tmp_path: Path) -> None:
    ledger = tmp_path / "truth" / "ledger.parquet"
    result = invoke("--to", f"jsonl:{tmp_path / 'out'}", "--ledger", str(ledger))
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout.splitlines()[-1])
    lines = {p.stem: len(p.read_bytes().splitlines()) for p in (tmp_path / "out").iterdir()}
    assert lines == summary["by_topic"]
    assert set(lines) == set(TOPICS)
    assert summary["produced"] == sum(lines.values()) >= 2_000
    assert summary["produced"] == summary["expected_accepted"] + summary["expected_rejected"]
    assert summary["ledger"] == str(ledger)
    table = pq.read_table(ledger)
    assert table.schema.equals(SCHEMA)
    assert table.num_rows - table["expected_code"].null_count == summary["expected_rejected"]
    totals = json.loads(table.schema.metadata[TOTALS_KEY])
    assert {topic: count["produced"] for topic, count in totals.items()} == lines


def test_the_episodes_land_once_and_know_every_episode_heard(tmp_path: Path) -> None:
    for _ in range(2):
        result = invoke("--to", f"jsonl:{tmp_path / 'out'}", "--landing", str(tmp_path / "landing"))
        assert result.exit_code == 0, result.output
    (path,) = (tmp_path / "landing" / "episodes").iterdir()
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "episode_id", "podcast_id", "podcast_title", "episode_title", "released_on", "duration_ms", "source",
    ]  # fmt: skip
    assert len({row["episode_id"] for row in rows}) == len(rows) == 40 * 24
    known = {row["episode_id"]: row["duration_ms"] for row in rows}
    lines = (tmp_path / "out" / "podcast_events.jsonl").read_bytes().splitlines()
    heard = [json.loads(line) for line in lines if line.endswith(b"}")]
    assert {e["episode_id"] for e in heard if "episode_id" in e} <= known.keys()


def test_a_written_catalogue_gives_the_names_and_the_same_file_the_same_bytes(tmp_path: Path) -> None:
    written = {"artists": [artist(f"Written {number}", 4) for number in range(1_600)]}
    events: list[dict[str, bytes]] = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(written))
        result = invoke("--to", f"jsonl:{tmp_path / name}", "--catalogue", str(tmp_path / f"{name}.json"))
        assert result.exit_code == 0, result.output
        events.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert events[0] == events[1]
    plays = [json.loads(line) for line in events[0]["plays.jsonl"].splitlines() if line.endswith(b"}")]
    names = {play["artist_name"] for play in plays if "artist_name" in play}
    assert names <= {who["name"] for who in written["artists"]}
    assert len(names) > 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "floppy"), "--to floppy: is none of kafka, bulk, jsonl:DIR"),
        (("--to", "jsonl:"), "--to jsonl:: is none of kafka, bulk, jsonl:DIR"),
        (("--events", "0"), "simulation settings: events: "),
        (("--end", "2999-01-01"), "end: 2999-01-01 lies in the future"),
        (("--config", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
        (("--catalogue", "nowhere.json"), "nowhere.json: cannot be read"),
    ],
)
def test_an_error_is_one_line_that_names_the_option(arguments: tuple[str, ...], message: str) -> None:
    error = invoke(*arguments).exception
    assert isinstance(error, BackbeatError)
    assert str(error).startswith(message)


def test_an_unwritable_place_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "out"
    for arguments in (("--to", f"jsonl:{folder}"), ("--to", f"jsonl:{tmp_path}/o", "--ledger", str(folder))):
        error = invoke(*arguments).exception
        assert isinstance(error, BackbeatError)
        assert str(folder) in str(error)
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]
