"""One row per recording and one that liking it speaks for: how much it does, learned from all listeners.

Three parts are added. (1) Each recording is regressed on its neighbours (ridge), which is EASE (Steck 2019,
arXiv:1905.03375) held to a neighbourhood: no inverse of the whole catalogue, and neighbours that say the same
share what they say. (2) A share of plain co-listening, which steadies recordings of few listeners. (3) What a
few dozen factors of all listening say (a truncated singular value decomposition), for recordings that never
met in one listener.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from scipy.sparse.linalg import svds

Numbers = np.ndarray[Any, Any]

# Recordings whose neighbours are compared at a time: 2,048 with 50 each are 5 million pairs.
_SYSTEMS = 2_048
# Recordings whose factors are compared at a time: 256 with 20,000 others each are 40 MB.
_COMPARED = 256
# What popular recordings lose of their share of plain co-listening, and before factors are looked for: the
# power of their own weight, and of their listeners. By the factors half of it is given back.
_CO_LISTENING_POWER = 0.3
_FACTOR_POWER = 0.25


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """dbt's entry. `session` is the engine's: DuckDB's or Snowpark's."""
    dbt.config(packages=["numpy", "pandas", "pyarrow", "scipy"])
    tastes, neighbours = _table(dbt.ref("silver_tastes")), _table(dbt.ref("silver_similarities"))
    return learn(
        tastes,
        neighbours,
        ridge=float(dbt.config.get("ridge")),
        co_listening=float(dbt.config.get("co_listening")),
        factors=int(dbt.config.get("factors")),
        factor_share=float(dbt.config.get("factor_share")),
        kept=int(dbt.config.get("factor_tracks")),
    )


def learn(  # noqa: PLR0913 - each is a setting of dbt_project.yml
    tastes: pa.Table,
    neighbours: pa.Table,
    *,
    ridge: float,
    co_listening: float,
    factors: int,
    factor_share: float,
    kept: int,
) -> pd.DataFrame:
    """influence_key, influencing_track_key, track_key, influence; no row where it is 0.

    `tastes` has user_id, track_key, affinity (thousandths of the user's mean), `neighbours` has track_key,
    similar_track_key, rank. By factors `kept` recordings are told of each.
    """
    tracks = _keys(tastes["track_key"])
    liked = _liked(tastes, tracks)
    target, source = (_codes(neighbours[name], tracks) for name in ("track_key", "similar_track_key"))
    order = np.lexsort((neighbours["rank"].to_numpy(), target))
    target, source = target[order], source[order]
    by_neighbours = _by_neighbours(liked, target, source, ridge, co_listening)
    influence = by_neighbours + factor_share * _by_factors(liked, factors, kept)
    influence.data = np.round(influence.data, 5)
    influence.eliminate_zeros()
    told = influence.tocoo()
    liked_key, told_key = tracks[told.row], tracks[told.col]
    return pd.DataFrame(
        {
            # Named as texts, for DuckDB takes a column without a row for numbers.
            "influence_key": pd.array(liked_key + "|" + told_key, dtype="string"),
            "influencing_track_key": pd.array(liked_key, dtype="string"),
            "track_key": pd.array(told_key, dtype="string"),
            "influence": told.data,
        }
    )


def _table(relation: Any) -> pa.Table:
    """The rows of a DuckDB relation or a Snowpark table, with columns in lower case."""
    if hasattr(relation, "to_arrow_table"):
        return relation.to_arrow_table()
    return pa.Table.from_pandas(relation.to_pandas().rename(columns=str.lower))


def _keys(column: pa.ChunkedArray) -> Numbers:
    """The different values, in order."""
    return np.sort(pc.unique(column).to_numpy(zero_copy_only=False).astype(object))


def _codes(column: pa.ChunkedArray, keys: Numbers) -> Numbers:
    """The place of each value among `keys`, which hold it."""
    return np.asarray(pc.index_in(column, value_set=pa.array(keys, column.type)).to_numpy(), np.int64)


def _liked(tastes: pa.Table, tracks: Numbers) -> sparse.csr_matrix:
    """Affinities, (users, tracks), the mean of each user's 1."""
    users = _codes(tastes["user_id"], _keys(tastes["user_id"]))
    of_track = _codes(tastes["track_key"], tracks)
    affinity = tastes["affinity"].to_numpy() / 1000
    shape = (int(users.max(initial=-1)) + 1, len(tracks))
    liked = sparse.csr_matrix((affinity, (users, of_track)), shape=shape)
    liked.sort_indices()  # rows come in any order, and sums of floats depend on it
    return liked


def _by_neighbours(
    liked: sparse.csr_matrix, target: Numbers, source: Numbers, ridge: float, co_listening: float
) -> sparse.csr_matrix:
    """(tracks, tracks): what the row says for the column; the pairs of a target stand together."""
    count = liked.shape[1]
    together = sparse.csr_matrix(liked.T.tocsr() @ liked)
    together.sort_indices()
    starts = np.flatnonzero(np.r_[True, target[1:] != target[:-1]]) if len(target) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(target)])
    shared = _picked(together, source, target)
    found = np.zeros(len(target))
    for first in range(0, len(starts), _SYSTEMS):
        batch = slice(first, first + _SYSTEMS)
        for places, systems in _systems(together, source, starts[batch], sizes[batch]):
            ridged = systems + ridge * np.eye(systems.shape[1])
            found[places] = np.linalg.solve(ridged, shared[places][..., None])[..., 0]
    own = together.diagonal()
    scale = np.maximum(own[source] * own[target] ** _CO_LISTENING_POWER, 1e-9)
    found += co_listening * shared / scale
    return sparse.csr_matrix((found, (source, target)), shape=(count, count))


def _systems(
    together: sparse.csr_matrix, source: Numbers, starts: Numbers, sizes: Numbers
) -> Iterator[tuple[Numbers, Numbers]]:
    """For each size: where a target's sources stand (targets, size), and what any two of them share."""
    pairs = sizes**2
    offsets = np.cumsum(pairs) - pairs
    size, start = np.repeat(sizes, pairs), np.repeat(starts, pairs)
    place = np.arange(pairs.sum()) - np.repeat(offsets, pairs)
    shared = _picked(together, source[start + place // size], source[start + place % size])
    for same in np.unique(sizes):
        alike = sizes == same
        places = starts[alike, None] + np.arange(same)
        yield places, shared[offsets[alike, None] + np.arange(same**2)].reshape(-1, same, same)


def _picked(matrix: sparse.csr_matrix, rows: Numbers, columns: Numbers) -> Numbers:
    """The elements of an ordered matrix at `rows` and `columns`; to pick them SciPy reads whole rows."""
    if matrix.nnz == 0 or len(rows) == 0:
        return np.zeros(len(rows))
    order = np.argsort(rows, kind="stable")
    asked, place = np.unique(rows[order], return_index=True)
    at = np.empty(len(rows), np.int64)
    for row, queries in zip(asked, np.split(order, place[1:]), strict=True):
        first, end = matrix.indptr[row], matrix.indptr[row + 1]
        at[queries] = first + np.searchsorted(matrix.indices[first:end], columns[queries])
    within = np.minimum(at, matrix.nnz - 1)
    is_there = (at < matrix.indptr[rows + 1]) & (matrix.indices[within] == columns)
    return np.where(is_there, matrix.data[within], 0.0)


def _by_factors(liked: sparse.csr_matrix, factors: int, kept: int) -> sparse.csr_matrix:
    """(tracks, tracks): of each row the `kept` columns that it says most for, as factors have it."""
    count = liked.shape[1]
    if 0 in (*liked.shape, factors, kept):
        return sparse.csr_matrix((count, count))
    listeners = np.maximum(np.diff(liked.tocsc().indptr), 1).astype(np.float64)
    directions = _directions(liked @ sparse.diags_array(listeners**-_FACTOR_POWER), factors)
    sources = directions.T * listeners[:, None] ** -_FACTOR_POWER
    targets = directions * listeners ** (_FACTOR_POWER / 2)
    parts = []
    for first in range(0, count, _COMPARED):
        # Rounded, and equals kept together: what the last bits say differs from run to run.
        told = np.round(sources[first : first + _COMPARED] @ targets, 5)
        own = np.arange(len(told))
        told[own, first + own] = 0
        if kept < count:
            least = -np.partition(-told, kept - 1, axis=1)[:, kept - 1]
            told[told < least[:, None]] = 0
        parts.append(sparse.csr_matrix(np.maximum(told, 0)))
    return sparse.csr_matrix(sparse.vstack(parts))


def _directions(listening: sparse.csr_matrix, factors: int) -> Numbers:
    """(factors or fewer, tracks): the directions in which listeners differ most, orthonormal."""
    if factors < min(listening.shape):
        return np.asarray(svds(listening, k=factors, rng=np.random.default_rng(1))[2])
    _, strengths, found = np.linalg.svd(listening.toarray(), full_matrices=False)
    return np.asarray(found[strengths > 1e-6 * strengths[0]])
