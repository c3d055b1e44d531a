"""The arrays and matrices of an evaluation."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Scores: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
# scipy.sparse.csr_matrix of floats, (users, items), without stored zeros; implicit takes no other kind.
Counts: TypeAlias = Any


def counts_of(users: Ints, items: Ints, counts: Floats, shape: tuple[int, int]) -> Counts:
    """One entry for each pair that is given, counts of a pair given twice added up."""
    return sparse.csr_matrix((counts, (users, items)), shape=shape, dtype=np.float64)


def rows_of(matrix: Counts) -> Ints:
    """The row of each stored entry, in the order of `matrix.indices`."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))


def counted(counts: Counts) -> dict[str, Floats]:
    """The listeners and the plays of each item, (items,) each."""
    listeners = np.bincount(counts.indices, minlength=counts.shape[1])
    plays = np.bincount(counts.indices, weights=counts.data, minlength=counts.shape[1])
    return {"listeners": listeners.astype(np.float64), "plays": plays.astype(np.float64)}


def weighed(counts: Counts, how: str) -> Counts:
    """`counts` as a model is to see them: "raw", "log" (of 1 + count), or "binary"."""
    found = counts.copy()
    if how == "log":
        found.data = np.log1p(found.data)
    elif how == "binary":
        found.data = np.ones_like(found.data)
    return found
