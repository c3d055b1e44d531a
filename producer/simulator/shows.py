"""The podcasts there are: shows and their episodes, half from before the window, half released in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from producer.simulator import names
from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.popularity import Charts, charts, country_weights, homes, novelty
from producer.simulator.randomness import lasting_stream
from producer.simulator.supply import ReleaseChances
from producer.simulator.taste import GENRES, around, genres

_WEEK = 7.0


@dataclass(frozen=True)
class Shows:
    """Episodes by number. Every array and column has one entry per episode."""

    episodes: pl.DataFrame  # the reference CSV's columns, without source
    durations: Ints  # ms
    vectors: Floats  # (episodes, dimensions)
    weights: Floats  # (countries, episodes)
    released: Floats  # simulated day of release; negative before the window
    quality: Floats  # how well an episode holds its listeners, around 0
    releases: ReleaseChances

    def charts(self, day: int) -> Charts:
        """What is popular on simulated `day`."""
        return charts(self.weights, novelty(self.releases, day - self.released))


def build_shows(config: SimulationConfig) -> Shows:
    """The shows of a configuration: release dates follow the window, the rest seed and sizes alone."""
    rng, chances = lasting_stream(config, "shows"), config.shows
    count = config.podcasts * config.episodes_per_podcast
    podcast = np.repeat(np.arange(config.podcasts), config.episodes_per_podcast)
    released = _release_days(rng, config)
    centres = genres(lasting_stream(config, "genres"))[rng.integers(0, GENRES, config.podcasts)]
    style = around(rng, centres, config.taste.show_spread)
    home = homes(rng, config, config.podcasts)
    usual = rng.uniform(*chances.minutes, config.podcasts) * 60_000
    durations = (usual[podcast] * rng.lognormal(0, chances.length_spread, count)).astype(np.int64)
    fame = rng.pareto(chances.fame, config.podcasts)
    own_quality = rng.normal(0, chances.quality_of_show, config.podcasts)
    return Shows(
        episodes=_episodes(rng, config, podcast, released, durations),
        durations=durations,
        vectors=style[podcast],
        weights=country_weights(rng, config, fame, home, np.arange(config.podcasts))[:, podcast],
        released=released,
        quality=own_quality[podcast] + rng.normal(0, chances.quality_of_episode, count),
        releases=config.releases,
    )


def _release_days(rng: np.random.Generator, config: SimulationConfig) -> Floats:
    """(episodes,) weekly up to the window's start, then spread over it; each show on its own weekday."""
    before = config.episodes_per_podcast // 2
    within = config.episodes_per_podcast - before
    usual = np.concatenate([-_WEEK * np.arange(before, 0, -1), np.arange(within) * config.days / within])
    shifts = rng.integers(0, 7, config.podcasts)
    days = usual[None, :] + np.where(
        usual[None, :] < 0, shifts[:, None], shifts[:, None] / 7 * config.days / within
    )
    return np.asarray(np.floor(days).ravel())


def _episodes(
    rng: np.random.Generator, config: SimulationConfig, podcast: Ints, released: Floats, durations: Ints
) -> pl.DataFrame:
    titles = names.invent(rng, names.EPISODES, len(podcast))
    shows = pl.Series(names.invent(rng, names.PODCASTS, config.podcasts))
    numbers = np.arange(len(podcast)) % config.episodes_per_podcast + 1
    first_day = config.start.date()
    return pl.DataFrame(
        {
            "episode_id": [f"epi-{number:06d}" for number in range(len(podcast))],
            "podcast_id": [f"pod-{number:04d}" for number in podcast],
            "podcast_title": shows.gather(pl.Series(podcast)),
            "episode_title": [f"{n}. {title}" for n, title in zip(numbers, titles, strict=True)],
            "released_on": [(first_day + timedelta(days=int(day))).isoformat() for day in released],
            "duration_ms": durations,
        }
    )
