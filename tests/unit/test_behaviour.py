"""What listeners do from day to day: pages, contexts, habits, devices, churn, bots; and the truth of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from producer.simulator.arrays import Ints
from producer.simulator.command import simulate_command
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import EXPECTED_CODES
from producer.simulator.habits import Habits
from producer.simulator.ledger import BOTS_KEY
from producer.simulator.pages import Chain
from producer.simulator.places import offsets, zones
from producer.simulator.population import FREE, GUEST, PAID, begin, build_population
from producer.simulator.simulate import build_world, due_events
from producer.simulator.truth import LISTENERS, TRACKS, bot_ids, listeners, tracks

END = datetime(2026, 11, 1, tzinfo=UTC)
CONFIG = SimulationConfig(
    events=70_000,
    days=20,
    end=END,
    tracks=2_000,
    artists=200,
    defects=dict.fromkeys(EXPECTED_CODES, 0.0),
    devices={"replaced_per_year": 8.0 / 10},
)


@cache
def topic(name: str) -> pl.DataFrame:
    frames = [due for found, due in due_events(CONFIG) if found == name]
    texts = pl.col("user_id", "session_id", "^track_id$", "^artist_id$", "^context$", "^page$", "^device$")
    return pl.concat(frames).with_columns(texts.cast(pl.String)).sort("user_id", "_at", maintain_order=True)


@cache
def people() -> pl.DataFrame:
    return listeners(CONFIG)


def human_plays() -> pl.DataFrame:
    return topic("plays").filter(~pl.col("user_id").is_in(bot_ids(CONFIG)))


def test_bots_play_one_song_all_day_and_to_the_end() -> None:
    bots = people().filter("is_bot")
    assert bots["user_id"].to_list() == bot_ids(CONFIG)
    assert len(bots) >= 1
    plays = topic("plays").join(bots.select("user_id", "bot_track_id"), on="user_id")
    assert 0.005 < len(plays) / len(topic("plays")) < 0.06
    assert (plays["track_id"] == plays["bot_track_id"]).all()
    assert (plays["ms_played"] == plays["duration_ms"]).all()
    days = plays.group_by("user_id", pl.col("started_at").dt.date()).len()
    assert (days["len"].max() or 0) > 150  # type: ignore[operator]
    assert days.group_by("user_id").len()["len"].max() <= CONFIG.campaign_days + 1  # type: ignore[operator]
    assert topic("likes").join(bots, on="user_id").is_empty()


def test_pages_follow_the_chain_of_the_level() -> None:
    views = topic("page_views").filter(pl.col("session_id").is_not_null())
    assert set(views.group_by("session_id").first()["page"]) == {"home"}
    levels = people().select("user_id", "first_level")
    pages = views.join(levels, on="user_id").group_by("first_level", "page").len()
    seen = {level: set(rows["page"]) for (level,), rows in pages.group_by("first_level")}
    assert "downgrade" in seen["paid"]
    assert {"advert", "upgrade"} <= seen["free"]
    assert {"advert", "register"} <= seen["guest"]
    following = CONFIG.pages.next["free"]
    free = people().filter((pl.col("first_level") == "free") & ~pl.col("is_bot"))["user_id"]
    changed = topic("subscription_changes").filter(pl.col("from_level").is_not_null())["user_id"]
    steps = views.filter(
        pl.col("user_id").is_in(free.implode()) & ~pl.col("user_id").is_in(changed.implode())
    )
    for _, session in list(steps.group_by("session_id"))[:300]:
        for before, after in pairwise(session["page"].to_list()):
            assert following[before].get(after, 0) > 0, (before, after)


def test_the_chain_goes_as_often_as_its_weights_say() -> None:
    chain = Chain.of(CONFIG.pages)
    size, rng = 40_000, np.random.default_rng(1)
    for level, name in ((GUEST, "guest"), (FREE, "free"), (PAID, "paid")):
        weights = CONFIG.pages.next[name]["home"]
        found = chain.follow(np.full(size, level), np.full(size, chain.home), rng.random(size))
        shares = pl.Series(chain.names.gather(pl.Series(found))).value_counts(normalize=True)
        for page, share in shares.iter_rows():
            assert share == pytest.approx(weights[page] / sum(weights.values()), abs=0.012)


def test_albums_and_artists_are_played_on_and_charts_without_taste() -> None:
    plays = human_plays()
    same = plays.select(
        "context",
        again=(pl.col("artist_id") == pl.col("artist_id").shift())
        & ~pl.col("session_id").is_first_distinct(),
        later=~pl.col("session_id").is_first_distinct(),
    ).filter("later")
    rate = dict(same.group_by("context").agg(pl.col("again").mean()).iter_rows())
    assert rate["artist"] > 0.8
    assert rate["album"] > 0.6
    assert max(rate["playlist"], rate["search"], rate["chart"], rate["radio"]) < 0.25
    assert set(rate) == set(CONFIG.listening.contexts)


def test_a_station_keeps_closer_together_than_a_playlist() -> None:
    where = tracks(CONFIG).select("track_id", "vector")
    plays = human_plays().join(where, on="track_id", maintain_order="left")
    spread = {}
    for (context,), rows in plays.group_by("context"):
        vectors = np.array(rows["vector"].to_list())
        together = (rows["session_id"] == rows["session_id"].shift()).fill_null(value=False).to_numpy()
        spread[context] = float((vectors[1:] * vectors[:-1]).sum(axis=1)[together[1:]].mean())
    assert spread["radio"] > spread["playlist"] > spread["chart"]


def test_favourites_and_memories_are_what_is_gone_back_to() -> None:
    rng, nobody = np.random.default_rng(1), np.zeros(3, bool)
    habits = Habits.none_yet(CONFIG.habits, 4)
    user: Ints = np.array([1, 1, 2])
    assert habits.revisit(rng, user, nobody).tolist() == [-1, -1, -1]
    habits.remember(user, np.array([7, 7, 9]))
    assert habits.revisit(rng, user, nobody).tolist() == [7, 7, 9]
    habits.like(rng, np.array([2]), np.array([5]))
    liked = [int(habits.revisit(rng, np.array([2]), np.ones(1, bool))[0]) for _ in range(200)]
    assert set(liked) == {5, 9}
    assert habits.likes(user, np.array([7, 5, 5])).tolist() == [False, False, True]
    habits.dislike(np.array([2]), np.array([5]))
    assert not habits.likes(np.array([2]), np.array([5])).any()


def test_who_listens_more_repeats_more() -> None:
    plays = human_plays().with_columns(known=~pl.struct("user_id", "track_id").is_first_distinct())
    each = plays.group_by("user_id").agg(pl.len().alias("plays"), pl.col("known").mean()).sort("plays")
    few, many = each.filter(pl.col("plays") < 40), each.filter(pl.col("plays") > 150)
    assert min(len(few), len(many)) > 20
    assert float(many["known"].mean()) > float(few["known"].mean()) + 0.1  # type: ignore[arg-type]


def test_a_phone_is_replaced_once_and_for_good() -> None:
    moved = people().filter(
        (
            pl.col("device_replaced_on").is_between(
                CONFIG.start.date() + timedelta(5), END.date() - timedelta(5)
            )
        )
        & (pl.col("device") != pl.col("later_device"))
    )
    assert len(moved) > 5
    plays = human_plays().join(
        moved.select(
            "user_id", "device_replaced_on", usual="device", other="other_device", later="later_device"
        ),
        on="user_id",
    )
    before = pl.col("started_at").dt.date() < pl.col("device_replaced_on")
    sure = plays.filter(
        (pl.col("started_at").dt.date() - pl.col("device_replaced_on")).dt.total_days().abs() > 1
    )
    expected = pl.when(before).then("usual").otherwise("later")
    assert sure.filter((pl.col("device") != expected) & (pl.col("device") != pl.col("other"))).is_empty()


def test_some_fall_silent_and_some_of_them_for_good() -> None:
    config = SimulationConfig(events=200_000, days=60, end=END)
    state, rng = begin(config, build_population(config)), np.random.default_rng(3)
    for day in range(config.days):
        state.fall_silent(rng, config, day)
    share = (state.silent_until > config.days).mean()
    expected = 1 - (1 - config.accounts.lapses) ** config.days
    assert expected * config.accounts.lapses_for_good < share < expected
    assert (state.chances(config.days)[state.silent_until > config.days] == 0).all()


def test_an_arm_of_the_experiment_upgrades_more() -> None:
    config = CONFIG.model_copy(
        update={
            "experiment": CONFIG.experiment.model_copy(
                update={"upgrade_lift": {"control": 0.0, "treatment": 9.0}}
            )
        }
    )
    changes = pl.concat([due for name, due in due_events(config) if name == "subscription_changes"])
    arms = listeners(config).select("user_id", "arm")
    texts = changes.select(pl.col("user_id", "from_level", "to_level").cast(pl.String))
    up = texts.filter((pl.col("from_level") == "free") & (pl.col("to_level") == "paid")).join(
        arms, on="user_id"
    )
    assert set(up["arm"]) == {"treatment"}
    assert set(arms["arm"]) == {"control", "treatment"}


def test_clocks_follow_zones_and_summer_time() -> None:
    names = zones(CONFIG)
    winter, summer = (
        dict(zip(names, offsets(CONFIG, day), strict=True)) for day in (date(2026, 1, 10), date(2026, 7, 10))
    )
    assert (winter["Europe/Berlin"], summer["Europe/Berlin"]) == (1, 2)
    assert (winter["America/Los_Angeles"], winter["Asia/Kolkata"]) == (-8, 5.5)
    assert set(people().filter(country="US")["time_zone"]) > {"America/New_York", "America/Los_Angeles"}


def test_the_truth_tells_tastes_and_bots(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command("simulate")(simulate_command)
    options = ["--events", "40000", "--days", "3", "--end", "2026-11-01", "--to", f"jsonl:{tmp_path / 'out'}"]
    ledger = tmp_path / "ledger.parquet"
    result = CliRunner().invoke(app, [*options, "--ledger", str(ledger), "--truth", str(tmp_path / "truth")])
    assert result.exit_code == 0, result.output
    told, sold = (pl.read_parquet(tmp_path / "truth" / name) for name in (LISTENERS, TRACKS))
    config = SimulationConfig(events=40_000, days=3, end=END)
    world = build_world(config).supply
    assert np.allclose(np.array(told["taste"].to_list()), world.listeners.people.tastes)
    assert np.allclose(np.array(sold["vector"].to_list()), world.catalogue.vectors)
    assert (sold["released_on"].drop_nulls() >= config.start.date()).all()
    found = json.loads(pq.read_schema(ledger).metadata[BOTS_KEY])
    assert found == told.filter("is_bot")["user_id"].to_list() == bot_ids(config)
    assert found
