"""What the plays look like together: the skip curve, what is popular, and who likes what."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache

import numpy as np
import orjson
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from producer.simulator.catalogue import build_catalogue
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import EXPECTED_CODES
from producer.simulator.listening import time_held
from producer.simulator.population import build_population
from producer.simulator.simulate import simulate

CONFIG = SimulationConfig(
    events=90_000,
    days=15,
    tracks=1_000,
    artists=150,
    end=datetime(2026, 11, 1, tzinfo=UTC),
    defects=dict.fromkeys(EXPECTED_CODES, 0.0),
    bots={"share_of_events": 0.0},
)


@cache
def topic(name: str) -> pl.DataFrame:
    return pl.DataFrame(
        [orjson.loads(v) for b in simulate(CONFIG) if b.topic == name for v in b.values],
        infer_schema_length=None,
    )


@cache
def suits() -> pl.DataFrame:
    """Affinity of listener and track, by play."""
    plays = topic("plays")
    user = plays["user_id"].str.slice(4).cast(pl.Int64).to_numpy()
    track = plays["track_id"].str.slice(4).cast(pl.Int64).to_numpy()
    people, catalogue = build_population(CONFIG), build_catalogue(CONFIG)
    together = (people.tastes[user] * catalogue.vectors[track]).sum(axis=1)
    return plays.with_columns(suits=pl.Series(together))


def test_plays_end_where_lamere_saw_them_end() -> None:
    plays = topic("plays")
    assert len(plays) > 20_000
    held, duration = plays["ms_played"].to_numpy(), plays["duration_ms"].to_numpy()
    assert abs(np.mean(held < 5_000) - 0.24) < 0.01
    assert abs(np.mean(held < 30_000) - 0.35) < 0.01
    assert abs(np.mean(held < duration) - 0.49) < 0.01


@given(st.floats(0, 1, exclude_max=True), st.integers(95_000, 420_000))
def test_the_better_it_suits_the_longer_it_holds(standing: float, duration: int) -> None:
    standings = np.array([standing, min(standing + 0.01, 0.999999)])
    held = time_held(CONFIG.listening, standings, np.array([duration, duration]))
    assert 300 <= held[0] <= held[1] <= duration
    assert (held[0] == duration) == (standing >= CONFIG.listening.ended_early)
    assert (held[0] < 5_000) == (standing < CONFIG.listening.skipped_within_5s)


def test_popularity_is_skewed_like_zipf() -> None:
    plays = np.array(sorted(Counter(topic("plays")["track_id"]).values(), reverse=True))
    assert 0.05 < plays[:10].sum() / plays.sum() < 0.35
    assert 0.35 < plays[:100].sum() / plays.sum() < 0.75
    ranks = np.arange(1, 201)
    slope = np.polyfit(np.log(ranks), np.log(plays[:200]), 1)[0]
    assert -1.2 < slope < -0.35


def test_taste_decides_what_is_played_held_and_liked() -> None:
    plays = suits()
    people, catalogue = build_population(CONFIG), build_catalogue(CONFIG)
    anything = (people.tastes[:200] @ catalogue.vectors.T).mean()
    assert float(plays["suits"].mean()) > anything + 0.2  # type: ignore[arg-type]
    to_the_end = pl.col("ms_played") == pl.col("duration_ms")
    held, cut = plays.filter(to_the_end)["suits"].mean(), plays.filter(~to_the_end)["suits"].mean()
    assert float(held) > float(cut) + 0.05  # type: ignore[arg-type]
    liked = topic("likes").filter("liked").select("user_id", "track_id", "liked").unique()
    assert not liked.is_empty()
    marked = plays.join(liked, on=["user_id", "track_id"], how="left")
    mean = marked.group_by(pl.col("liked").is_not_null()).agg(pl.col("suits").mean()).sort("liked")["suits"]
    assert mean[1] > mean[0] + 0.05


def test_countries_have_hits_of_their_own() -> None:
    def top(country: str) -> set[str]:
        counts = topic("plays").filter(country=country)["track_id"].value_counts(sort=True)
        return set(counts["track_id"][:20])

    assert len(top("US") & top("BR")) < 15
    assert top("US") != top("DE")


def test_new_tracks_are_never_played_before_they_are_out() -> None:
    released = build_catalogue(CONFIG).released
    day = (topic("plays")["started_at"].str.slice(0, 10).str.to_date() - CONFIG.start.date()).dt.total_days()
    track = topic("plays")["track_id"].str.slice(4).cast(pl.Int64).to_numpy()
    assert np.isfinite(released[track]).any()
    assert (released[track] <= day.to_numpy()).all()


def test_people_listen_by_day_and_sleep_by_night() -> None:
    german = topic("plays").filter(country="DE")
    hours = german["started_at"].str.slice(11, 2).cast(pl.Int64).value_counts().sort("started_at")
    counts = dict(hours.iter_rows())
    assert sum(counts.get(h, 0) for h in (16, 17, 18)) > 6 * sum(counts.get(h, 0) for h in (1, 2, 3))


def test_some_listen_far_more_than_others() -> None:
    plays = np.array(sorted(Counter(topic("plays")["user_id"]).values(), reverse=True))
    assert plays[: len(plays) // 10].sum() / plays.sum() > 0.25


def test_fewer_and_fewer_hear_more_of_an_episode() -> None:
    events = topic("podcast_events")
    heard = events.group_by("session_id").agg(
        (pl.col("position_ms").max() / pl.col("duration_ms").max()).alias("share"),
        pl.col("action").first().alias("first"),
        (pl.col("action") == "complete").any().alias("completed"),
    )
    reach = [float((heard["share"] >= share).mean()) for share in (0.0, 0.05, 0.25, 0.5, 0.75, 1.0)]  # type: ignore[arg-type]
    assert reach == sorted(reach, reverse=True)
    assert 0.6 < reach[2] < 0.85
    assert 0.35 < float(heard["completed"].mean()) < 0.55  # type: ignore[arg-type]
    assert set(heard["first"]) == {"play"}
    assert {"play", "pause", "seek", "complete"} == set(events["action"])
