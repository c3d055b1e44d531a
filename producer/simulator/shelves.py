"""Which tracks stand together: those of an artist, and those of an album."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from producer.simulator.arrays import Ints

# Shorter ones are singles: who puts on such an album goes on with something else.
_SHORTEST_ALBUM = 3
_NOTHING = -1


@dataclass(frozen=True)
class Runs:
    """Neighbouring tracks that have something in common; one entry per track."""

    first: Ints
    count: Ints

    @classmethod
    def of(cls, columns: pl.DataFrame) -> Self:
        """Runs of equal rows of `columns`."""
        number = columns.select(pl.struct(pl.all()).rle_id()).to_series().to_numpy().astype(np.int64)
        _, first, count = np.unique(number, return_index=True, return_counts=True)
        return cls(first[number], count[number])


@dataclass(frozen=True)
class Shelves:
    """The catalogue as it stands on the shelf: an artist's tracks are neighbours, an album's among them."""

    artists: Runs
    albums: Runs

    @classmethod
    def of(cls, tags: pl.DataFrame) -> Self:
        """From the catalogue's tags, in its order."""
        return cls(Runs.of(tags.select("artist_id")), Runs.of(tags.select("artist_id", "album_title")))

    def album_after(self, base: Ints, turn: Ints) -> Ints:
        """(n,) the track `turn` places after `base` on its album, then the first again; -1 for a single."""
        first, count = self.albums.first[base], self.albums.count[base]
        return np.where(count >= _SHORTEST_ALBUM, first + (base - first + turn) % count, _NOTHING)

    def by_the_artist(self, rng: np.random.Generator, base: Ints) -> Ints:
        """(n,) any track by the artist of `base`; -1 where there are too few."""
        first, count = self.artists.first[base], self.artists.count[base]
        found = first + (rng.random(len(base)) * count).astype(np.int64)
        return np.where(count >= _SHORTEST_ALBUM, found, _NOTHING)
