"""`backbeat evaluate` from end to end: on a folder of counts, and on a warehouse with its true tastes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from backbeat import app
from contracts.errors import BackbeatError
from serving.build import ROOT
from serving.evaluation import field, ours
from serving.evaluation.arrays import counts_of
from serving.evaluation.measures import MEASURES
from serving.evaluation.split import Split
from serving.evaluation.upstream import prepare
from tests.dbt_process import DbtProcess

FIRST = datetime(2026, 3, 1, 9)  # noqa: DTZ001 - UTC, as the warehouse has it
PLAY = """
    insert into silver.silver_plays by name
    select
        event_id, user_id, event_id as play_id, track_id, track_key, track_key as artist_key,
        track_key as track_title, track_key as artist_name, 'simulator' as source, false as is_skipped,
        true as is_stream, moment::date as played_date, moment as started_at, moment as ended_at
    from listened
"""
MODELS = ["ours", "popularity", "bm25", "als", "bpr", "ease"]


@pytest.fixture(autouse=True)
def few_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first of each grid: the choice among them is tested by itself."""
    for learner in (field.Neighbours, field.LeastSquares, field.PersonalisedRanking, field.Ease):
        monkeypatch.setattr(learner, "grid", learner.grid[:1])
    monkeypatch.setenv("BACKBEAT_EVALUATION", str(tmp_path / "kept" / "evaluation.json"))


def group_of(user: int) -> int:
    return user % 2


def songs(user: int, count: int) -> list[int]:
    """What a user of one of two groups listens to: songs of the group, the first ones most."""
    rng = np.random.default_rng(user)
    return [group_of(user) * 20 + int(song) for song in rng.geometric(0.15, count).clip(1, 20) - 1]


def evaluated(*options: str) -> dict[str, dict[str, dict[str, float]]]:
    done = CliRunner().invoke(app, ["evaluate", "--json", *options])
    assert done.exit_code == 0, done.output + str(done.exception)
    found: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout.splitlines()[-1])
    assert list(found["models"]) == MODELS
    for model in found["models"].values():
        assert all(model[f"{name}_low"] <= model[name] <= model[f"{name}_high"] for name in MEASURES)
    assert list(found["ours_minus"]) == MODELS[1:]
    return found


def test_counts_in_a_folder(tmp_path: Path) -> None:
    lines = ["userID\tartistID\tweight"]
    for user in range(30):
        heard = songs(user, 30)
        lines += [f"{user}\t{song}\t{heard.count(song)}" for song in sorted(set(heard))]
    (tmp_path / "user_artists.dat").write_text("\r\n".join([*lines, ""]), newline="")
    found = evaluated("--data", str(tmp_path))
    assert found["protocol"]["users"] == 30
    assert found["protocol"]["interactions"] + found["protocol"]["held_out"] == len(lines) - 1
    assert found["models"]["ours"]["recall@10"] > found["models"]["popularity"]["recall@10"]
    assert not (tmp_path / "kept").exists()
    done = CliRunner().invoke(
        app, ["evaluate", "--data", str(tmp_path), "--only", "popularity", "--seed", "3"]
    )
    assert "popularity" in done.stdout
    assert "of 30 users judged" in " ".join(done.stdout.split())
    done = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--only", "slopeone"])
    assert "--only slopeone: the models are ours, popularity, bm25" in str(done.exception)
    done = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--truth", str(tmp_path)])
    assert "--truth tells of a simulation's warehouse" in str(done.exception)


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve days of plays, of which the last two are held out; one user begins in them.

    Silver's tables are made here: dbt would build them for as long as the rest of the test takes. As dbt's
    are, the plays are a view that names the file.
    """
    path = tmp_path / "warehouse.duckdb"
    nobody = counts_of(*np.zeros((2, 0), np.int64), np.zeros(0), (0, 0))
    prepare(Split([], [], nobody, nobody, {}, {}), path, ROOT)
    rows = []
    for user in range(30):
        begins = 10 if user == 29 else 0
        for turn, song in enumerate(songs(user, 36)):
            moment = FIRST + timedelta(days=begins + turn * (12 - begins) // 36, minutes=5 * turn)
            rows.append((f"{user}-{turn}", f"sim-{user}", f"track:{song}", f"key-{song}", moment))
    with duckdb.connect(str(path)) as connection:
        listened = pl.DataFrame(
            rows, ["event_id", "user_id", "track_id", "track_key", "moment"], orient="row"
        )
        connection.register("listened", listened.to_arrow())
        connection.execute(PLAY)
        connection.unregister("listened")
        connection.execute("alter table silver.silver_plays rename to kept")
        connection.execute("create view silver.silver_plays as select * from warehouse.silver.kept")
        connection.execute(
            "create table silver.silver_track_ids as "
            "select distinct track_id, track_key from silver.silver_plays"
        )
    monkeypatch.setenv("BACKBEAT_WAREHOUSE", str(path))
    return path


def test_a_warehouse_split_by_time_and_its_listeners_true_taste(
    warehouse: Path, tmp_path: Path, dbt: DbtProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts are put through a dbt of their own; this, through the one that has parsed the project."""

    def shared(_: Path, path: Path, command: Sequence[str]) -> None:
        dbt.run(path, path.parent / "lake", "build", *command)

    monkeypatch.setattr(ours, "run_dbt", shared)
    tastes = [[1.0, 0.0], [0.0, 1.0]]
    pl.DataFrame(
        {
            "user_id": [f"sim-{user}" for user in range(30)],
            "is_bot": [user == 28 for user in range(30)],
            "taste": [tastes[group_of(user)] for user in range(30)],
        }
    ).write_parquet(tmp_path / "listeners.parquet")
    pl.DataFrame(
        {
            "track_id": [f"track:{song}" for song in range(40)],
            "vector": [tastes[song // 20] for song in range(40)],
        }
    ).write_parquet(tmp_path / "tracks.parquet")
    found = evaluated("--truth", str(tmp_path))
    assert found["protocol"]["cut"] == "2026-03-11T00:00:00"
    assert found["protocol"]["until"] == "2026-03-13T00:00:00"
    assert found["protocol"]["new_users"] == 1
    own, popular = found["models"]["ours"], found["models"]["popularity"]
    assert own["recall@10"] > popular["recall@10"]
    assert own["true_ndcg@10"] > 0.8 > popular["true_ndcg@10"]
    assert -1 <= popular["true_affinity@10"] < own["true_affinity@10"] <= 1
    assert json.loads((tmp_path / "kept" / "evaluation.json").read_text()) == found
    done = CliRunner().invoke(app, ["evaluate", "--truth", str(tmp_path / "elsewhere")])
    assert "cannot read" in str(done.exception)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("drop view silver.silver_plays", "not built yet: run `backbeat refresh`"),
        ("delete from silver.kept", "holds no plays"),
        (
            "delete from silver.kept where started_at >= '2026-03-03'",
            "holds plays of 2 days: 3 are the fewest",
        ),
        ("update silver.kept set user_id = 'one'", "holds plays of one user alone"),
        ("update silver.kept set track_key = 'same', user_id = user_id[:5]", "nothing can be held out"),
    ],
)
def test_a_warehouse_that_cannot_be_evaluated_says_why(change: str, told: str, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(change)
    done = CliRunner().invoke(app, ["evaluate"])
    assert isinstance(done.exception, BackbeatError)
    assert re.search(told, str(done.exception))


def test_without_a_warehouse_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_WAREHOUSE", str(tmp_path / "none.duckdb"))
    done = CliRunner().invoke(app, ["evaluate"])
    assert "none.duckdb (BACKBEAT_WAREHOUSE): run `backbeat refresh` first" in str(done.exception)
