"""Growth, charts and volumes over runs: days rebuilt one by one hold what a single run would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_process import WITHOUT_TESTS, WITHOUT_UNIT_TESTS, DbtProcess
from tests.lake_builder import LakeBuilder, event, play
from tests.warehouse_builder import Warehouse, differences

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MODELS = ["gold.growth", "most_completed_episodes", "multi_episode_listeners", "event_volume_hourly"]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def hourly_views(days: range, hour: int, count: int) -> list[dict[str, Any]]:
    return [
        event(f"view-{day}-{hour}-{n}", at(day, hour, n % 60), f"sim-{n:06d}", page="home")
        for day in days
        for n in range(count)
    ]


def first_objects(lake: LakeBuilder) -> None:
    """Five weeks of page views at ten o'clock on Mondays and Tuesdays, and one user's beginning."""
    lake.landed_at = at(28, 23)
    for day in (0, 1):
        lake.land("page_views", hourly_views(range(day, 28, 7), 10, 60))
    lake.land("auth_events", [event("joins", at(0, 9), "sim-000001", action="register", succeeded=True)])
    lake.land("plays", [play("one", at(0, 12), "sim-000001"), play("two", at(1, 12), "sim-000001")])
    lake.land("podcast_events", steps("sim-000001", 3, ["ep-1", "ep-2"]))


def second_objects(lake: LakeBuilder) -> None:
    """The fifth Monday, silent at ten; a Tuesday with three times as much; late events of the first week."""
    lake.landed_at = at(29, 12, 30)
    lake.land("page_views", hourly_views(range(29, 30), 10, 200))
    changes = [
        event("pays", at(2, 9), "sim-000001", from_level="free", to_level="paid"),
        event("stops", at(20, 9), "sim-000001", from_level="paid", to_level="free"),
    ]
    lake.land("subscription_changes", changes)
    late = [
        play("late", at(1, 13), "sim-000002", country="FR"),
        play("copy", at(0, 12), "sim-000001", play_id="one"),
    ]
    lake.land("plays", late)
    lake.land("likes", [event("likes", at(29, 12, 10), "sim-000003", track_id="track:one", liked=True)])
    lake.land("podcast_events", steps("sim-000002", 9, ["ep-1"]))


def steps(user: str, day: int, episodes: list[str]) -> list[dict[str, Any]]:
    return [
        event(f"{user}-{day}-{episode}-{action}", at(day, 18), user, episode_id=episode, action=action)
        for episode in episodes
        for action in ("play", "complete")
    ]


def build(folder: Path, dbt: DbtProcess, *, in_two_runs: bool) -> Warehouse:
    warehouse = Warehouse(folder, dbt)
    select = ["--select", *(f"+{model}" for model in MODELS)]
    first_objects(warehouse.lake)
    if in_two_runs:
        warehouse.dbt("build", *select, *WITHOUT_TESTS)
    second_objects(warehouse.lake)
    left_out = WITHOUT_UNIT_TESTS if in_two_runs else WITHOUT_TESTS
    warehouse.dbt("build", *select, *left_out, "--indirect-selection", "cautious")
    return warehouse


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Warehouse:
    return build(tmp_path_factory.mktemp("split"), dbt, in_two_runs=True)


def test_two_runs_give_what_one_run_gives(split: Warehouse, tmp_path: Path, dbt: DbtProcess) -> None:
    whole = build(tmp_path, dbt, in_two_runs=False)
    tables = whole.tables("silver", "gold")
    assert {"gold.daily_geo_activity", "gold.event_volume_hourly", "silver.silver_user_days"} <= set(tables)
    assert differences(whole.path, split.path, tables) == {}


def test_a_day_untouched_is_not_rebuilt(split: Warehouse) -> None:
    stamps = (
        "select activity_date::varchar, count(distinct loaded_at) from gold.daily_user_activity group by 1"
    )
    assert {count for _, count in split.rows(stamps)} == {1}
    newest = split.rows(
        "select distinct activity_date::varchar from gold.daily_user_activity "
        "where loaded_at = (select max(loaded_at) from gold.daily_user_activity) order by all"
    )
    assert newest == [("2026-03-02",), ("2026-03-03",), ("2026-03-11",), ("2026-03-31",)]


def test_a_silent_hour_is_a_drop_and_a_crowded_one_a_surge(split: Warehouse) -> None:
    flagged = split.rows(
        "select topic, event_hour, anomaly, events, expected_events from gold.event_volume_hourly "
        "where is_anomaly order by event_hour"
    )
    monday, tuesday = (at(day, 10).replace(tzinfo=None) for day in (28, 29))
    assert flagged == [("page_views", monday, "drop", 0, 60.0), ("page_views", tuesday, "surge", 200, 60.0)]
    hours = (
        "select count(*), count(distinct event_hour) from gold.event_volume_hourly where topic = 'page_views'"
    )
    assert split.rows(hours) == [(29 * 24 + 3, 29 * 24 + 3)]
    open_hours = "select distinct event_hour from gold.event_volume_hourly where not is_complete"
    assert split.rows(open_hours) == [(at(29, 12).replace(tzinfo=None),)]


def test_a_life_and_its_funnel(split: Warehouse) -> None:
    life = split.rows(
        "select active_days, lifetime_days, sessions, plays, completed_episodes, registered_date::varchar, "
        "first_played_date::varchar, paid_date::varchar, churned_date::varchar "
        "from gold.user_lifetime_metrics where user_id = 'sim-000001'"
    )
    dates = ("2026-03-02", "2026-03-02", "2026-03-04", "2026-03-22")
    assert life == [(10, 30, 2, 2, 2, *dates)]
    funnel = split.rows(
        "select funnel_date::varchar, registered, played, paid, churned, conversions_that_day "
        "from gold.subscription_funnel_daily order by all"
    )
    assert funnel == [
        ("2026-03-02", 1, 1, 1, 1, 0),
        ("2026-03-04", 0, 0, 0, 0, 1),
        ("2026-03-22", 0, 0, 0, 0, 0),
    ]


def test_listeners_and_completions(split: Warehouse) -> None:
    several = split.rows("select user_id, episodes, listen_date::varchar from gold.multi_episode_listeners")
    assert several == [("sim-000001", 2, "2026-03-05")]
    windows = split.rows(
        "select window_end_date::varchar, episode_id, completed_listens from gold.most_completed_episodes "
        "where window_end_date >= '2026-03-10' order by all"
    )
    assert windows == [
        ("2026-03-10", "ep-1", 1),
        ("2026-03-10", "ep-2", 1),
        ("2026-03-11", "ep-1", 2),
        ("2026-03-11", "ep-2", 1),
    ]
