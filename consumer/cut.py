"""The quickest way from payloads to columns: those that are written alike are cut at the same marks.

What is cut out certainly fits; the rest is left to the sieve. It costs a fourth of what msgspec does,
because nothing is made into a Python object.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from consumer.fields import read
from consumer.payloads import Alike, Numbers, Payloads, Truths
from consumer.rule import Kind, rules
from consumer.stencil import Stencil, learn

# A stencil costs about half a millisecond, whatever the number of rows; msgspec 2.6 µs a row.
_FEWEST_ROWS, _MOST_LESSONS = 250, 8
_REMEMBERED = 64


@dataclass(frozen=True)
class Piece:
    """Rows that one stencil fitted, ascending, and the contract's columns of them."""

    rows: Numbers
    columns: list[pa.Array]


@dataclass
class Cutter:
    """Cuts the payloads of a topic, and remembers its stencils, the latest to fit first."""

    topic: str
    fewest_rows: int = _FEWEST_ROWS
    _known: list[Stencil] = field(default_factory=list)

    def cut(self, column: pa.BinaryArray) -> list[Piece]:
        """What of `column`, whose payloads are UTF-8 or null, can be cut."""
        payloads = Payloads.of(column)
        left = np.flatnonzero(payloads.plain & (payloads.marks > 0))
        pieces: list[Piece] = []
        for stencil in list(self._known):
            left = self._try(stencil, payloads, left, pieces)
        for _ in range(_MOST_LESSONS):
            if len(left) < self.fewest_rows:
                break
            start, end = payloads.starts[left[0]], payloads.ends[left[0]]
            lesson = learn(payloads.data[start:end].tobytes())
            if lesson is None or not _may_fit(self.topic, lesson):
                left = left[1:]
            else:
                left = self._try(lesson, payloads, left, pieces)
        return pieces

    def _try(self, stencil: Stencil, payloads: Payloads, left: Numbers, pieces: list[Piece]) -> Numbers:
        """Add the piece that `stencil` cuts from the rows `left`; returns those written otherwise."""
        similar = payloads.marks[left] == stencil.marks
        if np.count_nonzero(similar) < self.fewest_rows:
            return left
        candidates = payloads.alike(left[similar], stencil.marks)
        same = _written_so(stencil, candidates)
        if not same.any():
            return left
        self._remember(stencil)
        rows, columns = read(self.topic, stencil, candidates.where(same))
        if len(rows):
            pieces.append(Piece(rows, columns))
        similar[similar] = same
        otherwise: Numbers = left[~similar]
        return otherwise

    def _remember(self, stencil: Stencil) -> None:
        if stencil in self._known:
            self._known.remove(stencil)
        self._known.insert(0, stencil)
        del self._known[_REMEMBERED:]


def _written_so(stencil: Stencil, alike: Alike) -> Truths:
    """Which of the payloads have the stencil's texts at its anchors, up to their ends."""
    same = np.ones(len(alike), np.bool_)
    for anchor, text in stencil.texts:
        begins = alike.at(anchor)
        same &= alike.equal(begins, text)
    closed: Truths = begins + len(text) == alike.ends
    return same & closed


def _may_fit(topic: str, stencil: Stencil) -> bool:
    """Whether events of `topic` can look so: every field that must be there is, as text or scalar."""
    are_texts = {value.name: value.is_text for value in stencil.values}
    for name, rule in rules(topic).items():
        if name not in are_texts:
            if rule.required:
                return False
        elif are_texts[name] != (rule.kind not in {Kind.INTEGER, Kind.TRUTH}) and (
            are_texts[name] or not rule.nullable
        ):
            return False
    return True
