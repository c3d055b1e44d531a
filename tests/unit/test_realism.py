"""Figures of realism: taken as they are described; a row that misses its target says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks import realism_figures as figures
from benchmarks.realism import TARGET, compared
from benchmarks.record import RESULTS

START = datetime(2026, 11, 1, 20, tzinfo=UTC)


def listens(*minutes_and_tracks: tuple[str, int, str]) -> pl.DataFrame:
    rows = [(user, START + timedelta(minutes=minute), track) for user, minute, track in minutes_and_tracks]
    return pl.DataFrame(rows, schema=["user", "started", "track"], orient="row")


LISTENS = listens(("a", 0, "x"), ("a", 4, "y"), ("a", 40, "x"), ("b", 41, "x"), ("b", 45, "x"))


def test_sessions_end_with_half_an_hour_or_the_listener() -> None:
    assert sorted(figures.session_lengths(LISTENS)) == [1, 2, 2]
    assert figures.gaps(LISTENS).tolist() == [240, 2160, 240]


def test_repeats_are_of_the_same_listener() -> None:
    assert figures.repeat_rate(LISTENS, 2) == 0.25
    assert figures.repeat_rate(LISTENS, 3) == pytest.approx(1 / 3)
    assert np.isnan(figures.repeat_rate(LISTENS, 4))


def test_a_scrobble_is_half_a_track_or_four_minutes() -> None:
    plays = pl.DataFrame({"ms_played": [99, 100, 240_000], "duration_ms": [200, 200, 999_000]})
    assert figures.scrobbled(plays)["ms_played"].to_list() == [100, 240_000]


def test_shares_of_the_largest_and_overlaps() -> None:
    assert figures.top_share(np.array([1.0, 5.0, 2.0, 2.0]), 0.25) == 0.5
    found = figures.chart_overlap({"DE": ["x", "y"], "FR": ["x", "z"], "US": ["v", "w"]})
    assert found["mean"] == pytest.approx(1 / 6)
    assert found["in_one_country"] == pytest.approx(4 / 5)


def test_days_are_compared_whatever_the_clock_says() -> None:
    day = np.eye(24)[3]
    assert figures.variation(day, np.eye(24)[5]) == 1
    assert figures.nearest_shift(day, np.eye(24)[5]) == 0


def test_a_reason_stands_only_where_it_is_needed() -> None:
    assert compared("figure", (2.0, 2.1), "source", "because").reason == ""
    assert compared("figure", (2.0, 3.0), "source", "because").reason == "because"


def test_every_row_meets_the_target_or_says_why() -> None:
    result = json.loads((RESULTS / "realism.json").read_text())
    assert [row["figure"] for row in result["rows"] if row["distance"] > TARGET and not row["reason"]] == []
    assert result["rows_within"] == sum(row["distance"] <= TARGET for row in result["rows"]) >= 29
