"""Items that have listeners in common: BM25 item-to-item, from `implicit`."""

from __future__ import annotations

from itertools import product

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

from serving.evaluation.arrays import Ints, Scores, weighed
from serving.evaluation.ranker import Setting
from serving.evaluation.ranking import Scorer
from serving.evaluation.split import Split


class Neighbours:
    """BM25 with implicit's own K1 and B, and on raw counts with those its author uses for Last.fm."""

    grid = [  # noqa: RUF012 - read only
        {"counts": counts, "neighbours": neighbours, "k1": k1, "b": b}
        for (counts, k1, b), neighbours in product(
            (("raw", 1.2, 0.75), ("raw", 100.0, 0.5), ("log", 1.2, 0.75)), (20, 100, 500)
        )
    ]

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """Score by the sum, over what the user listened to, of count times likeness."""
        counts = weighed(split.seen, setting["counts"])
        # As its BM25Recommender does, which warns of the kind of matrix that its own weights are.
        model = ItemItemRecommender(K=setting["neighbours"])
        weights = bm25_weight(counts.T, setting["k1"], setting["b"]).T.tocsr()
        model.fit(weights, show_progress=False)
        likeness = model.similarity

        def score(users: Ints) -> Scores:
            return np.asarray((counts[users] @ likeness).toarray(), np.float32)

        return score
