"""How well lists suit what simulated listeners truly like, as `backbeat simulate --truth DIR` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from contracts.errors import BackbeatError
from serving.evaluation.arrays import Counts, Flags, Floats, Ints
from serving.evaluation.ranking import NOTHING, blocks
from serving.evaluation.split import Split

LISTENERS, TRACKS = "listeners.parquet", "tracks.parquet"
PLACES = 10
_DISCOUNTS = 1 / np.log2(np.arange(2, PLACES + 2))


@dataclass(frozen=True)
class TrueTaste:
    """`tastes` (users, d) and `vectors` (items, d): their scalar product, -1 to 1, is the affinity.

    `told` says of which users it is known; bots like nothing.
    """

    tastes: Floats
    vectors: Floats
    told: Flags

    def __call__(self, users: Ints, ranked: Ints, seen: Counts) -> dict[str, float]:
        """Mean affinity of the first ten places, and their NDCG with the affinity as gain, none below 0.

        The best list is that of the ten tracks which suit most of all that the user was not `seen` with.
        """
        told = np.flatnonzero(self.told[users])
        first = ranked[told, :PLACES]
        suits = np.einsum("nd,nkd->nk", self.tastes[users[told]], self.vectors[first])
        suits = np.where(first == NOTHING, 0, suits)
        gained = np.maximum(suits, 0) @ _DISCOUNTS
        parts = [rows for _, rows in blocks(told, seen.shape[1])]
        best = np.concatenate([self._best(users[rows], seen[rows]) for rows in parts])
        return {
            f"true_ndcg@{PLACES}": float((gained / best).mean()),
            f"true_affinity@{PLACES}": float(suits.mean()),
        }

    def _best(self, users: Ints, seen: Counts) -> Floats:
        suits = self.tastes[users] @ self.vectors.T
        suits[seen.nonzero()] = 0
        places = min(PLACES, suits.shape[1])
        best = -np.sort(-np.partition(np.maximum(suits, 0), -places, axis=1)[:, -places:], axis=1)
        return np.asarray(np.maximum(best @ _DISCOUNTS[:places], 1e-9))


def read_taste(folder: Path, split: Split) -> TrueTaste:
    """The truth in `folder` about the users and items of `split`; BackbeatError when it tells of neither."""
    listeners, tracks = _read(folder / LISTENERS), _read(folder / TRACKS)
    people = listeners.filter(~pl.col("is_bot"))
    taste_of = dict(zip(people["user_id"], people["taste"].to_list(), strict=True))
    vector_of = dict(zip(tracks["track_id"], tracks["vector"].to_list(), strict=True))
    placed = [_vector(split.tracks.get(item, ()), vector_of) for item in split.items]
    told = np.array([user in taste_of for user in split.users])
    if not told.any() or not any(vector is not None for vector in placed):
        raise BackbeatError(f"{folder} (--truth) tells of another simulation than the one in the warehouse")
    width = len(next(iter(vector_of.values())))
    nothing = [0.0] * width
    tastes = np.array([taste_of.get(user, nothing) for user in split.users])
    return TrueTaste(tastes, np.array([vector or nothing for vector in placed]), told)


def _vector(ids: list[str] | tuple[()], vector_of: dict[str, list[float]]) -> list[float] | None:
    return next((vector_of[name] for name in ids if name in vector_of), None)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise BackbeatError(f"cannot read {path} (--truth): {reason}") from error
