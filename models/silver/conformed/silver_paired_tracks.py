"""One row per recording and one of the most similar to it, for `silver_similarities`, counted in Python.

Pairs grow with the square of what a user likes: 100,000 users with 60 recordings each are 170 million. The
product of a sparse matrix with itself counts them in seconds, a join with itself in minutes.
`silver_similarities` says the same in SQL for engines that run no Python (`learns_influences`).
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

Numbers = np.ndarray[Any, Any]

# Recordings multiplied at a time: 1,000 of them with 20,000 others each are 240 MB.
_BATCH = 1_000


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """dbt's entry. `session` is the engine's: DuckDB's or Snowpark's."""
    dbt.config(packages=["numpy", "pandas", "pyarrow", "scipy"])
    return pair(
        _table(dbt.ref("silver_tastes")),
        shrinkage=float(dbt.config.get("shrinkage")),
        kept=int(dbt.config.get("kept")),
    )


def pair(tastes: pa.Table, *, shrinkage: float, kept: int) -> pd.DataFrame:
    """similarity_key, track_key, similar_track_key, listeners_together (2 or more), similarity, rank from 1.

    `tastes` has user_id, track_key, weight (whole numbers above 0). The similarity is the cosine, shrunk:
    at `shrinkage` listeners together it counts half. Of each recording `kept` are kept, equals by their key.
    """
    tracks, track = _coded(tastes["track_key"])
    users, user = _coded(tastes["user_id"])
    weight = tastes["weight"].to_numpy().astype(np.int64)
    shape = (len(tracks), len(users))
    liked = sparse.csr_matrix((weight, (track, user)), shape=shape)
    likes = sparse.csr_matrix((np.ones_like(weight), (track, user)), shape=shape)
    by_user = liked.T.tocsr(), likes.T.tocsr()
    norm = np.sqrt(np.asarray(liked.multiply(liked).sum(axis=1), dtype=np.float64).ravel())
    found = [(np.zeros((4, 0), np.int64), np.zeros(0))]
    for first in range(0, len(tracks), _BATCH):
        batch = slice(first, first + _BATCH)
        products, together = _sorted(liked[batch] @ by_user[0]), _sorted(likes[batch] @ by_user[1])
        for row in range(products.shape[0]):
            of_row = slice(products.indptr[row], products.indptr[row + 1])
            other, count = products.indices[of_row], together.data[of_row]
            cosine = products.data[of_row].astype(np.float64) / (norm[first + row] * norm[other])
            similarity = np.floor(1e6 * (cosine * count / (count + shrinkage)) + 0.5) / 1e6
            similarity[(count < 2) | (other == first + row)] = -1
            order = np.argsort(-similarity, kind="stable")[:kept]
            order = order[similarity[order] >= 0]
            own, rank = np.full(len(order), first + row), np.arange(1, len(order) + 1)
            found.append((np.stack([own, other[order], count[order], rank]), similarity[order]))
    own, other, count, rank = np.concatenate([numbers for numbers, _ in found], axis=1)
    return pd.DataFrame(
        {
            "similarity_key": pd.array(tracks[own] + "|" + tracks[other], dtype="string"),
            "track_key": pd.array(tracks[own], dtype="string"),
            "similar_track_key": pd.array(tracks[other], dtype="string"),
            "listeners_together": count,
            "similarity": np.concatenate([similarity for _, similarity in found]),
            "rank": rank,
        }
    )


def _table(relation: Any) -> pa.Table:
    """The rows of a DuckDB relation or a Snowpark table, with columns in lower case."""
    if hasattr(relation, "to_arrow_table"):
        return relation.to_arrow_table()
    return pa.Table.from_pandas(relation.to_pandas().rename(columns=str.lower))


def _coded(column: pa.ChunkedArray) -> tuple[Numbers, Numbers]:
    """The different values, in order, and the place of each row's among them."""
    keys = np.sort(pc.unique(column).to_numpy(zero_copy_only=False).astype(object))
    return keys, pc.index_in(column, value_set=pa.array(keys, column.type)).to_numpy()


def _sorted(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Its columns in order, so that two of the same places can be read side by side."""
    matrix.sort_indices()
    return matrix
