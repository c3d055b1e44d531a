"""Simulated listening to hold against real: the default history, a few heavy listeners, and whole charts."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from benchmarks.realism_data import CHART
from producer.simulator.arrays import Floats
from producer.simulator.config import SimulationConfig
from producer.simulator.places import codes, offsets
from producer.simulator.simulate import build_world, due_events
from producer.simulator.taste import Market

END = datetime(2026, 11, 1, tzinfo=UTC)
_DEFECTS = ("duplicate", "late", "out_of_order", "not_json", "missing_field", "invalid_field",
            "occurred_in_future", "negative_ms_played", "unknown_country")  # fmt: skip
_FAULTLESS = dict.fromkeys(_DEFECTS, 0.0)

# As long and as busy as the history of Last.fm's user_000001: 148 days, 34 scrobbles a day.
HEAVY_DAYS = 148
_HEAVY_USERS = 30
_HEAVY_EVENTS_A_DAY = 170

_CHART_DRAWS = 60_000


def crowd() -> SimulationConfig:
    """A million events with the default settings, without defects and bots."""
    return SimulationConfig(end=END, defects=_FAULTLESS, bots={"share_of_events": 0.0})


def heavy() -> SimulationConfig:
    """A few listeners who listen a lot; else the default settings."""
    return SimulationConfig(
        end=END,
        days=HEAVY_DAYS,
        users=_HEAVY_USERS,
        events=_HEAVY_USERS * HEAVY_DAYS * _HEAVY_EVENTS_A_DAY,
        population={
            "there_from_the_start": 1.0,
            "activity_spread": 0.3,
            "most_events_per_user_day": 2 * _HEAVY_EVENTS_A_DAY,
        },
        accounts={"lapses": 0.0, "leaves": 0.0},
        defects=_FAULTLESS,
        bots={"share_of_events": 0.0},
    )


def plays_of(config: SimulationConfig) -> pl.DataFrame:
    """The plays by user and time: user, track, artist, started, country, device, lengths (ms)."""
    frames = [due for topic, due in due_events(config) if topic == "plays"]
    return (
        pl.concat(frames)
        .select(
            "ms_played",
            "duration_ms",
            country=pl.col("country").cast(pl.String),
            device=pl.col("device").cast(pl.String),
            user=pl.col("user_id").cast(pl.String),
            track=pl.col("track_id").cast(pl.String),
            artist=pl.col("artist_id").cast(pl.String),
            started=pl.col("started_at").dt.replace_time_zone("UTC"),
        )
        .sort("user", "started")
    )


def by_local_clock(config: SimulationConfig, plays: pl.DataFrame) -> pl.DataFrame:
    """`plays` with `local`, when they began by the listener's own clock (that of the history's first day)."""
    people = build_world(config).supply.listeners.people
    ahead = offsets(config, config.start.date())[people.zone]
    clocks = pl.DataFrame({"user": people.user_ids, "ahead": ahead})
    joined = plays.join(clocks, on="user", how="left", maintain_order="left")
    return joined.with_columns(local=pl.col("started") + pl.duration(minutes=pl.col("ahead") * 60))


def country_charts(config: SimulationConfig) -> dict[str, tuple[list[str], Floats]]:
    """Country → its chart on the history's last day, as many listeners make it: tracks, streams."""
    world = build_world(config)
    people, catalogue = world.supply.listeners.people, world.supply.catalogue
    rng = np.random.default_rng(config.seed)
    market = Market(catalogue.charts(config.days - 1), catalogue.vectors, config.taste)
    tastes = people.tastes[rng.integers(0, len(people), _CHART_DRAWS)]
    found = {}
    for number, code in enumerate(codes(config)):
        country = np.full(_CHART_DRAWS, number)
        track = market.choose(rng, tastes, country)
        counts = np.bincount(track, minlength=config.tracks)
        top = np.argsort(-counts, kind="stable")[:CHART]
        found[code] = ([str(number) for number in top], counts[top].astype(float))
    return found
