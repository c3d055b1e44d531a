"""The same models through dbt-snowflake: staged, built, tested, incremented; and DuckDB's rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.dbt_process import ROOT
from tests.listening_sample import LATER
from tests.python_model import load
from tests.snowflake.account import SnowflakeAccount
from tests.snowflake.conftest import Engines
from tests.warehouse_builder import STAMPS

# Both engines are built twice before the first test: two minutes, more where others are at work.
pytestmark = pytest.mark.timeout(900)
GOLD = {f"gold.{path.stem}" for path in (ROOT / "models/gold").rglob("*.sql")}


def test_a_user_logs_in_with_a_key(account: SnowflakeAccount) -> None:
    said = account.dbt("debug")
    assert "All checks passed!" in said
    assert "query_tag: backbeat" in said


def test_the_warehouse_is_small_and_suspends_itself(account: SnowflakeAccount) -> None:
    said = account.dbt("run-operation", "size_warehouse")
    assert "TRANSFORMING warehouse_size = XSMALL auto_suspend = 60 auto_resume = true" in said


def test_the_lake_is_staged_and_refreshed(engines: Engines) -> None:
    first, second = engines.staged
    assert "BACKBEAT.lake.plays knows 4 files" in first
    assert "BACKBEAT.lake.plays knows 6 files" in second
    assert "BACKBEAT.reference.episodes knows 0 files" in first
    assert "BACKBEAT.reference.episodes knows 1 files" in second
    assert "BACKBEAT.reference.podcast_downloads knows 1 files" in first
    assert "BACKBEAT.reference.podcast_downloads knows 2 files" in second
    assert "BACKBEAT.statements.reports knows 11 files" in first
    assert "BACKBEAT.statements.report_lines knows 12 files" in second


def test_what_the_path_says_is_a_column(engines: Engines) -> None:
    query = "select distinct _file, landed_date, landed_hour from lake.playback_started"
    [(file, landed_date, landed_hour)] = engines.snowflake.rows(query)
    assert (str(landed_date), landed_hour) == ("2026-03-20", 12)
    assert file.startswith("bronze/playback_started/year=2026/month=03/day=20/hour=12/playback_started+0")
    assert (engines.snowflake.lake.root / file).is_file()


def test_every_table_is_the_same_row_by_row(engines: Engines) -> None:
    compared = {name: difference(engines, name, columns) for name, columns in relations(engines).items()}
    assert set(engines.duckdb.tables("bronze", "silver", "gold", "history")) | GOLD <= compared.keys()
    assert {name: found for name, found in compared.items() if found} == {}


def test_no_gold_table_is_equal_for_being_empty(engines: Engines) -> None:
    empty = {name for name in GOLD if engines.snowflake.rows(f"select count(*) from {name}") == [(0,)]}
    assert empty == set()
    rare = "select count(distinct anomaly) from gold.event_volume_hourly"
    assert engines.snowflake.rows(rare) == [(2,)]


def silver(engines: Engines, name: str) -> pa.Table:
    with duckdb.connect(str(engines.duckdb.path), read_only=True) as connection:
        return connection.sql(f"select * from silver.{name}").to_arrow_table()


def test_candidates_in_python_are_those_in_sql(engines: Engines) -> None:
    tables = [
        silver(engines, name)
        for name in ("silver_user_sources", "silver_source_tracks", "silver_unwanted_tracks")
    ]
    found = load("conformed/silver_scored_tracks.py").score(*tables, per_user=20, per_artist=2)
    in_sql = "select candidate_key, round(score * 1e8), candidate_rank from silver.silver_candidates"
    in_python = found[["scored_key", "points", "candidate_rank"]].itertuples(index=False, name=None)
    assert len(found) > 0
    assert sorted(in_python) == sorted(engines.duckdb.rows(in_sql))


def test_similar_tracks_in_python_are_those_in_sql(engines: Engines) -> None:
    model = load("conformed/silver_paired_tracks.py")
    found = model.pair(silver(engines, "silver_tastes"), shrinkage=3, kept=50)
    in_sql = "select similarity_key, listeners_together, similarity, rank from silver.silver_similarities"
    in_python = found[["similarity_key", "listeners_together", "similarity", "rank"]]
    assert len(found) > 0
    assert sorted(in_python.itertuples(index=False, name=None)) == sorted(engines.duckdb.rows(in_sql))


def test_a_landed_log_counts_as_the_guidelines_say(engines: Engines) -> None:
    rows = engines.snowflake.rows(
        "select download_date, downloads, downloads_first_touch, downloads_last_touch, requests, "
        "filtered_requests from gold.podcast_downloads where episode_id = 'ep-1' order by download_date"
    )
    assert [(str(day), *counts) for day, *counts in rows] == [
        ("2026-03-16", 1, 1, 1, 1, 0),
        ("2026-03-17", 1, 1, 0, 2, 0),
        ("2026-03-18", 1, 1, 1, 1, 0),
        # In pieces; not the one that asked for too little, the probe, the bot, the unnamed, the HEAD.
        ("2026-03-19", 1, 1, 1, 7, 4),
    ]


def test_plays_that_two_sources_tell_count_once(engines: Engines) -> None:
    query = (
        "select play_id, rule, seconds_between, played_date from silver.silver_merged_plays order by play_id"
    )
    assert [(*told, str(day)) for *told, day in engines.snowflake.rows(query)] == [
        ("before", "title", 60.0, "2026-03-18"),
        ("coded", "isrc", 60.0, "2026-03-19"),
        ("once", "title", 0.0, "2026-03-18"),
    ]


def test_a_day_that_lost_all_it_had_is_gone(engines: Engines) -> None:
    for name in ("gold.daily_user_activity", "gold.daily_geo_activity"):
        days = f"select count(*) from {name} where activity_date = '2026-03-15'"
        assert engines.snowflake.rows(days) == [(0,)]
        assert engines.snowflake.rows(days.replace("15", "16")) != [(0,)]


def test_the_second_run_replaced_only_what_was_touched(engines: Engines) -> None:
    full, increment = engines.runs
    names = [node["alias"] for node in made(engines) if node["config"]["materialized"] == "incremental"]
    assert len(names) > 20
    for name in names:
        assert "create or replace transient table" in sql(full, "run", name)
        assert "delete from" in sql(increment, "run", name)
        assert "create or replace transient" not in sql(increment, "run", name)
    hour = "where _landed_hour in ('2026-03-20 11:00:00') and _file in ('bronze/plays/"
    assert hour in sql(increment, "compiled", "silver_plays_validated")


def test_a_history_keeps_what_was_known_and_is_not_transient(engines: Engines) -> None:
    rows = engines.snowflake.rows(
        "select level, known_until_at is null from history.users_history "
        "where user_id = 'sim-000002' order by known_from_at"
    )
    assert rows == [("family", False), ("free", True)]
    file = "run/backbeat/snapshots/users_history.yml/users_history.sql"
    full, increment = ((run / file).read_text() for run in engines.runs)
    assert "create or replace table BACKBEAT.history.users_history" in full
    assert "merge into" in increment


def test_big_facts_are_clustered_by_day(engines: Engines) -> None:
    full, _ = engines.runs
    assert "alter table BACKBEAT.gold.fct_plays cluster by (played_date)" in sql(full, "run", "fct_plays")


def test_every_statement_carries_its_node_as_a_tag(engines: Engines) -> None:
    tags = {
        json.loads(line.split("query_tag = '")[1].rsplit("'", 1)[0])["node"]
        for line in engines.snowflake.log.read_text().splitlines()
        if "alter session set query_tag = '" in line
    }
    assert {"fct_plays", "countries", "assert_chart_ranks_have_no_gaps"} <= tags


def test_a_lake_that_nobody_refreshed_looks_as_it_did(engines: Engines) -> None:
    lake, rows = engines.snowflake.lake, engines.snowflake.rows
    landed = [lake.land("skips", [{}], landed_at=moment) for moment in (LATER, LATER + timedelta(days=1))]
    count, refresh = "select count(*) from lake.skips", "alter external table BACKBEAT.lake.skips refresh"
    assert rows(count) == [(2,)]
    rows(f"{refresh} 'year=2026/month=03/day=21/'")
    assert rows(count) == [(3,)]
    rows(refresh)
    assert rows(count) == [(4,)]
    for path in landed:
        path.unlink()
    rows(refresh)
    assert rows(count) == [(2,)]


def made(engines: Engines) -> list[dict[str, Any]]:
    """The nodes that dbt makes a table or view of."""
    nodes = json.loads((engines.snowflake.target / "manifest.json").read_text())["nodes"].values()
    kinds = "model", "seed", "snapshot"
    return [
        node
        for node in nodes
        if node["resource_type"] in kinds and node["config"]["materialized"] != "ephemeral"
    ]


def relations(engines: Engines) -> dict[str, set[str]]:
    """All of them, as schema.name, with the columns that tell of the run: stamps, and a snapshot's own."""
    return {
        f"{node['schema']}.{node['alias']}": {
            *STAMPS,
            *(node["config"].get("snapshot_meta_column_names") or {}).values(),
        }
        for node in made(engines)
    }


def sql(run: Path, kind: str, name: str) -> str:
    """What dbt made of a model: `compiled`, its query, or `run`, the statement."""
    [path] = [path for path in (run / kind).rglob(f"{name}.sql") if ".yml" not in str(path)]
    return path.read_text()


def difference(engines: Engines, name: str, of_the_run: set[str]) -> dict[str, Any]:
    """Rows that only one engine has, but for what tells of the run; empty when there are none."""
    described = engines.duckdb.rows(f"describe {name}")
    columns = [row[0] for row in described if row[0] not in of_the_run and not row[0].startswith("dbt_")]
    query = f"select {', '.join(columns)} from {name}"
    ours, theirs = Counter(plain(engines.duckdb.rows(query))), Counter(plain(engines.snowflake.rows(query)))
    only = {"duckdb": ours - theirs, "snowflake": theirs - ours}
    return {
        engine: dict(list(rows.items())[:2]) | {"rows": rows.total()} for engine, rows in only.items() if rows
    }


def plain(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    """The one thing taken as equal: an exact number, whichever Python type its driver gives."""
    for row in rows:
        yield tuple(_number(value) if isinstance(value, Decimal) else value for value in row)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
