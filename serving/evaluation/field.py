"""Who takes part, in the order of the report."""

from __future__ import annotations

from serving.evaluation.contest import OURS
from serving.evaluation.ease import Ease
from serving.evaluation.factors import LeastSquares, PersonalisedRanking
from serving.evaluation.neighbours import Neighbours
from serving.evaluation.ours import Ours
from serving.evaluation.popularity import Popularity
from serving.evaluation.ranker import Learner, Ranker, Tell
from serving.evaluation.tuned import Tuned


def rankers(seed: int, tell: Tell) -> dict[str, Ranker]:
    """Name → model; `tell` hears what each of them is at."""

    def naming(name: str) -> Tell:
        return lambda text: tell(f"{name}: {text}")

    learners: dict[str, Learner] = {
        "popularity": Popularity(),
        "bm25": Neighbours(),
        "als": LeastSquares(seed),
        "bpr": PersonalisedRanking(seed),
        "ease": Ease(naming("ease")),
    }
    tuned: dict[str, Ranker] = {name: Tuned(learner, naming(name)) for name, learner in learners.items()}
    return {OURS: Ours(naming(OURS)), **tuned}
