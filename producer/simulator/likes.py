"""Likes: they follow taste, fill a listener's favourites, and are sometimes withdrawn."""

from __future__ import annotations

import numpy as np
import polars as pl

from producer.simulator.arrays import Ints
from producer.simulator.catalogue import Catalogue
from producer.simulator.draft import Draft
from producer.simulator.listening import Listening
from producer.simulator.population import Listeners

_MOST_LIKELY = 0.28
_WITHDRAWN = 0.01


def like_draft(
    rng: np.random.Generator, plays: Listening, catalogue: Catalogue, listeners: Listeners
) -> Draft:
    """Likes and withdrawals during the plays; updates the listeners' favourites."""
    liked = _new_likes(rng, plays, listeners)
    undone = np.flatnonzero(plays.repeated & (rng.random(len(plays.track)) < _WITHDRAWN))
    _remember(rng, listeners, plays.user[liked], plays.track[liked])
    _forget(listeners, plays.user[undone], plays.track[undone])
    rows = np.concatenate([liked, undone])
    within = (rng.random(len(rows)) * (plays.ended - plays.started)[rows]).astype(np.int64)
    tracks = catalogue.tags["track_id"].gather(pl.Series(plays.track[rows]))
    verdict = pl.Series(np.arange(len(rows)) < len(liked))
    return Draft(
        "likes", plays.session[rows], plays.started[rows] + within, {"track_id": tracks, "liked": verdict}
    )


def _new_likes(rng: np.random.Generator, plays: Listening, listeners: Listeners) -> Ints:
    """Numbers of the plays in which a track becomes liked: heard to the end, and not liked before."""
    chance = _MOST_LIKELY / (1 + np.exp(-6 * (plays.suits - 0.6)))
    rows = np.flatnonzero(~plays.early & (rng.random(len(chance)) < chance))
    known = (listeners.favourites[plays.user[rows]] == plays.track[rows, None]).any(axis=1)
    rows = rows[~known]
    _, firsts = np.unique(np.stack([plays.user[rows], plays.track[rows]]), axis=1, return_index=True)
    return np.asarray(rows[np.sort(firsts)])


def _remember(rng: np.random.Generator, listeners: Listeners, user: Ints, track: Ints) -> None:
    listeners.favourites[user, rng.integers(0, listeners.favourites.shape[1], len(user))] = track


def _forget(listeners: Listeners, user: Ints, track: Ints) -> None:
    kept = listeners.favourites[user]
    listeners.favourites[user] = np.where(kept == track[:, None], -1, kept)
