"""What only the simulator knows: listeners' tastes, ways and A/B arms, who is a bot, where tracks lie.

Two Parquet files, so that what is computed from the events can be judged: a recommendation by the affinity of
`taste` and `vector` (their scalar product), a funnel by `arm`, a hunt for bots by `is_bot`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from polars import selectors

from producer.simulator.arrays import Flags, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import zones
from producer.simulator.population import LEVELS
from producer.simulator.simulate import build_world
from producer.simulator.taste import DIMENSIONS
from producer.simulator.whole_file import whole

LISTENERS, TRACKS = "listeners.parquet", "tracks.parquet"


def bot_ids(config: SimulationConfig) -> list[str]:
    """The user ids of the bots."""
    first = config.listeners - config.bot_accounts
    return [f"sim-{number:06d}" for number in range(first, config.listeners)]


def listeners(config: SimulationConfig) -> pl.DataFrame:
    """One row per listener. Dates are null where something lies outside the history."""
    world = build_world(config)
    people, bots = world.supply.listeners.people, world.supply.bots
    names = people.device_names
    songs = pl.Series([None] * len(people), dtype=pl.String)
    tracks = world.supply.catalogue.tags["track_id"].cast(pl.String)
    songs = songs.scatter(pl.Series(bots.user), tracks.gather(pl.Series(bots.track)))
    return pl.DataFrame(
        {
            "user_id": people.user_ids,
            "country": people.country_codes.gather(pl.Series(people.country)),
            "time_zone": pl.Series(zones(config)).gather(pl.Series(people.zone)),
            "first_level": pl.Series(LEVELS).gather(pl.Series(people.first_level)),
            "arm": pl.Series(list(config.experiment.arms)).gather(pl.Series(people.arm)),
            "arrives_on": _dates(config, people.arrival, people.arrival >= 0),
            "device": names.gather(pl.Series(people.devices[:, 0])),
            "other_device": names.gather(pl.Series(people.devices[:, 1])),
            "later_device": names.gather(pl.Series(people.devices[:, 2])),
            "device_replaced_on": _dates(config, people.replaced, people.replaced < config.days),
            "activity": people.activity,
            "patience": people.patience,
            "podcast_share": people.podcasts,
            "is_bot": pl.Series(people.bot),
            "bot_track_id": songs,
            "taste": pl.Series(people.tastes, dtype=pl.Array(pl.Float64, DIMENSIONS)).arr.to_list(),
        }
    ).with_columns(selectors.enum().cast(pl.String))


def tracks(config: SimulationConfig) -> pl.DataFrame:
    """One row per track; `released_on` is null for the back catalogue."""
    catalogue = build_world(config).supply.catalogue
    new = np.isfinite(catalogue.released)
    day = np.where(new, catalogue.released, 0).astype(np.int64)
    return pl.DataFrame(
        {
            "track_id": catalogue.tags["track_id"],
            "artist_id": catalogue.tags["artist_id"],
            "released_on": _dates(config, day, new),
            "vector": pl.Series(catalogue.vectors, dtype=pl.Array(pl.Float64, DIMENSIONS)).arr.to_list(),
        }
    ).with_columns(selectors.enum().cast(pl.String))


def _dates(config: SimulationConfig, day: Ints, there: Flags) -> pl.Series:
    first = config.start.date()
    found = [
        first + timedelta(days=number) if real else None
        for number, real in zip(day.tolist(), there.tolist(), strict=True)
    ]
    return pl.Series(found, dtype=pl.Date)


def write_truth(config: SimulationConfig, folder: Path) -> None:
    """Both files into `folder`, each whole or not at all. Raises BackbeatError that names the file."""
    for name, table in ((LISTENERS, listeners(config)), (TRACKS, tracks(config))):
        with whole(folder / name, "the truth") as partial:
            table.write_parquet(partial)
