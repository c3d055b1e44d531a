"""The warehouse built by dbt from a small lake: what is kept, what is refused, and that runs may be split."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dbt_process import WITHOUT_TESTS, WITHOUT_UNIT_TESTS, DbtProcess
from tests.lake_builder import play
from tests.listening_sample import LATER, at, first_objects, second_objects
from tests.metric_query import Metrics
from tests.warehouse_builder import Warehouse, differences


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Warehouse:
    """Everything built at once."""
    warehouse = Warehouse(tmp_path_factory.mktemp("whole"), dbt)
    first_objects(warehouse.lake)
    second_objects(warehouse.lake)
    warehouse.dbt("build")
    return warehouse


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Warehouse:
    """The same objects, built in two runs."""
    warehouse = Warehouse(tmp_path_factory.mktemp("split"), dbt)
    first_objects(warehouse.lake)
    warehouse.dbt("build", *WITHOUT_TESTS)
    second_objects(warehouse.lake)
    warehouse.dbt("build", *WITHOUT_UNIT_TESTS)
    return warehouse


def test_what_comes_in_is_accepted_or_rejected_with_its_codes(whole: Warehouse) -> None:
    freshness = whole.rows(
        "select topic, landed, accepted, rejected from gold.pipeline_freshness where landed > 0"
    )
    assert sorted(freshness) == [
        ("auth_events", 4, 1, 3),
        ("likes", 1, 1, 0),
        ("plays", 83, 77, 6),
        ("podcast_events", 6, 6, 0),
        ("subscription_changes", 1, 1, 0),
    ]
    codes = whole.rows("select topic, error_code, events from gold.data_quality_summary")
    assert sorted(codes) == [
        ("auth_events", "empty_payload", 1),
        ("auth_events", "not_json", 1),
        ("auth_events", "not_utf8", 1),
        ("plays", "duplicate_event_id", 2),
        ("plays", "duplicate_play", 1),
        ("plays", "negative_ms_played", 1),
        ("plays", "not_json", 1),
        ("plays", "occurred_in_future", 1),
        ("plays", "unknown_country", 1),
    ]
    both = "select error_codes, payload from silver.silver_rejected_events where error_codes like '%,%'"
    [(error_codes, payload)] = whole.rows(both)
    assert error_codes == "unknown_country,negative_ms_played"
    assert '"ms_played": -3' in payload


def test_the_copy_that_landed_first_stands_though_its_object_came_last(split: Warehouse) -> None:
    copies = split.rows(
        "select is_accepted, _offset, payload is null from silver.silver_plays_validated "
        "where play_id = 'copied' order by _timestamp"
    )
    assert [accepted for accepted, *_ in copies] == [True, False]
    assert copies[1][1:] == (500, False)


def test_a_late_play_joins_two_sessions_across_midnight(split: Warehouse) -> None:
    query = (
        "select p.play_id, s.plays, s.session_date::varchar from gold.fct_plays p join gold.fct_sessions s "
        "using (session_key) where p.play_id in ('evening', 'bridge', 'night') order by p.started_at"
    )
    assert split.rows(query) == [(name, 3, "2026-03-18") for name in ("evening", "bridge", "night")]


def test_an_earlier_first_play_moves_the_new_listener(split: Warehouse) -> None:
    query = (
        "select played_date::varchar, new_listeners from gold.daily_listening_stats "
        "where region = 'GLOBAL' order by played_date"
    )
    assert split.rows(query) == [("2026-03-17", 1), ("2026-03-18", 5), ("2026-03-19", 0)]


def test_two_runs_give_what_one_run_gives(whole: Warehouse, split: Warehouse) -> None:
    tables = whole.tables("silver", "gold")
    assert len(tables) > 40
    assert split.tables("silver", "gold") == tables
    assert differences(whole.path, split.path, tables) == {}


def test_an_episode_file_that_comes_late_reaches_old_listens(split: Warehouse) -> None:
    listens = split.rows(
        "select user_id, listened_ms, duration_ms, listen_through_rate "
        "from gold.fct_podcast_listens order by all"
    )
    assert listens == [("sim-000001", 900_000, 600_000, 1.5), ("sim-000002", 300_000, 600_000, 0.5)]
    [(title, show)] = split.rows(
        "select episode_title, podcast_title from gold.dim_episodes where duration_ms > 0"
    )
    assert (title, show) == ('He said "go"', "Talk, daily")


def test_running_again_changes_nothing_and_reads_nothing(whole: Warehouse) -> None:
    tables = [
        t for t in whole.tables("silver", "gold") if t.endswith(("_validated", ".fct_plays", "_positions"))
    ]
    before = {table: whole.rows(f"select * from {table} order by all") for table in tables}
    whole.dbt("run")
    assert {table: whole.rows(f"select * from {table} order by all") for table in tables} == before


def test_an_increment_opens_only_the_new_object(split: Warehouse) -> None:
    objects = sorted((split.lake.root / "bronze/plays").rglob("*.parquet"))
    # The first is opened for its schema; any other that is opened now fails the run.
    broken = {path: path.read_bytes() for path in objects[1:]}
    for path in broken:
        path.write_bytes(b"not Parquet")
    split.lake.land("plays", [play("newest", at(1, 20), "sim-000004")], landed_at=LATER + timedelta(hours=3))
    # Without the sessions between, which the play needs: the next run makes that good.
    split.dbt("run", "--select", "silver_plays_validated", "fct_plays", "daily_listening_stats")
    split.dbt("run", "--select", "silver_plays_validated+")
    assert split.rows("select count(*) from gold.fct_plays where play_id = 'newest'") == [(1,)]
    for path, body in broken.items():
        path.write_bytes(body)


def test_an_empty_lake_builds_and_then_fills(tmp_path: Path, dbt: DbtProcess) -> None:
    warehouse = Warehouse(tmp_path, dbt)
    warehouse.dbt("build", *WITHOUT_UNIT_TESTS)
    assert warehouse.rows("select sum(landed) from gold.pipeline_freshness") == [(0,)]
    first_objects(warehouse.lake)
    warehouse.dbt("build", *WITHOUT_UNIT_TESTS)
    assert warehouse.rows("select count(*) from gold.fct_plays") == [(75,)]
    assert warehouse.rows("select count(*) from gold.recommendations") != [(0,)]


BY_HAND = {
    ("plays", "streams", "minutes"): """
        select country, count(*), count(*) filter (is_stream), sum(ms_played) / 60000.0
        from gold.fct_plays group by country order by country""",
    ("listeners", "skip_rate"): """
        select country, count(distinct user_id), avg(is_skipped::int)
        from gold.fct_plays group by country order by country""",
}


@pytest.mark.parametrize("names", BY_HAND)
def test_metrics_are_what_sql_by_hand_says(whole: Warehouse, dbt: DbtProcess, names: tuple[str, ...]) -> None:
    metrics = Metrics(dbt.parsed() / "semantic_manifest.json")
    asked = whole.rows(metrics.sql(list(names), ["play__country"]))
    assert len(asked) > 1
    assert asked == [pytest.approx(row) for row in whole.rows(BY_HAND[names])]


def test_every_metric_can_be_asked_for_by_day(whole: Warehouse, dbt: DbtProcess) -> None:
    metrics = Metrics(dbt.parsed() / "semantic_manifest.json")
    asked = {name: whole.rows(metrics.sql([name], ["metric_time__day"])) for name in metrics.names}
    assert len(asked) >= 16
    assert [name for name, rows in asked.items() if not rows] == []


def test_the_docs_are_generated_with_every_model_described(whole: Warehouse, dbt: DbtProcess) -> None:
    whole.dbt("docs", "generate")
    target = dbt.parsed()
    models = json.loads((target / "manifest.json").read_text())["nodes"].values()
    described = {node["name"]: node["description"] for node in models if node["resource_type"] == "model"}
    assert len(described) > 60
    assert [name for name, text in described.items() if not text.startswith("One row per ")] == []
    assert len(json.loads((target / "catalog.json").read_text())["nodes"]) > 60
