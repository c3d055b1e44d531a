"""The pages' questions, answered by a small published snapshot and checked against plain SQL on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from streamlit_app.periods import Period
from streamlit_app.queries import (
    artists,
    breakdowns,
    evaluation,
    listening,
    pipeline,
    podcasts,
    recommendations,
    regions,
    top_songs,
    tracks,
    users,
)
from streamlit_app.snapshot import Snapshot
from tests.snapshot_builder import build_snapshot

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 20))
PLAYED = """create temp view played as
    select * from gold.fct_plays where played_date between '2026-11-01' and '2026-11-20'"""
LISTENER = "lastfm-5e0c1a9b7d3f2468"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot(build_snapshot(tmp_path_factory.mktemp("queries")))


@pytest.fixture(scope="module")
def plain(
    snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A second look at the same rows, from a copy: one process opens a DuckDB file in one way only."""
    copy = tmp_path_factory.mktemp("plain") / "copy.duckdb"
    copy.write_bytes(Path(snapshot.path).read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute(PLAYED)
        yield connection


def one(plain: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    row = plain.execute(sql).fetchone()
    assert row is not None
    return tuple(row)


def test_totals_count_each_listener_once(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    totals = listening.totals(snapshot, PERIOD)
    expected = one(
        plain,
        """select count(*), count(*) filter (is_stream), count(*) filter (is_skipped), sum(ms_played),
            count(distinct user_id) from played""",
    )
    assert tuple(totals[name] for name in ("plays", "streams", "skips", "ms_played", "listeners")) == expected


def test_a_region_has_its_own_totals(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    totals = listening.totals(snapshot, PERIOD, "DE")
    expected = one(
        plain,
        "select count(*), count(distinct user_id) from played where country = 'DE'",
    )
    assert (totals["plays"], totals["listeners"]) == expected


def test_areas_and_countries_add_up_to_all_plays(snapshot: Snapshot) -> None:
    plays = listening.totals(snapshot, PERIOD)["plays"]
    for grain in ("hour", "day"):
        by_area = listening.by_area(snapshot, PERIOD, grain)
        assert by_area["plays"].sum() == plays
        assert by_area["area"].n_unique() == 7
    assert listening.by_country(snapshot, PERIOD)["plays"].sum() == plays
    assert listening.daily(snapshot, PERIOD)["plays"].sum() == plays


@pytest.mark.parametrize("grain", ["hour", "day", "week"])
def test_every_granularity_adds_up(snapshot: Snapshot, grain: str) -> None:
    series = listening.series(snapshot, PERIOD, grain, ("GLOBAL", "DE"))
    plays = dict(series.group_by("region").agg(pl.col("plays").sum()).iter_rows())
    assert plays["GLOBAL"] == listening.totals(snapshot, PERIOD)["plays"]
    assert plays["DE"] == listening.totals(snapshot, PERIOD, "DE")["plays"]
    assert set(series["name"]) == {"All countries", "Germany"}


@pytest.mark.parametrize("grain", ["hour", "day"])
@pytest.mark.parametrize("column", breakdowns.COLUMNS)
def test_a_breakdown_adds_up_to_the_whole(snapshot: Snapshot, column: str, grain: str) -> None:
    for region in ("GLOBAL", "DE"):
        whole = listening.totals(snapshot, PERIOD, region)
        parts = breakdowns.series(snapshot, PERIOD, grain, column, region)
        assert [parts[name].sum() for name in ("plays", "streams")] == [whole["plays"], whole["streams"]]
        assert parts["hours"].sum() == pytest.approx(int(str(whole["ms_played"])) / 3_600_000)
        assert parts["name"].n_unique() <= breakdowns.SHOWN + 1


@pytest.mark.parametrize("grain", ["hour", "day"])
def test_music_and_podcasts_each_add_up(snapshot: Snapshot, grain: str) -> None:
    kinds = breakdowns.kinds(snapshot, PERIOD, grain)
    plays = dict(kinds.group_by("name").agg(pl.col("plays").sum()).iter_rows())
    assert plays["Music"] == listening.totals(snapshot, PERIOD)["plays"]
    assert plays["Podcasts"] == podcasts.totals(snapshot, PERIOD)["listens"]


def test_countries_have_a_name_and_a_place_on_the_map(snapshot: Snapshot) -> None:
    assert ("SE", "Sweden", "752") in regions.countries(snapshot).rows()


def test_a_week_counts_a_listener_once(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    weeks = listening.series(snapshot, PERIOD, "week", ("GLOBAL",))
    expected = plain.execute(
        """select date_trunc('week', played_date)::timestamp, count(distinct user_id)
            from played group by 1 order by 1"""
    ).fetchall()
    assert weeks.select("bucket", "listeners").rows() == expected


def test_top_tracks_and_artists_are_ordered_by_streams(snapshot: Snapshot) -> None:
    streams = tracks.top(snapshot, PERIOD, 10)["streams"].to_list()
    there = [tracks.top(snapshot, PERIOD, 9_999, region)["streams"].sum() for region in ("SE", "GLOBAL")]
    totals = [listening.totals(snapshot, PERIOD, region)["streams"] for region in ("SE", "GLOBAL")]
    assert there == totals
    assert streams == sorted(streams, reverse=True)
    assert len(streams) == 10
    assert artists.over_time(snapshot, PERIOD, "week")["artist_name"].n_unique() == 6


def test_charts_hold_ten_songs_in_order(snapshot: Snapshot) -> None:
    day = date(2026, 11, 20)
    assert top_songs.daily(snapshot, "GLOBAL", day)["rank"].to_list() == list(range(1, 11))
    begin = datetime.combine(day, time())
    hours = top_songs.hours(snapshot, "GLOBAL", begin, begin + timedelta(days=1))
    assert hours == sorted(hours, reverse=True)
    assert not top_songs.hourly(snapshot, "GLOBAL", hours[0]).is_empty()
    path = top_songs.path_of_daily(snapshot, "GLOBAL", day)
    assert path["place"].max() == 5
    assert path["bucket"].to_list()[-1].date() <= day
    assert not top_songs.path_of_hourly(snapshot, "GLOBAL", hours[0]).is_empty()


def test_people_with_their_own_history_come_first(snapshot: Snapshot) -> None:
    sources = users.choices(snapshot)["source"].to_list()
    assert sources[:2] == ["import.lastfm", "import.spotify"] or sources[:2] == [
        "import.spotify",
        "import.lastfm",
    ]
    assert set(sources[2:]) == {"simulator"}


def test_a_listener_in_full(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    totals = users.totals(snapshot, LISTENER, PERIOD)
    expected = one(
        plain,
        """select count(*), sum(ms_played), count(distinct track_key), count(distinct artist_key)
            from played where user_id = 'lastfm-5e0c1a9b7d3f2468'""",
    )
    assert tuple(totals[name] for name in ("plays", "ms_played", "tracks", "artists")) == expected
    assert all(
        users.over_time(snapshot, LISTENER, PERIOD, step)["plays"].sum() == totals["plays"]
        for step in ("day", "week", "month")
    )
    rhythm = users.rhythm(snapshot, LISTENER, PERIOD)
    assert (rhythm.height, rhythm["plays"].sum()) == (168, totals["plays"])
    assert users.profile(snapshot, LISTENER)["country_name"] is not None


def test_a_listener_without_plays_and_an_unknown_one(snapshot: Snapshot) -> None:
    silent = users.profile(snapshot, "sim-000099")
    assert silent["first_date"] is None
    assert users.totals(snapshot, "sim-000099", PERIOD)["plays"] == 0
    assert users.profile(snapshot, "x'; drop table gold.fct_plays; --") == {}


def test_picks_and_similar_tracks(snapshot: Snapshot) -> None:
    picks = recommendations.picks(snapshot, LISTENER)
    assert picks["rank"].to_list() == list(range(1, 21))
    track_key = tracks.comparable(snapshot)["track_key"][0]
    similar = tracks.similar(snapshot, track_key)["similarity"].to_list()
    assert similar == sorted(similar, reverse=True)


def test_every_hour_offered_has_a_playlist_and_everybody_episodes(snapshot: Snapshot) -> None:
    hours = recommendations.hours(snapshot, LISTENER)
    assert hours == sorted(hours)
    for hour in hours:
        ranks = recommendations.playlist(snapshot, LISTENER, hour)["rank"].to_list()
        assert ranks == list(range(1, len(ranks) + 1)) != []
    assert recommendations.episodes(snapshot, LISTENER).height == 10
    assert recommendations.hours(snapshot, "nobody") == []


def test_an_evaluation_is_told_best_first_with_its_intervals(tmp_path: Path) -> None:
    def held(value: float) -> dict[str, float]:
        ends = {"": 0.0, "_low": -0.01, "_high": 0.01}
        return {f"{key}{end}": value + by for key in evaluation.MEASURES for end, by in ends.items()}

    measured = build_snapshot(tmp_path)
    assert evaluation.result(Snapshot(measured)) is None
    later = measured.with_name("later.duckdb")
    later.write_bytes(measured.read_bytes())
    with duckdb.connect(str(later)) as connection:
        connection.execute("create or replace table main.evaluation (result varchar)")
        result = {"models": {"als": held(0.1), "ours": held(0.2)}}
        connection.execute("insert into main.evaluation values (?)", [json.dumps(result)])
    found = evaluation.result(Snapshot(later))
    assert found == result
    rows = evaluation.measured(found)
    assert rows.select("model", "measure", "is_ours").rows() == [
        ("ours", "NDCG@10", True),
        ("ours", "Recall@20", True),
        ("als", "NDCG@10", False),
        ("als", "Recall@20", False),
    ]
    assert (rows["low"] < rows["value"]).all()
    assert (rows["value"] < rows["high"]).all()


def test_podcasts_add_up(snapshot: Snapshot) -> None:
    totals = podcasts.totals(snapshot, PERIOD)
    assert podcasts.by_country(snapshot, PERIOD)["listens"].sum() == totals["listens"]
    assert podcasts.episodes(snapshot, PERIOD)["completes"].sum() == totals["completed"]
    by_country = podcasts.by_country(snapshot, PERIOD)
    assert (by_country["listen_through_rate_capped"] <= by_country["listen_through_rate"]).all()


def test_topics_add_up(snapshot: Snapshot) -> None:
    topics = pipeline.topics(snapshot)
    assert (topics["landed"] == topics["accepted"] + topics["rejected"]).all()


def test_builds_are_told_newest_first_with_what_failed(snapshot: Snapshot) -> None:
    told = pipeline.builds(snapshot).select("outcome", "models", "tests", "failed", "error").rows()
    assert told == [
        ("test failed", 1, 1, 1, "assert_plays: Got 2 results"),
        ("passed", 1, 1, 0, None),
    ]


def test_a_snapshot_of_before_builds_were_told_has_none(tmp_path: Path) -> None:
    old = build_snapshot(tmp_path)
    with duckdb.connect(str(old)) as connection:
        connection.execute("drop table pipeline_runs; drop table model_timings")
    assert pipeline.builds(Snapshot(old)).is_empty()
