"""EASE (Steck 2019): the linear item-to-item model with a zero diagonal that fits best, in closed form.

With X the (users, items) counts and P = (X'X + λI)⁻¹, the weights are B = I - P / diag(P). What is needed of
it has the size of the smaller side: with fewer users than items the Woodbury identity gives P from
K = (XX' + λI)⁻¹, as P = (I - X'KX) / λ; and since XP = KX, the scores of what a user was not seen with are
-KX / diag(P), without any (items, items) matrix.
"""

from __future__ import annotations

import numpy as np
import psutil

from serving.evaluation.arrays import Counts, Floats, Ints, Scores, weighed
from serving.evaluation.ranker import Setting, Tell
from serving.evaluation.ranking import Scorer, blocks
from serving.evaluation.split import Split


class Ease:
    """EASE on as many of the most heard items as fit into memory; `tell` hears of those left out."""

    grid = [  # noqa: RUF012 - read only
        {"counts": counts, "regularisation": regularisation}
        for counts, strengths in (
            ("log", (100.0, 300.0, 1000.0, 3000.0, 10000.0)),
            ("binary", (10.0, 30.0, 100.0, 300.0, 1000.0)),
        )
        for regularisation in strengths
    ]

    def __init__(self, tell: Tell, limit: int | None = None) -> None:
        self._tell = tell
        self._limit = affordable() if limit is None else limit

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """Scores of items that were seen with a user mean nothing."""
        counts, strength = weighed(split.seen, setting["counts"]), setting["regularisation"]
        users, items = counts.shape
        if users < items and users <= self._limit:
            return by_users(counts, strength)
        if items <= self._limit:
            return by_items(counts, strength)
        self._tell(f"EASE: {items:,} items do not fit into memory: the {self._limit:,} most heard do")
        kept = np.sort(np.argsort(-split.listeners, kind="stable")[: self._limit])
        return _spread(by_items(counts[:, kept], strength), kept, items)


def affordable() -> int:
    """The side of the square matrix of which three fill half of the free memory."""
    return int((psutil.virtual_memory().available / 2 / (3 * 8)) ** 0.5)


def by_items(counts: Counts, strength: float) -> Scorer:
    """From the inverse of an (items, items) matrix."""
    weights = _inverse((counts.T @ counts).toarray(), strength)
    weights /= -np.diag(weights)
    np.fill_diagonal(weights, 0)

    def score(users: Ints) -> Scores:
        return np.asarray(counts[users] @ weights, np.float32)

    return score


def by_users(counts: Counts, strength: float) -> Scorer:
    """From the inverse of a (users, users) matrix."""
    inverse, columns = _inverse((counts @ counts.T).toarray(), strength), counts.T.tocsr()

    def products(users: Ints) -> Floats:
        return np.asarray((columns @ inverse[users].T).T)

    fitted = np.zeros(counts.shape[1])
    for _, users in blocks(np.arange(counts.shape[0], dtype=np.int64), counts.shape[1]):
        fitted += np.asarray(counts[users].multiply(products(users)).sum(axis=0)).ravel()
    diagonal = (1 - fitted) / strength

    def score(users: Ints) -> Scores:
        return np.asarray(-products(users) / diagonal, np.float32)

    return score


def _inverse(gram: Floats, strength: float) -> Floats:
    gram[np.diag_indices_from(gram)] += strength
    return np.asarray(np.linalg.inv(gram), np.float64)


def _spread(scorer: Scorer, kept: Ints, items: int) -> Scorer:
    """The scorer of all items, of which those not `kept` come behind the others."""

    def score(users: Ints) -> Scores:
        few = scorer(users)
        every = np.repeat(few.min(axis=1, keepdims=True) - 1, items, axis=1)
        every[:, kept] = few
        return every

    return score
