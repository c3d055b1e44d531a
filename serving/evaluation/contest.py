"""All models on one split: the lists they give, and what is measured of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from contracts.errors import BackbeatError
from serving.evaluation.arrays import Counts, Floats, Ints
from serving.evaluation.bootstrap import TIMES, interval, means
from serving.evaluation.measures import MEASURES, of_lists, per_user
from serving.evaluation.ranker import Ranker, Setting
from serving.evaluation.ranking import allowed
from serving.evaluation.split import Split

DEPTH = 100
OURS = "ours"
Taste = Callable[[Ints, Ints, Counts], dict[str, float]]


@dataclass
class Contest:
    """The measures of each model that was added; `taste` measures lists against what users truly like."""

    split: Split
    seed: int
    taste: Taste | None = None
    models: dict[str, dict[str, float]] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    _drawn: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.split.judged):
            raise BackbeatError(
                "nothing can be held out of this data: nobody has two items, or streamed a new one of late"
            )

    def enter(self, name: str, ranker: Ranker) -> None:
        """Let `ranker` learn and rank, and measure its lists."""
        began = time.perf_counter()
        users = self.split.judged
        known = self.split.known[users]
        ranked = allowed(ranker.fit_rank(self.split, users, DEPTH), known)
        values = per_user(ranked, self.split.truth[users])
        self._drawn[name] = means(values, self.seed)
        measured = _with_interval(values.mean(axis=0), self._drawn[name])
        measured |= of_lists(ranked, self.split.listeners, len(self.split.users))
        if self.taste is not None:
            measured |= self.taste(users, ranked, known)
        measured["seconds"] = time.perf_counter() - began
        self.models[name] = {key: round(value, 4) for key, value in measured.items()}
        self.settings[name] = dict(ranker.chosen)

    def result(self) -> dict[str, Any]:
        """Everything, as JSON has it; `ours_minus` holds the differences of the means over the same users."""
        others = [name for name in self.models if name != OURS and OURS in self.models]
        return {
            "models": self.models,
            "ours_minus": {name: self._difference(name) for name in others},
            "settings": self.settings,
            "protocol": protocol(self.split, self.seed),
        }

    def _difference(self, name: str) -> dict[str, float]:
        ours, other = self.models[OURS], self.models[name]
        middle = np.array([ours[key] - other[key] for key in MEASURES])
        differences = _with_interval(middle, self._drawn[OURS] - self._drawn[name])
        return {key: round(value, 4) for key, value in differences.items()}


def _with_interval(middle: Floats, drawn: Floats) -> dict[str, float]:
    """Each measure with its `_low` and `_high`."""
    low, high = interval(drawn)
    ends: Mapping[str, Floats] = {"": middle, "_low": low, "_high": high}
    return {f"{key}{end}": float(ends[end][place]) for place, key in enumerate(MEASURES) for end in ends}


def protocol(split: Split, seed: int) -> dict[str, Any]:
    """What was compared, in numbers."""
    judged = split.judged
    new = int((np.diff(split.seen.indptr)[judged] == 0).sum())
    return {
        **split.protocol,
        "users": len(split.users),
        "items": len(split.items),
        "interactions": int(split.seen.nnz),
        "held_out": int(split.truth.nnz),
        "judged_users": len(judged),
        "new_users": new,
        "ranked": "all items the user was not seen with",
        "list_length": DEPTH,
        "bootstrap": {"times": TIMES, "seed": seed, "interval": 0.95},
    }
