"""What models learn from, and what they are then asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from serving.evaluation.arrays import Counts, Floats, Ints


@dataclass(frozen=True)
class Cut:
    """The event log that was split, and the first instant (UTC, without a zone) that is held out."""

    warehouse: Path
    at: datetime


@dataclass(frozen=True)
class Split:
    """`seen` and `truth` are (users, items) and have no pair in common.

    `popularity` holds one or more ways to count an item's listeners in what was seen, each (items,).
    `validation` is a split of `seen` made in the same way: settings are chosen on it, never on `truth`.
    `met` is what users had played at all, skipped as well: a log tells, counts do not. None of it is new to
    them, so no model may list it. `cut` says where an event log was split; counts have none.
    """

    users: list[str]
    items: list[str]
    seen: Counts
    truth: Counts
    popularity: dict[str, Floats]
    protocol: dict[str, Any]
    validation: Split | None = None
    cut: Cut | None = None
    met: Counts | None = None
    tracks: dict[str, list[str]] = field(default_factory=dict)  # item → ids by which a service knows it

    @property
    def known(self) -> Counts:
        """(users, items) what is no discovery to a user."""
        return self.seen if self.met is None else self.met

    @property
    def judged(self) -> Ints:
        """The users for whom there is something to find."""
        return np.flatnonzero(np.diff(self.truth.indptr)).astype(np.int64)

    @property
    def listeners(self) -> Floats:
        """(items,) how many users were seen with each."""
        return np.bincount(self.seen.indices, minlength=len(self.items)).astype(np.float64)
