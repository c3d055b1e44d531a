"""What takes part in an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from serving.evaluation.arrays import Ints
from serving.evaluation.ranking import Scorer
from serving.evaluation.split import Split

Setting = dict[str, Any]
Tell = Callable[[str], None]


class Ranker(Protocol):
    """A model that is asked for lists."""

    @property
    def chosen(self) -> Setting:
        """The settings of the last fit, for the report."""

    def fit_rank(self, split: Split, users: Ints, k: int) -> Ints:
        """(users, k) items, best first, from `split.seen` alone; -1 fills up a list that is shorter."""


class Learner(Protocol):
    """A model with settings to choose from."""

    @property
    def grid(self) -> list[Setting]:
        """The settings that are tried, on the validation split."""

    def learn(self, split: Split, setting: Setting) -> Scorer:
        """Fit to `split.seen`; the scorer takes users of the same split."""
