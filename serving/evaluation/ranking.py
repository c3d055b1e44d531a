"""The first items of each user, out of all that is new to the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from serving.evaluation.arrays import Counts, Ints, Scores
from serving.evaluation.split import Split

# Users (n,) → how well each item suits them, (n, items).
Scorer = Callable[[Ints], Scores]
NOTHING = -1
_BLOCK = 500_000  # scores at once: they, and their keys, stay in the cache


def top(scorer: Scorer, split: Split, users: Ints, k: int) -> Ints:
    """(users, k) items, best first; NOTHING where a user has no more of them.

    Of equal scores the item of more listeners comes first: so a model without an opinion on a user, or none
    left, gives what is popular.
    """
    order = np.lexsort((np.arange(len(split.items)), -split.listeners))
    tie = np.empty(len(order), np.uint64)
    tie[order] = np.arange(len(order), dtype=np.uint64)[::-1]
    ranked = np.full((len(users), k), NOTHING, np.int64)
    for begin, some in blocks(users, len(split.items)):
        scores = np.array(scorer(some), np.float32)
        scores[split.known[some].nonzero()] = -np.inf
        ranked[begin : begin + len(some), : min(k, len(order))] = _first(scores, tie, k)
    return ranked


def blocks(users: Ints, width: int) -> Iterator[tuple[int, Ints]]:
    """`users` in parts whose rows of `width` fit into memory, each with the place where it begins."""
    step = max(1, _BLOCK // max(1, width))
    for begin in range(0, len(users), step):
        yield begin, users[begin : begin + step]


def _first(scores: Scores, tie: NDArray[np.uint64], k: int) -> Ints:
    """(n, k or fewer) columns by score, then by `tie`, both from the highest down."""
    # An order of whole numbers, the tie in their lower half: no two are equal, so what is first is certain.
    bits = (scores + np.float32(0)).view(np.int32)
    keys = (bits ^ (bits >> 31 | np.int32(-(2**31)))).view(np.uint32).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= tie
    k = min(k, keys.shape[1])
    best = np.argpartition(keys, keys.shape[1] - k, axis=1)[:, keys.shape[1] - k :]
    by_key = np.argsort(np.take_along_axis(keys, best, axis=1), axis=1)[:, ::-1]
    best = np.take_along_axis(best, by_key, axis=1)
    known = np.isfinite(np.take_along_axis(scores, best, axis=1))
    return np.asarray(np.where(known, best, NOTHING), np.int64)


def allowed(ranked: Ints, seen: Counts) -> Ints:
    """`ranked` (n, k) without what the same row of `seen` holds, and nothing twice; the rest moves up."""
    width = seen.shape[1]
    rows = np.arange(len(ranked))[:, None]
    keys = rows * width + ranked
    taken = np.repeat(np.arange(len(ranked)), np.diff(seen.indptr)) * width + seen.indices
    order = np.argsort(ranked, axis=1, kind="stable")
    ordered = np.take_along_axis(ranked, order, axis=1)
    again = np.zeros(ranked.shape, bool)
    np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    kept = (ranked != NOTHING) & ~again & ~np.isin(keys, taken)
    forward = np.argsort(~kept, axis=1, kind="stable")
    return np.asarray(np.take_along_axis(np.where(kept, ranked, NOTHING), forward, axis=1), np.int64)
