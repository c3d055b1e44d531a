"""What a listener likes: popularity proposes, taste chooses.

Artists, shows and listeners are points in one low-dimensional space, gathered around genres. A
listener picks among a few popular candidates, the nearer ones far more often; that is what a
recommender can find again in the plays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.behaviour import TasteChances
from producer.simulator.popularity import Charts

DIMENSIONS = 8
GENRES = 14


def unit(vectors: Floats) -> Floats:
    """The same directions (n, d) at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def genres(rng: np.random.Generator) -> Floats:
    """(genres, dimensions) the centres that artists and listeners gather around."""
    return unit(rng.normal(size=(GENRES, DIMENSIONS)))


def around(rng: np.random.Generator, centres: Floats, spread: float) -> Floats:
    """Points scattered around `centres` (n, d), at length 1."""
    return unit(centres + spread * rng.normal(size=centres.shape))


def affinity(tastes: Floats, vectors: Floats) -> Floats:
    """(n,) how well each item suits each listener: -1 to 1."""
    return np.asarray(np.einsum("nk,nk->n", tastes, vectors))


@dataclass(frozen=True)
class Market:
    """What is on offer on a day, and how listeners choose."""

    offered: Charts
    vectors: Floats  # (items, dimensions)
    chances: TasteChances

    def choose(self, rng: np.random.Generator, tastes: Floats, country: Ints) -> Ints:
        """(n,) items: each listener takes one of the popular candidates, by their `tastes` (n, d).

        A taste of length 0 takes what is popular.
        """
        options = self.offered.draw(rng, country, self.chances.candidates)
        narrow = tastes.astype(np.float32), self.vectors.astype(np.float32)[options]
        suits = np.einsum("nk,nck->nc", *narrow)
        appeal = np.cumsum(np.exp(np.float32(self.chances.sharpness) * suits), axis=1)
        pick = (appeal <= rng.random((len(options), 1), np.float32) * appeal[:, -1:]).sum(axis=1)
        return np.asarray(options[np.arange(len(options)), np.minimum(pick, options.shape[1] - 1)])
