"""Likes: they follow taste, fill a listener's favourites, and are sometimes withdrawn."""

from __future__ import annotations

import numpy as np
import polars as pl

from producer.simulator.arrays import Ints
from producer.simulator.catalogue import Catalogue
from producer.simulator.draft import Draft
from producer.simulator.engagement import LikeChances
from producer.simulator.listening import Listening
from producer.simulator.population import Listeners


def like_draft(
    rng: np.random.Generator,
    chances: LikeChances,
    plays: Listening,
    catalogue: Catalogue,
    listeners: Listeners,
) -> Draft:
    """Likes and withdrawals during the plays; updates the listeners' favourites."""
    habits = listeners.habits
    liked = _new_likes(rng, chances, plays, listeners)
    weary = np.flatnonzero(plays.repeated & (rng.random(len(plays.track)) < chances.withdrawn))
    undone = weary[habits.likes(plays.user[weary], plays.track[weary])]
    habits.like(rng, plays.user[liked], plays.track[liked])
    habits.dislike(plays.user[undone], plays.track[undone])
    rows = np.concatenate([liked, undone])
    within = (rng.random(len(rows)) * (plays.ended - plays.started)[rows]).astype(np.int64)
    tracks = catalogue.tags["track_id"].gather(pl.Series(plays.track[rows]))
    verdict = pl.Series(np.arange(len(rows)) < len(liked))
    return Draft(
        "likes", plays.session[rows], plays.started[rows] + within, {"track_id": tracks, "liked": verdict}
    )


def _new_likes(
    rng: np.random.Generator, chances: LikeChances, plays: Listening, listeners: Listeners
) -> Ints:
    """Numbers of the plays in which a track becomes liked: heard to the end, and not liked before."""
    chance = chances.most_likely / (1 + np.exp(-chances.steepness * (plays.suits - chances.midpoint)))
    rows = np.flatnonzero(~plays.early & ~plays.bot & (rng.random(len(chance)) < chance))
    rows = rows[~listeners.habits.likes(plays.user[rows], plays.track[rows])]
    _, firsts = np.unique(np.stack([plays.user[rows], plays.track[rows]]), axis=1, return_index=True)
    return np.asarray(rows[np.sort(firsts)])
