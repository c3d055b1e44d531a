"""A fence as the audit reads it: what one range of one partition was decided to hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from contracts.lake import Chain

Offsets = npt.NDArray[np.int64]


class Decision(BaseModel):
    """The fence at `key`: `count` rows in [base, end], with a hash, at `data_key`."""

    model_config = ConfigDict(frozen=True, strict=True)

    key: str = ""
    base: int
    end: int
    first: int | None = None
    last: int | None = None
    count: int
    gaps: tuple[tuple[int, int], ...]
    hour: AwareDatetime
    data_key: str = ""
    content_hash: str = ""
    first_ts: int | None = None
    last_ts: int | None = None

    @property
    def offsets(self) -> Offsets:
        """The offsets in [base, end] that hold a record, by the fence's own word."""
        edges = [(self.base - 1, self.base - 1), *self.gaps, (self.end + 1, self.end + 1)]
        runs = [np.arange(a[1] + 1, b[0], dtype=np.int64) for a, b in pairwise(edges)]
        return np.concatenate(runs)

    def contradictions(self, chain: Chain) -> Iterator[str]:
        """What the fence says that cannot be true of a fence of `chain` at its key."""
        if self.key != chain.fence_key(self.base):
            yield f"it says it begins at {self.base}"
        edges = [(self.base - 2, self.base - 1), *self.gaps, (self.end + 1, self.end + 2)]
        if self.end < self.base or any(a[1] >= b[0] for a, b in pairwise(edges)):
            yield f"its gaps do not fit into {self.base} to {self.end}"
            return
        held = self.end - self.base + 1 - sum(b - a + 1 for a, b in self.gaps)
        if held != self.count:
            yield f"it says {self.count} rows, its range and gaps leave {held}"
        elif held and (self.first, self.last) != (self._outermost()):
            yield f"it says its rows are {self.first} to {self.last}, its gaps leave others"
        if held and self.data_key != chain.data_key(self.base, self.hour):
            yield f"it names {self.data_key}, which is not its hour's key"

    def _outermost(self) -> tuple[int, int]:
        first = self.gaps[0][1] + 1 if self.gaps and self.gaps[0][0] == self.base else self.base
        last = self.gaps[-1][0] - 1 if self.gaps and self.gaps[-1][1] == self.end else self.end
        return first, last

    def stamp(self) -> dict[str, str]:
        """What its data object must say of itself."""
        return {
            "backbeat-base": str(self.base),
            "backbeat-end": str(self.end),
            "backbeat-count": str(self.count),
            "backbeat-content-hash": self.content_hash,
        }


def read_decision(key: str, body: bytes) -> Decision:
    """The fence in `body`; ValueError, in words for a person, when it is not one."""
    try:
        return Decision.model_validate_json(body).model_copy(update={"key": key})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in error.errors()]
        raise ValueError("; ".join(wrong)) from error
