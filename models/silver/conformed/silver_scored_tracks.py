"""One row per user whom this run makes anew and recording among their first: its points, and what gave most.

Points are a sum of products: what speaks for a user's picks (recordings, artists, their region), each with
its weight, times what that says for a recording. 100,000 users with 60 recordings each, that speak for 100
each, are 600 million products: a sparse matrix adds them in seconds, a `group by` in minutes.
`silver_candidates` says the same in SQL for engines that run no Python (`learns_influences`).
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

Numbers = np.ndarray[Any, Any]

# Users multiplied at a time: 500 of them with 3,000 recordings each are 24 MB.
_BATCH = 500
# New recordings are kept as far down as this many lists: one of them gets a place.
_LISTS_OF_NEW = 10


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """dbt's entry. `session` is the engine's: DuckDB's or Snowpark's."""
    dbt.config(packages=["numpy", "pandas", "pyarrow", "scipy"])
    # In an hour few are due, and what the others do not want is most of the table.
    unwanted = dbt.ref("silver_unwanted_tracks").join(dbt.ref("silver_due_users"), "user_id", how="semi")
    return score(
        _table(dbt.ref("silver_user_sources")),
        _table(dbt.ref("silver_source_tracks")),
        _table(unwanted),
        per_user=int(dbt.config.get("per_user")),
        per_artist=int(dbt.config.get("per_artist")),
    )


def score(
    sources: pa.Table, told: pa.Table, unwanted: pa.Table, *, per_user: int, per_artist: int
) -> pd.DataFrame:
    """scored_key, user_id, track_key, source_key of the greatest part, points above 0, candidate_rank from 1.

    `sources` has user_id, source_key, weight; `told` source_key, track_key, artist_key, strength, is_new;
    `unwanted` user_id, track_key. Of one artist `per_artist` recordings are ranked; `per_user` are kept, and
    new ones further down. Equal points go by the key.
    """
    users, source_keys = _keys(sources["user_id"]), _keys(told["source_key"])
    tracks, artists = _keys(told["track_key"]), _keys(told["artist_key"])
    ranking = _Ranking(len(tracks), per_user, per_artist)
    place = _codes(told["track_key"], tracks)
    ranking.artist[place] = _codes(told["artist_key"], artists)
    np.logical_or.at(ranking.is_new, place, told["is_new"].to_numpy().astype(bool))
    weights = _matrix(sources, ("user_id", users), ("source_key", source_keys), "weight")
    strengths = _matrix(told, ("source_key", source_keys), ("track_key", tracks), "strength")
    refused = _matrix(unwanted, ("user_id", users), ("track_key", tracks))
    found = [np.zeros((5, 0), np.int64)]
    for first in range(0, len(users), _BATCH):
        batch = slice(first, first + _BATCH)
        found += ranking.of(weights[batch], strengths, refused[batch], first)
    user, track, source, points, rank = np.concatenate(found, axis=1)
    return pd.DataFrame(
        {
            "scored_key": pd.array(users[user] + "|" + tracks[track], dtype="string"),
            "user_id": pd.array(users[user], dtype="string"),
            "track_key": pd.array(tracks[track], dtype="string"),
            "source_key": pd.array(source_keys[source], dtype="string"),
            "points": points,
            "candidate_rank": rank,
        }
    )


class _Ranking:
    """What is known of the recordings, and how many of them a user gets; `count` recordings."""

    def __init__(self, count: int, per_user: int, per_artist: int) -> None:
        self.artist = np.zeros(count, np.int64)
        self.is_new = np.zeros(count, bool)
        self._place = np.full(count, -1)
        self._per_user, self._per_artist = per_user, per_artist

    def of(
        self, weights: sparse.csr_matrix, strengths: sparse.csr_matrix, refused: sparse.csr_matrix, first: int
    ) -> list[Numbers]:
        """(5, kept) for each user of a batch: user from `first` on, recording, source, points, rank."""
        summed = weights @ strengths
        summed = sparse.csr_matrix(summed - summed.multiply(refused))
        summed.sort_indices()
        found = []
        for row in range(summed.shape[0]):
            of_row = slice(summed.indptr[row], summed.indptr[row + 1])
            points, tracks = summed.data[of_row], summed.indices[of_row]
            kept, ranks = self._first(points, tracks)
            sources = self._greatest(weights[row], strengths, tracks[kept])
            user = np.full(len(kept), first + row)
            found.append(np.stack([user, tracks[kept], sources, points[kept], ranks]))
        return found

    def _first(self, points: Numbers, tracks: Numbers) -> tuple[Numbers, Numbers]:
        """Places in `points` that are kept, and their ranks; `tracks` stand in their keys' order."""
        deepest = _LISTS_OF_NEW * self._per_user
        # Three times as many are enough, but where a few artists have most of them.
        for looked_at in (3 * deepest, len(points)):
            near = _greatest_places(points, looked_at)
            order = near[np.argsort(-points[near], kind="stable")]
            kept = order[_place_in_group(self.artist[tracks[order]]) < self._per_artist]
            if len(kept) >= deepest:
                break
        ranks = np.arange(1, len(kept) + 1)
        listed = (ranks <= self._per_user) | (self.is_new[tracks[kept]] & (ranks <= deepest))
        return kept[listed], ranks[listed]

    def _greatest(self, weights: sparse.csr_matrix, strengths: sparse.csr_matrix, tracks: Numbers) -> Numbers:
        """For each of `tracks` the source of a user, one row of `weights`, that gives it most."""
        starts, ends = strengths.indptr[weights.indices], strengths.indptr[weights.indices + 1]
        sizes = ends - starts
        places = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        self._place[tracks] = np.arange(len(tracks))
        asked = self._place[strengths.indices[places]]
        self._place[tracks] = -1
        hit = asked >= 0
        part = (strengths.data[places] * np.repeat(weights.data, sizes))[hit]
        source, asked = np.repeat(weights.indices, sizes)[hit], asked[hit]
        order = np.lexsort((source, -part, asked))
        return np.asarray(source[order][np.unique(asked[order], return_index=True)[1]])


def _greatest_places(points: Numbers, count: int) -> Numbers:
    """Where the `count` greatest above 0 stand, with all that equal the least of them."""
    if count >= len(points):
        return np.flatnonzero(points > 0)
    least = np.partition(points, len(points) - count)[len(points) - count]
    return np.flatnonzero(points >= max(least, 1))


def _place_in_group(groups: Numbers) -> Numbers:
    """How many of the same group stand before each."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = (
        np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(groups) else np.zeros(0, np.int64)
    )
    place = np.empty(len(groups), np.int64)
    place[order] = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    return place


def _table(relation: Any) -> pa.Table:
    """The rows of a DuckDB relation or a Snowpark table, with columns in lower case."""
    if hasattr(relation, "to_arrow_table"):
        return relation.to_arrow_table()
    return pa.Table.from_pandas(relation.to_pandas().rename(columns=str.lower))


def _keys(column: pa.ChunkedArray) -> Numbers:
    """The different values, in order."""
    return np.sort(pc.unique(column).to_numpy(zero_copy_only=False).astype(object))


def _codes(column: pa.ChunkedArray, keys: Numbers) -> Numbers:
    """The place of each value among `keys`; -1 where it is none of them."""
    places = pc.index_in(column, value_set=pa.array(keys, column.type))
    return np.asarray(pc.fill_null(places, -1).to_numpy(), np.int64)


def _matrix(
    table: pa.Table, rows: tuple[str, Numbers], columns: tuple[str, Numbers], value: str = ""
) -> sparse.csr_matrix:
    """(rows, columns) of `value`, or of ones; what is no key is left out."""
    row, column = (_codes(table[name], keys) for name, keys in (rows, columns))
    known = (row >= 0) & (column >= 0)
    values = table[value].to_numpy()[known] if value else np.ones(known.sum())
    shape = (len(rows[1]), len(columns[1]))
    return sparse.csr_matrix((values.astype(np.int64), (row[known], column[known])), shape=shape)
