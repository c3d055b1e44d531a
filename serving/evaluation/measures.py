"""What is measured of a ranking. Everything is taken over the whole catalogue: no negatives are sampled.

For a user with the held-out items T and the list L of k items:

- recall@k = |L ∩ T| / |T|
- NDCG@k = Σ 1/log2(1 + place) over the hits, over the same sum for min(k, |T|) hits in the first places
- MAP@k = Σ over the hits of (hits up to there / place), over min(k, |T|)

and of the lists of all users together:

- coverage: the share of all items that stands in any list
- novelty: mean of -log2(share of users seen with the item), in bits
- Gini of how often each item is in a list: 0 when all equally often, near 1 when few take it all
"""

from __future__ import annotations

import numpy as np

from serving.evaluation.arrays import Counts, Flags, Floats, Ints
from serving.evaluation.ranking import NOTHING

CUTS = (10, 20)
MEASURES = tuple(f"{name}@{k}" for k in CUTS for name in ("ndcg", "recall", "map"))
LIST = 20  # the length of list that coverage, novelty and Gini look at


def hits(ranked: Ints, truth: Counts) -> Flags:
    """(n, k) whether the item in that place is among those of the same row of `truth` (n, items)."""
    width = truth.shape[1]
    wanted = np.repeat(np.arange(len(ranked)), np.diff(truth.indptr)) * width + truth.indices
    places = np.arange(len(ranked))[:, None] * width + ranked
    return np.asarray((ranked != NOTHING) & np.isin(places, wanted))


def per_user(ranked: Ints, truth: Counts) -> Floats:
    """(n, measures), in the order of MEASURES; every row of `truth` holds an item."""
    found, wanted = hits(ranked, truth), np.diff(truth.indptr)
    columns: list[Floats] = []
    for k in CUTS:
        at_k = found[:, :k]
        columns += [_ndcg(at_k, wanted, k), at_k.sum(axis=1) / wanted, _precision(at_k, wanted, k)]
    return np.stack(columns, axis=1)


def _ndcg(found: Flags, wanted: Ints, k: int) -> Floats:
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(wanted, k) - 1]
    return np.asarray(found @ discounts[: found.shape[1]] / ideal)


def _precision(found: Flags, wanted: Ints, k: int) -> Floats:
    precision = np.cumsum(found, axis=1) / np.arange(1, found.shape[1] + 1)
    return np.asarray((precision * found).sum(axis=1) / np.minimum(wanted, k))


def of_lists(ranked: Ints, listeners: Floats, users: int) -> dict[str, float]:
    """Coverage, novelty and Gini of the first LIST places; `listeners` (items,) out of so many `users`."""
    shown = ranked[:, :LIST]
    shown = shown[shown != NOTHING]
    times = np.bincount(shown, minlength=len(listeners)).astype(np.float64)
    # An item without listeners counts as one with a single one: its surprise would be infinite.
    surprise = -np.log2(np.maximum(listeners, 1) / users)
    return {
        f"coverage@{LIST}": float((times > 0).mean()),
        "novelty": float(surprise[shown].mean()) if len(shown) else 0.0,
        "gini": gini(times),
    }


def gini(amounts: Floats) -> float:
    """0 to 1 - 1/n: how unequal `amounts` (n,) ≥ 0 are."""
    total, n = amounts.sum(), len(amounts)
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(amounts) / (n * total))
