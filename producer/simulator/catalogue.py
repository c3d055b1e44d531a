"""The music there is: artists, their tracks, when they came out and where they are loved."""

from __future__ import annotations

from csv import writer
from dataclasses import dataclass
from io import StringIO

import numpy as np
import polars as pl

from producer.simulator import names
from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import codes
from producer.simulator.popularity import Charts, charts, country_weights, homes, novelty
from producer.simulator.randomness import lasting_stream
from producer.simulator.shelves import Shelves
from producer.simulator.shows import build_shows
from producer.simulator.supply import ReleaseChances
from producer.simulator.taste import GENRES, around, genres
from producer.simulator.written import artist_names, centres, track_titles

_TRACKS_PER_ALBUM = 10
_EPISODE_COLUMNS = (
    "episode_id",
    "podcast_id",
    "podcast_title",
    "episode_title",
    "released_on",
    "duration_ms",
    "source",
)


@dataclass(frozen=True)
class Catalogue:
    """Tracks by number. Every array and column has one entry per track."""

    tags: pl.DataFrame  # track_id, track_title, artist_id, artist_name, album_title, isrc
    durations: Ints  # ms
    vectors: Floats  # (tracks, dimensions)
    weights: Floats  # (countries, tracks)
    released: Floats  # simulated day of release; -inf for back catalogue
    shelves: Shelves
    releases: ReleaseChances

    def charts(self, day: int) -> Charts:
        """What is popular on simulated `day`."""
        return charts(self.weights, novelty(self.releases, day - self.released))


def build_catalogue(config: SimulationConfig) -> Catalogue:
    """The catalogue of a configuration; names and tastes depend on seed and sizes alone."""
    rng, chances = lasting_stream(config, "catalogue"), config.popularity
    fame = rng.pareto(chances.fame, config.artists) + 1
    artist = _artist_of_each_track(rng, config, fame)
    home = homes(rng, config, config.artists)
    drawn = rng.integers(0, GENRES, config.artists)
    found = genres(lasting_stream(config, "genres"))
    homeland = centres(config.catalogue, found, drawn, config.taste.mood_leaning)
    style = around(rng, homeland, config.taste.artist_spread)
    released = _release_days(rng, config)
    tags = _tags(rng, config, artist, home, released)
    appeal = fame[artist] ** chances.fame_in_tracks * rng.lognormal(0, chances.artist_spread, config.tracks)
    return Catalogue(
        tags=tags,
        durations=_durations(rng, config),
        vectors=around(rng, style[artist], config.taste.track_spread),
        weights=country_weights(rng, config, appeal, home, artist),
        released=released,
        shelves=Shelves.of(tags),
        releases=config.releases,
    )


def _durations(rng: np.random.Generator, config: SimulationConfig) -> Ints:
    """(tracks,) lengths (ms), by the configuration's quantiles."""
    seconds = np.interp(rng.random(config.tracks), config.lengths.shares, config.lengths.seconds)
    return (seconds * 1_000).astype(np.int64)


def _artist_of_each_track(rng: np.random.Generator, config: SimulationConfig, fame: Floats) -> Ints:
    """Every artist has at least one track, the famous have more; an artist's tracks are neighbours."""
    share = fame**config.popularity.fame_in_tracks
    extra = rng.multinomial(config.tracks - len(fame), share / share.sum())
    return np.repeat(np.arange(len(fame)), 1 + extra)


def _release_days(rng: np.random.Generator, config: SimulationConfig) -> Floats:
    """Back catalogue, and a share of new tracks that grows with the length of the window."""
    chances = config.releases
    new = rng.random(config.tracks) < chances.new_tracks * config.days / (config.days + chances.half_at_days)
    new[0] = False  # something must be there to play on the first day
    days = np.floor(rng.random(config.tracks) * config.days)
    return np.where(new, days, -np.inf)


def _tags(
    rng: np.random.Generator, config: SimulationConfig, artist: Ints, home: Ints, released: Floats
) -> pl.DataFrame:
    home_code = codes(config)
    artists = pl.Series(artist_names(config.catalogue, names.invent(rng, names.ARTISTS, config.artists)))
    titles = track_titles(config.catalogue, names.invent(rng, names.TRACKS, config.tracks), artist)
    shelf = np.arange(config.tracks) // _TRACKS_PER_ALBUM + artist
    albums = names.invent(rng, names.ALBUMS, int(shelf[-1]) + 1)
    years = np.where(
        np.isinf(released), rng.integers(1974, config.start.year, config.tracks), config.end.year
    )
    return pl.DataFrame(
        {
            "track_id": [f"trk-{number:06d}" for number in range(config.tracks)],
            "track_title": titles,
            "artist_id": [f"art-{number:05d}" for number in artist],
            "artist_name": artists.gather(pl.Series(artist)),
            "album_title": [
                f"{title} (Single)" if day >= 0 else albums[number]
                for title, day, number in zip(titles, released, shelf, strict=True)
            ],
            "isrc": [
                f"{home_code[home[who]]}BBT{year % 100:02d}{number % 100_000:05d}"
                for number, (who, year) in enumerate(zip(artist, years, strict=True))
            ],
        }
    )


def episodes_csv(config: SimulationConfig) -> bytes:
    """Every simulated episode as the reference CSV of the lake's landing (UTF-8, RFC 4180)."""
    shows = build_shows(config)
    text = StringIO()
    table = writer(text)
    table.writerow(_EPISODE_COLUMNS)
    for row in shows.episodes.iter_rows(named=True):
        table.writerow([*(row[column] for column in _EPISODE_COLUMNS[:-1]), "simulator"])
    return text.getvalue().encode()
