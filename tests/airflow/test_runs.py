"""Every DAG for real, on one lake: each test goes on where the one before left it."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any

import duckdb
import psutil
import pyarrow.parquet as pq
import pytest

from infra.airflow_api import until
from tests.airflow.platform import PATIENCE_S, Platform
from tests.api_server import ad_day
from tests.lake_builder import play

pytestmark = pytest.mark.timeout(1800)
NOW = datetime.now(UTC)
HISTORY = [
    {"endTime": "2024-03-01 10:00", "artistName": "One", "trackName": f"Song {n}", "msPlayed": 180_000}
    for n in range(4)
]

# Whatever is made day by day → its day.
DAYS_OF = {
    "gold.fct_plays": "played_date",
    "gold.fct_sessions": "session_date",
    "gold.fct_podcast_listens": "listen_date",
    "gold.fct_subscription_changes": "changed_date",
    "gold.top_songs_hourly": "chart_date",
    "gold.daily_listeners": "played_date",
    "gold.daily_listening_stats": "played_date",
    "gold.listening_trends": "played_date",
    "gold.artist_popularity": "played_date",
    "gold.daily_user_activity": "activity_date",
    "gold.user_sessions": "session_date",
    "gold.daily_song_plays": "played_date",
    "gold.daily_geo_activity": "activity_date",
    "silver.silver_user_days": "activity_date",
    "silver.silver_hourly_volumes": "event_date",
    "silver.silver_hourly_positions": "chart_date",
    "silver.silver_daily_positions": "chart_date",
}


def plays(platform: Platform, where: str) -> int:
    with duckdb.connect(str(platform.warehouse), read_only=True) as connection:
        (count,) = connection.execute(f"select count(*) from gold.fct_plays where {where}").fetchone() or (0,)
    return int(count)


def land(platform: Platform, name: str, count: int, **fields: Any) -> None:
    """Plays of the last hour, landed now."""
    values = [play(f"{name}-{n}", NOW - timedelta(minutes=n % 50), **fields) for n in range(count)]
    platform.lake.land("plays", values, landed_at=NOW)


def test_a_night_pulls_what_platforms_tell(platform: Platform) -> None:
    yesterday = (NOW - timedelta(days=1)).date().isoformat()
    platform.apis.insights["act_1"] = [ad_day(yesterday, "61", "1.5"), ad_day(yesterday, "62", "2.25")]
    platform.unpause("pulls")
    platform.trigger("pulls")
    (run,) = platform.ended("pulls", "manual", 1)
    assert platform.states(run) == {"look": "success", "pull": "success"}
    lines = pq.read_table(platform.lake.root / "landing" / "report_lines")
    assert lines.column("net_amount").to_pylist() == [Decimal("1.5"), Decimal("2.25")]


def test_a_day_builds_tests_publishes_documents_and_keeps_house(platform: Platform) -> None:
    platform.unpause("daily")
    platform.trigger("daily")
    (run,) = platform.ended("daily", "manual", 1)
    assert set(platform.states(run).values()) == {"success"}
    assert len(platform.snapshots()) == 1
    assert (platform.folder / "target" / "static_index.html").stat().st_size > 100_000


def test_missed_hours_are_caught_up_and_what_is_not_new_is_skipped(platform: Platform) -> None:
    land(platform, "live", 5)
    before = platform.snapshots()
    platform.unpause("hourly")
    first, *others = platform.ended("hourly", "scheduled", 3)
    starts = [datetime.fromisoformat(run["data_interval_start"]) for run in (first, *others)]
    assert {later - earlier for earlier, later in pairwise(starts)} == {timedelta(hours=1)}
    assert {run["state"] for run in (first, *others)} == {"success"}
    assert set(platform.states(first).values()) == {"success"}
    for run in others:
        assert platform.states(run) == {"fresh": "success"} | dict.fromkeys(
            ["validate", "transform", "quality_gate", "publish"], "skipped"
        )
    assert plays(platform, "play_id like 'live-%'") == 5
    assert len(set(platform.snapshots()) - set(before)) == 1
    assert "longer than" in platform.hear(lambda text: "hourly takes" in text)


def test_a_dropped_file_is_built_by_itself_though_the_task_is_killed_mid_model(platform: Platform) -> None:
    inbox = platform.lake.root / "landing" / "inbox"
    inbox.mkdir(parents=True)
    dropped = json.dumps(HISTORY).encode()
    (inbox / "StreamingHistory0.json").write_bytes(dropped)
    (inbox / "letter.txt").write_text("nothing to import")
    platform.unpause("landing")
    platform.trigger("landing")
    platform.dbt_log.unlink()
    assert "letter.txt is nothing to import" in platform.hear(lambda text: "letter" in text)

    def building() -> psutil.Process | None:
        """dbt, once it is in the middle of a model."""
        dbt = platform.dbt()
        started = platform.dbt_log.exists() and " START sql incremental model" in platform.dbt_log.read_text()
        return dbt if started else None

    dbt = until(building, PATIENCE_S, "the build that the dropped file asks for")
    task = dbt.parent()
    assert task is not None
    os.kill(task.pid, signal.SIGKILL)
    dbt.wait(PATIENCE_S)  # it goes with its task, and does not hold the warehouse against the retry
    (run,) = platform.ended("hourly", "asset_triggered", 1)
    assert run["state"] == "success"
    assert platform.tasks(run)["transform"]["try_number"] == 2
    assert plays(platform, "played_date = date '2024-03-01'") == len(HISTORY)
    assert list(inbox.iterdir()) == []
    kept = (platform.lake.root / "archive" / "landing").rglob(f"{sha256(dropped).hexdigest()}.json")
    assert [path.read_bytes() for path in kept] == [dropped]


def test_two_weeks_made_anew_twice_are_what_they_were(platform: Platform) -> None:
    sound = platform.copy("sound")
    monday = NOW.date() - timedelta(days=NOW.weekday() + 14)
    thursday = monday + timedelta(days=3)
    with duckdb.connect(str(platform.warehouse)) as connection:
        for table, day in DAYS_OF.items():
            spoilt = f"{day} >= date '{thursday}' and {day} < date '{thursday}' + 7"
            connection.execute(f"delete from {table} where {spoilt}")
    assert len(platform.differences(sound, platform.warehouse)) > 8
    platform.unpause("backfill")
    first, last = (f"{day.isoformat()}T00:00:00Z" for day in (monday, monday + timedelta(days=13)))
    platform.api.post("backfills", {"dag_id": "backfill", "from_date": first, "to_date": last})
    runs = platform.ended("backfill", "backfill", 2)
    once = platform.copy("once")
    for run in runs:  # not a second backfill of the same days: on SQLite its creation locks itself out
        platform.api.post(f"dags/backfill/dagRuns/{run['dag_run_id']}/clear", {"dry_run": False})
    assert [run["state"] for run in platform.ended("backfill", "backfill", 2)] == ["success", "success"]
    assert {platform.tasks(run)["week"]["try_number"] for run in runs} == {2}
    assert [platform.differences(sound, made) for made in (once, platform.copy("twice"))] == [{}, {}]


def test_bad_data_stop_at_the_gate_and_somebody_is_told_which_test_and_where(platform: Platform) -> None:
    before = platform.snapshots()
    land(platform, "bad", 3_000, ms_played=-1)
    platform.trigger("hourly")
    (run,) = platform.ended("hourly", "manual", 1)
    assert run["state"] == "failed"
    states = platform.states(run)
    assert (states["transform"], states["quality_gate"], states["publish"]) == (
        "success",
        "failed",
        "upstream_failed",
    )
    assert platform.tasks(run)["quality_gate"]["try_number"] == 1, "no retry would help"
    assert platform.snapshots() == before
    told = platform.hear(lambda text: "quality_gate failed" in text)
    assert "assert_few_new_events_are_refused" in told
    assert f"{platform.server.address}/dags/hourly/runs/{run['dag_run_id']}/tasks/quality_gate" in told
