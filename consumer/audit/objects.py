"""A data object against its fence (I4), and its rows among themselves (I5, I8)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from consumer.audit.decision import Decision, Offsets
from consumer.audit.finding import Notes
from consumer.audit.offsets import runs
from consumer.audit.rows import DataObject


def check_object(decision: Decision, found: DataObject, metadata: Mapping[str, str], notes: Notes) -> None:
    """Note where the object at the fence's key is not what the fence decided."""
    key = decision.data_key
    run = decision.base, decision.end
    for place, said in (("footer", found.footer), ("metadata", metadata)):
        wrong = sorted(name for name, value in decision.stamp().items() if said.get(name) != value)
        if wrong and said:  # a folder keeps no metadata
            notes.add("stamp_wrong", f"its {place}: {', '.join(wrong)}", run=run, key=key)
    if len(found.records) != decision.count:
        why = f"{len(found.records)} rows, decided were {decision.count}"
        notes.add("count_wrong", why, run=run, key=key)
    if found.content_hash() != decision.content_hash:
        notes.add("hash_wrong", "its rows do not have the decided hash", run=run, key=key)
    times = [time for time in found.records.times if time is not None]
    outer = (min(times), max(times)) if times else (None, None)
    if outer != (decision.first_ts, decision.last_ts):
        why = f"{outer[0]} to {outer[1]} ms, decided were {decision.first_ts} to {decision.last_ts}"
        notes.add("times_wrong", why, run=run, key=key)


def check_rows(found: DataObject, key: str, notes: Notes) -> None:
    """Note rows that are out of order, named after another partition, or judged neither way."""
    offsets = found.records.offsets
    back = offsets[1:][np.diff(offsets) <= 0]
    if len(back):
        why = f"{len(back)} rows follow a later one, the first at {back[0]}"
        notes.add("row_order", why, key=key, run=_span(back), amount=len(back))
    if strange := found.places - {(notes.topic, notes.partition)}:
        names = ", ".join(f"{topic}/{number}" for topic, number in sorted(strange, key=str))
        notes.add("row_misplaced", f"rows of {names}", key=key)
    for run in runs(np.unique(found.misjudged)):
        count = run[1] - run[0] + 1
        notes.add("row_misjudged", "typed and refused, or neither", key=key, run=run, amount=count)


def _span(offsets: Offsets) -> tuple[int, int]:
    return int(offsets.min()), int(offsets.max())
