"""What a listener goes back to: tracks they liked, and the plays they remember.

Remembered plays are drawn as they were heard: what was heard often is remembered often, so that favourites
make themselves (people who listen again are known to choose like that).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from producer.simulator.arrays import Flags, Ints
from producer.simulator.behaviour import HabitChances

Tracks = npt.NDArray[np.int32]
_NONE = -1


@dataclass
class Habits:
    """Track numbers, -1 for an empty slot; memory is a few hundred bytes a listener, whatever they heard."""

    favourites: Tracks  # (users, slots)
    remembered: Tracks  # (users, slots) the last plays, in a ring
    heard: Ints  # (users,) plays so far: where the ring goes on

    @classmethod
    def none_yet(cls, chances: HabitChances, users: int) -> Self:
        """Nothing liked, nothing heard."""
        return cls(
            np.full((users, chances.favourites), _NONE, np.int32),
            np.full((users, chances.memory), _NONE, np.int32),
            np.zeros(users, np.int64),
        )

    def revisit(self, rng: np.random.Generator, user: Ints, liked: Flags) -> Ints:
        """(n,) a track that each `user` (n,) knows; -1 where there is none.

        `liked`: from the favourites, if there are any; else from what is remembered.
        """
        slot = rng.integers(0, self.favourites.shape[1], len(user))
        favourite = np.where(liked, self.favourites[user, slot], _NONE)
        known = np.minimum(self.heard[user], self.remembered.shape[1])
        played = self.remembered[user, (rng.random(len(user)) * known).astype(np.int64)]
        return np.where(favourite != _NONE, favourite, played).astype(np.int64)

    def remember(self, user: Ints, track: Ints) -> None:
        """Plays (n,) heard, in order of the users."""
        place = np.arange(len(user)) - np.searchsorted(user, user)
        self.remembered[user, (self.heard[user] + place) % self.remembered.shape[1]] = track
        np.add.at(self.heard, user, 1)

    def like(self, rng: np.random.Generator, user: Ints, track: Ints) -> None:
        """New favourites (n,); each takes the place of any other."""
        self.favourites[user, rng.integers(0, self.favourites.shape[1], len(user))] = track

    def dislike(self, user: Ints, track: Ints) -> None:
        """Favourites (n,) no more."""
        kept = self.favourites[user]
        self.favourites[user] = np.where(kept == track[:, None], _NONE, kept)

    def likes(self, user: Ints, track: Ints) -> Flags:
        """(n,) where the track is among the user's favourites."""
        return np.asarray((self.favourites[user] == track[:, None]).any(axis=1))
