"""The longer snapshot that the app is measured on: as many rows as was asked, every one of its own."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.app_widened import widened
from serving.snapshot import newest
from tests.snapshot_builder import build_snapshot, build_warehouse, empty_gold

TIMES, DAYS = 3, 60


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A snapshot as `short`, the longer one as `long`."""
    folder = tmp_path_factory.mktemp("widened")
    short = build_snapshot(folder)
    long = widened(folder / "warehouse.duckdb", TIMES, folder / "long")
    connection = duckdb.connect()
    connection.execute(f"attach '{short}' as short (read_only)")
    connection.execute(f"attach '{long}' as long (read_only)")
    return connection


def asked(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """What the longer one answers, after what the shorter one does."""
    answers = []
    for catalog in ("short", "long"):
        connection.execute(f"use {catalog}")
        answers.append(connection.execute(sql).fetchall())
    return [row for answer in answers for row in answer]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("fct_plays", "event_id"),
        ("fct_sessions", "session_key"),
        ("daily_user_activity", "activity_key"),
        ("daily_listening_stats", "stat_key"),
        ("top_songs_hourly", "chart_key"),
    ],
)
def test_a_table_of_days_is_as_often_as_asked_with_keys_of_its_own(
    both: duckdb.DuckDBPyConnection, table: str, key: str
) -> None:
    short, long = asked(both, f"select count(*), count(distinct {key}) from gold.{table}")
    assert short[0] == short[1]
    assert long == (TIMES * int(str(short[0])), TIMES * int(str(short[0])))


def test_the_days_go_back_without_a_gap_or_an_overlap(both: duckdb.DuckDBPyConnection) -> None:
    sql = "select min(played_date), max(played_date), count(distinct played_date) from gold.fct_plays"
    short, long = asked(both, sql)
    assert short[1] == long[1]
    assert (short[2], long[2]) == (DAYS, TIMES * DAYS)


def test_plays_keep_their_session_their_day_and_their_track(both: duckdb.DuckDBPyConnection) -> None:
    sql = """select count(*) filter (fct_plays.started_at::date <> played_date), count(distinct track_key),
                 count(*) filter (fct_sessions.session_key is null)
             from gold.fct_plays left join gold.fct_sessions using (session_key)"""
    short, long = asked(both, sql)
    assert long == (TIMES * int(str(short[0])), short[1], TIMES * int(str(short[2])))


def test_listeners_are_the_same_and_came_over_all_the_days(both: duckdb.DuckDBPyConnection) -> None:
    sql = "select count(*), max(first_active_date) - min(first_active_date) from gold.user_lifetime_metrics"
    short, long = asked(both, sql)
    assert short[0] == long[0]
    assert int(str(long[1])) >= int(str(short[1])) + (TIMES - 1) * DAYS


def test_nothing_else_is_more_or_less(both: duckdb.DuckDBPyConnection) -> None:
    sql = """select (select count(*) from gold.recommendations), (select count(*) from gold.dim_tracks),
                 (select count(*) from main.pipeline_runs),
                 (select count(*) from silver.silver_rejected_events)"""
    short, long = asked(both, sql)
    assert short == long
    assert 0 not in short


def test_it_is_made_once_and_leaves_the_snapshot_alone(tmp_path: Path) -> None:
    build_snapshot(tmp_path)
    warehouse, folder = tmp_path / "warehouse.duckdb", tmp_path / "long"
    made = widened(warehouse, 2, folder)
    assert widened(warehouse, 2, folder) == made == newest(folder)
    assert [entry.name for entry in folder.glob("*.duckdb*")] == [made.name]


def test_without_a_play_it_says_why_not(tmp_path: Path) -> None:
    warehouse = empty_gold(build_warehouse(tmp_path / "warehouse.duckdb"))
    with pytest.raises(ValueError, match="without plays"):
        widened(warehouse, 2, tmp_path / "long")
    assert list((tmp_path / "long").iterdir()) == []
