"""Growth and data quality: the pages' questions against plain counting in Python on the same rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from streamlit_app.funnel import funnel
from streamlit_app.periods import Period
from streamlit_app.queries import growth, pipeline, quality
from streamlit_app.snapshot import Snapshot
from tests.snapshot_builder import build_snapshot

EVERYTHING = Period(date(2026, 9, 22), date(2026, 11, 20))
MONTH = Period(date(2026, 10, 22), date(2026, 11, 20))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot(build_snapshot(tmp_path_factory.mktemp("growth")))


def test_the_funnel_counts_who_registered_within_the_range(snapshot: Snapshot) -> None:
    lives = snapshot.frame("from gold.user_lifetime_metrics").filter(
        pl.col("registered_date").is_between(MONTH.first, MONTH.last)
    )
    assert growth.funnel(snapshot, MONTH) == {
        "registered": lives.height,
        "played": lives["first_played_date"].count(),
        "paid": lives["paid_date"].count(),
        "churned": lives["churned_date"].count(),
    }


def test_people_are_counted_once_however_often_they_come(snapshot: Snapshot) -> None:
    days = snapshot.frame("from gold.daily_user_activity").filter(
        pl.col("activity_date").is_between(MONTH.first, MONTH.last)
    )
    people: Any = growth.people(snapshot, MONTH)
    assert people["active_users"] == days["user_id"].n_unique()
    daily = growth.daily(snapshot, MONTH)
    assert (daily.height, daily["active_users"].sum()) == (30, days.height)
    assert daily["new_users"].sum() == people["new_users"]


@pytest.mark.parametrize(("step", "days"), [("day", 1), ("week", 7)])
def test_retention_counts_who_of_a_cohort_came_back(snapshot: Snapshot, step: str, days: int) -> None:
    def start(day: date) -> date:
        return day - timedelta(days=day.weekday() if step == "week" else 0)

    rows = snapshot.frame("select user_id, activity_date from gold.daily_user_activity").rows()
    first: dict[str, date] = {}
    for user, day in rows:
        first[user] = min(day, first.get(user, day))
    members: dict[date, set[str]] = defaultdict(set)
    seen: dict[tuple[date, int], set[str]] = defaultdict(set)
    for user, day in rows:
        cohort = start(first[user])
        members[cohort].add(user)
        seen[cohort, (start(day) - cohort).days // days].add(user)
    cells = growth.retention(snapshot, step).rows(named=True)
    newest = max(day for _, day in rows)
    assert cells
    for cell in cells:
        cohort, age = cell["cohort"], cell["age"]
        assert (cell["size"], cell["users"]) == (len(members[cohort]), len(seen[cohort, age]))
        assert cohort + timedelta(days=days * (age + 1)) <= newest + timedelta(days=1)
    assert {cell["share"] for cell in cells if cell["age"] == 0} == {1.0}


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_payers_add_up_however_long_the_steps(snapshot: Snapshot, step: str) -> None:
    paying = growth.paying(snapshot, EVERYTHING, step)
    lives = snapshot.frame("from gold.user_lifetime_metrics")
    assert paying["came"].sum() == lives["paid_date"].count()
    stopped = lives.filter(pl.col("churned_date") <= EVERYTHING.last).height
    assert paying["stay"].to_list()[-1] == paying["came"].sum() - stopped
    assert paying["start"].to_list()[1:] == paying["finish"].to_list()[:-1]


def test_a_life_is_worth_what_was_heard_in_its_whole_weeks(snapshot: Snapshot) -> None:
    value = growth.value(snapshot, fewest=1).filter(pl.col("level") == "paid")
    lives = snapshot.frame(
        """select activity_date - first_active_date as age, days.ms_played, user_id
           from gold.daily_user_activity as days join gold.user_lifetime_metrics as lives using (user_id)
           where level = 'paid' and first_active_date <= date '2026-11-20' - 6"""
    )
    first_week = lives.filter(pl.col("age") < 7)["ms_played"].sum() / lives["user_id"].n_unique() / 3_600_000
    assert value["hours"][0] == pytest.approx(first_week)
    assert value["week"].to_list() == list(range(1, value.height + 1))
    assert value["hours"].is_sorted()
    assert growth.lifetimes(snapshot)["users"].sum() == 99
    assert growth.median_life(snapshot)["users"] == 99


def test_a_funnel_says_each_step_as_a_share_of_the_one_before() -> None:
    html = funnel(
        [("Registered", "new accounts", 200), ("<Played>", "of those", 50), ("Paid", "of those", 0)]
    )
    assert "25.0% of those" in html
    assert "<Played>" not in html
    assert "width:25.00%" in html
    assert "width:0.00%" in html
    assert "0.0% of those" in html


def test_odd_hours_are_the_two_that_were_planted(snapshot: Snapshot) -> None:
    found = quality.anomalies(snapshot, MONTH)
    assert found.select("event_hour", "topic", "anomaly", "events").rows() == [
        (datetime.fromisoformat("2026-11-19T20:00"), "plays", "surge", 160),
        (datetime.fromisoformat("2026-11-18T13:00"), "plays", "drop", 4),
    ]
    assert quality.anomalies(snapshot, MONTH, "likes").is_empty()
    assert quality.totals(snapshot, MONTH)["odd_hours"] == 2


@pytest.mark.parametrize("grain", ["hour", "day"])
def test_volumes_add_up_and_know_what_to_expect_only_where_all_is_known(
    snapshot: Snapshot, grain: str
) -> None:
    volume = quality.volume(snapshot, EVERYTHING, quality.ALL, grain)
    assert volume["events"].sum() == quality.totals(snapshot, EVERYTHING)["events"]
    assert volume["events"].sum() == quality.daily(snapshot, EVERYTHING)["events"].sum()
    assert volume.filter(pl.col("expected").is_null())["bucket"].max() < datetime.fromisoformat("2026-10-13")
    assert volume["anomaly"].drop_nulls().to_list() == ["drop", "surge"]
    assert volume["odd"].drop_nulls().to_list() == ["plays drop", "plays surge"]


def test_each_rule_has_samples_and_they_are_of_that_rule(snapshot: Snapshot) -> None:
    rules = quality.rules(snapshot)
    assert rules["events"].sum() == pipeline.topics(snapshot)["rejected"].sum()
    for rule in rules["rule"]:
        samples = quality.samples(snapshot, rule)
        assert samples.height > 0
        assert samples["landed_at"].is_sorted(descending=True)
    assert quality.samples(snapshot, "missing_field", "plays").is_empty()
    assert quality.samples(snapshot, "'; drop table gold.fct_plays; --").is_empty()


def test_models_tell_when_they_were_built_how_long_it_took_and_their_rows(snapshot: Snapshot) -> None:
    [model] = quality.models(snapshot).rows(named=True)
    plays = snapshot.row("select count(*) as plays from gold.fct_plays")["plays"]
    assert model == {
        "model": "fct_plays",
        "status": "success",
        "seconds": 2.5,
        "before": 1.5,
        "built_at": datetime.fromisoformat("2026-11-20T01:00"),
        "rows": plays,
    }
