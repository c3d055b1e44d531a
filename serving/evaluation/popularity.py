"""What most listen to, for everybody the same."""

from __future__ import annotations

import numpy as np

from serving.evaluation.arrays import Ints, Scores
from serving.evaluation.ranker import Setting
from serving.evaluation.ranking import Scorer
from serving.evaluation.split import Split

WAYS = ("listeners", "plays", "listeners_7_days", "listeners_28_days")


class Popularity:
    """Counted in one of the ways that the split knows."""

    grid = [{"counted": way} for way in WAYS]  # noqa: RUF012 - read only

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """A way that the split does not know counts all listeners."""
        counted = split.popularity.get(setting["counted"], split.listeners).astype(np.float32)

        def score(users: Ints) -> Scores:
            return np.broadcast_to(counted, (len(users), len(counted)))

        return score
