"""One row per recording and one that liking it speaks for: how much it does, learned from all listeners.

Three parts are added. (1) Each recording is regressed on its neighbours (ridge), which is EASE (Steck 2019,
arXiv:1905.03375) held to a neighbourhood: no inverse of the whole catalogue, and neighbours that say the same
share what they say. (2) A share of plain co-listening, which steadies recordings of few listeners. (3) What a
few dozen factors of all listening say (a truncated singular value decomposition), for recordings that never
met in one listener.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import svds

Numbers = np.ndarray[Any, Any]

# Recordings solved at a time: 256 systems of 50 neighbours are 5 MB.
_BATCH = 256
# What popular recordings lose of their share of plain co-listening, and before factors are looked for: the
# power of their own weight, and of their listeners. By the factors half of it is given back.
_CO_LISTENING_POWER = 0.3
_FACTOR_POWER = 0.25


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """dbt's entry. `session` is the engine's: DuckDB's or Snowpark's."""
    dbt.config(packages=["numpy", "pandas", "scipy"])
    tastes, neighbours = _frame(dbt.ref("silver_tastes")), _frame(dbt.ref("silver_similarities"))
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
    tastes: pd.DataFrame,
    neighbours: pd.DataFrame,
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
    tracks = np.unique(tastes["track_key"].to_numpy(dtype=str))
    liked = _liked(tastes, tracks)
    neighbours = neighbours.sort_values(["track_key", "rank"])
    target = np.searchsorted(tracks, neighbours["track_key"].to_numpy(dtype=str))
    source = np.searchsorted(tracks, neighbours["similar_track_key"].to_numpy(dtype=str))
    by_neighbours = _by_neighbours(liked, target, source, ridge, co_listening)
    influence = by_neighbours + factor_share * _by_factors(liked, factors, kept)
    influence.data = np.round(influence.data, 5)
    influence.eliminate_zeros()
    told = influence.tocoo()
    liked_key, told_key = tracks[told.row].astype(object), tracks[told.col].astype(object)
    return pd.DataFrame(
        {
            "influence_key": liked_key + "|" + told_key,
            "influencing_track_key": liked_key,
            "track_key": told_key,
            "influence": told.data,
        }
    )


def _frame(relation: Any) -> pd.DataFrame:
    """The rows of a DuckDB relation or a Snowpark table, with columns in lower case."""
    rows: pd.DataFrame = relation.df() if hasattr(relation, "df") else relation.to_pandas()
    return rows.rename(columns=str.lower)


def _liked(tastes: pd.DataFrame, tracks: Numbers) -> sparse.csr_matrix:
    """Affinities, (users, tracks), the mean of each user's 1."""
    users = np.unique(tastes["user_id"].to_numpy(dtype=str), return_inverse=True)[1]
    of_track = np.searchsorted(tracks, tastes["track_key"].to_numpy(dtype=str))
    affinity = tastes["affinity"].to_numpy(dtype=np.float64) / 1000
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
    found = np.zeros(len(target))
    for size in np.unique(sizes):
        alike = starts[sizes == size]
        for first in range(0, len(alike), _BATCH):
            places = alike[first : first + _BATCH, None] + np.arange(size)
            found[places] = _regressed(together, target[places[:, 0]], source[places], ridge)
    own = together.diagonal()
    scale = np.maximum(own[source] * own[target] ** _CO_LISTENING_POWER, 1e-9)
    found += co_listening * _picked(together, source, target) / scale
    return sparse.csr_matrix((found, (source, target)), shape=(count, count))


def _regressed(together: sparse.csr_matrix, targets: Numbers, sources: Numbers, ridge: float) -> Numbers:
    """The weights of each target's own sources; (targets, sources a target)."""
    size = sources.shape[1]
    among = _picked(together, np.repeat(sources, size, axis=1), np.tile(sources, size))
    systems = among.reshape(-1, size, size) + ridge * np.eye(size)
    sides = _picked(together, sources, np.repeat(targets[:, None], size, axis=1))
    return np.asarray(np.linalg.solve(systems, sides[..., None])[..., 0])


def _picked(matrix: sparse.csr_matrix, rows: Numbers, columns: Numbers) -> Numbers:
    """The elements at `rows` and `columns`, in their shape."""
    if rows.size == 0:
        return np.zeros(rows.shape)
    return np.asarray(matrix[rows.ravel(), columns.ravel()], dtype=np.float64).reshape(rows.shape)


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
    for first in range(0, count, _BATCH):
        # Rounded, and equals kept together: what the last bits say differs from run to run.
        told = np.round(sources[first : first + _BATCH] @ targets, 5)
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
