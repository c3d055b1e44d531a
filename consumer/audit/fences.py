"""The fences of one partition: which of them tile, and which have no place among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from consumer.audit.decision import Decision, read_decision
from consumer.audit.finding import Notes
from consumer.store import Store
from contracts.lake import Chain


@dataclass
class Fences:
    """`tiling` fences in offset order, the `holes` [from, to] between them, and those `left_over`."""

    tiling: list[Decision] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    left_over: list[Decision] = field(default_factory=list)

    @property
    def tail(self) -> int:
        """The first offset that the fences do not cover."""
        return self.tiling[-1].end + 1 if self.tiling else 0


def read_fences(store: Store, chain: Chain, keys: Sequence[str], notes: Notes) -> Fences:
    """Read and check the fences of `chain` (I2); what is wrong with them is noted."""
    found = Fences()
    for key in sorted(keys):
        decision = _read(store, key, notes)
        if decision is None:
            continue
        run = decision.base, decision.end
        for why in decision.contradictions(chain):
            notes.add("fence_inconsistent", why, run=run, key=key)
        if decision.base < found.tail or decision.end < decision.base:
            why = f"it begins at {decision.base}, where {found.tail} is next"
            notes.add("fence_overlap", why, run=run, key=key)
            found.left_over.append(decision)
            continue
        if found.tiling and decision.hour < found.tiling[-1].hour:
            why = f"{decision.hour:%Y-%m-%dT%H} after {found.tiling[-1].hour:%Y-%m-%dT%H}"
            notes.add("hour_backwards", why, run=run, key=key)
        if decision.base > found.tail:
            hole = found.tail, decision.base - 1
            found.holes.append(hole)
            why = f"no fence covers {hole[0]} to {hole[1]}"
            notes.add("fence_missing", why, run=hole, key=chain.fence_key(hole[0]))
        found.tiling.append(decision)
    return found


def _read(store: Store, key: str, notes: Notes) -> Decision | None:
    body = store.get(key)
    try:
        if body is not None:
            return read_decision(key, body)
        why = "it vanished while the lake was read"
    except ValueError as error:
        why = str(error)
    notes.add("fence_unreadable", why, key=key)
    return None
