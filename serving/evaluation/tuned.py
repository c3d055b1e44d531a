"""A model with the settings that did best on the validation split, fitted again to all that was seen."""

from __future__ import annotations

from serving.evaluation.arrays import Ints
from serving.evaluation.measures import MEASURES, per_user
from serving.evaluation.ranker import Learner, Setting, Tell
from serving.evaluation.ranking import top
from serving.evaluation.split import Split

GOAL = "ndcg@10"
_DEPTH = 20
_USERS = 5_000  # of the validation split: enough to tell settings apart, and a bound on its time


class Tuned:
    """The ranker of a learner; `tell` hears which setting is being tried."""

    def __init__(self, learner: Learner, tell: Tell) -> None:
        self._learner, self._tell = learner, tell
        self.chosen: Setting = {}

    def fit_rank(self, split: Split, users: Ints, k: int) -> Ints:
        """See `Ranker`. Without a validation split to learn from, the first setting is taken."""
        self.chosen = self._choose(split.validation)
        self._tell("learning from all that was seen")
        return top(self._learner.learn(split, self.chosen), split, users, k)

    def _choose(self, split: Split | None) -> Setting:
        grid = self._learner.grid
        if split is None or not len(split.judged) or len(grid) == 1:
            return dict(grid[0])
        goals = []
        for place, setting in enumerate(grid, 1):
            self._tell(f"setting {place} of {len(grid)}")
            goals.append(self._goal(split, setting))
        best = max(range(len(grid)), key=goals.__getitem__)
        return {**grid[best], f"validation_{GOAL}": round(goals[best], 4), "tried": len(grid)}

    def _goal(self, split: Split, setting: Setting) -> float:
        users = split.judged[:: max(1, len(split.judged) // _USERS)]
        ranked = top(self._learner.learn(split, setting), split, users, _DEPTH)
        return float(per_user(ranked, split.truth[users])[:, MEASURES.index(GOAL)].mean())
