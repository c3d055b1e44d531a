"""Users and items as points, from `implicit`: alternating least squares, Bayesian personalised ranking."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from threadpoolctl import threadpool_limits

from serving.evaluation.arrays import Floats, Ints, Scores, weighed
from serving.evaluation.ranker import Setting
from serving.evaluation.ranking import Scorer
from serving.evaluation.split import Split


class LeastSquares:
    """ALS for implicit feedback; `confidence` is what a count weighs beside the unknown (alpha)."""

    grid = [  # noqa: RUF012 - read only
        {"counts": counts, "factors": factors, "confidence": confidence}
        for counts, factors, confidence in product(("log", "binary"), (16, 32, 64), (1.0, 5.0))
    ]

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """Fifteen iterations, regularisation .01: implicit's own, and more of either changed little."""
        with _one_blas_thread():
            model = AlternatingLeastSquares(
                factors=setting["factors"], alpha=setting["confidence"], random_state=self._seed
            )
            model.fit(weighed(split.seen, setting["counts"]), show_progress=False)
        return _products(split, model.user_factors, model.item_factors)


class PersonalisedRanking:
    """BPR: what was listened to before what was not; rate and regularisation are implicit's own, .01.

    On Last.fm's validation split others did worse than these, whose NDCG@10 was .118: .09 at a rate of .05,
    .08 at a regularisation of .1, .113 at one of .001, .094 in 300 iterations.
    """

    grid = [  # noqa: RUF012 - read only
        {"factors": factors, "iterations": iterations} for factors, iterations in product((32, 64), (30, 100))
    ]

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """On one thread: several would write over each other, and no two runs would agree."""
        with _one_blas_thread():
            model = BayesianPersonalizedRanking(
                factors=setting["factors"],
                iterations=setting["iterations"],
                random_state=self._seed,
                num_threads=1,
            )
            model.fit(weighed(split.seen, "binary"), show_progress=False)
        return _products(split, model.user_factors, model.item_factors)


def _one_blas_thread() -> Any:
    """implicit has threads of its own; BLAS' beside them make it slower by far, and it warns of them."""
    return threadpool_limits(1, "blas")


def _products(split: Split, of_users: Floats, of_items: Floats) -> Scorer:
    # Who was seen with nothing has factors that mean nothing.
    known = (np.diff(split.seen.indptr) > 0)[:, None]
    found = np.where(known, of_users, 0).astype(np.float32)
    items = of_items.astype(np.float32).T

    def score(users: Ints) -> Scores:
        return np.asarray(found[users] @ items, np.float32)

    return score
