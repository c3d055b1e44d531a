"""The audit of one partition: its fences in order, the objects they name, and what Kafka still holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from consumer.audit.copies import Copies
from consumer.audit.decision import Decision, Offsets
from consumer.audit.fences import Fences
from consumer.audit.finding import Notes
from consumer.audit.objects import check_object, check_rows
from consumer.audit.offsets import NONE, Run, between, length, runs, within, without
from consumer.audit.rows import DataObject, read_object
from consumer.audit.witness import Testimony, Witness
from contracts.lake import archived_key


class PartitionAudit:
    """Walks the offsets of one partition upwards, one fence's range (or one hole) at a time.

    `extras` are offsets of rows that lie in objects no fence names.
    """

    def __init__(
        self, fences: Fences, extras: Offsets, witness: Witness, copies: Copies, notes: Notes
    ) -> None:
        self._fences, self._extras = fences, extras
        self._witness, self._copies, self._notes = witness, copies, notes
        self._store = copies.store

    def run(self) -> Iterator[int]:
        """Check everything; yields the number of rows after each range."""
        ranges: list[tuple[Run, Decision | None]] = [(hole, None) for hole in self._fences.holes]
        ranges += [((each.base, each.end), each) for each in self._fences.tiling]
        for run, decision in sorted(ranges, key=lambda item: item[0]):
            yield self._settle(run, decision)
        self._count(NONE, self._extras[self._extras >= self._fences.tail])

    def _load(self, decision: Decision) -> DataObject | None:
        key, run = decision.data_key, (decision.base, decision.end)
        compacted = self._copies.compacted(decision, self._notes)
        body = self._store.get(key)
        if body is None:
            body = self._gone(decision)
        if body is None:
            return compacted or self._copies.compacted(decision, self._notes)
        try:
            found = read_object(body)
        except ValueError as error:
            self._notes.add("object_unreadable", str(error), run=run, key=key)
            return None
        head = self._store.head(key) or self._store.head(archived_key(key))
        check_object(decision, found, head.metadata if head else {}, self._notes)
        check_rows(found, key, self._notes)
        return found

    def _gone(self, decision: Decision) -> bytes | None:
        """What the archive has of an object that is not in bronze; noted unless an archiver said so."""
        if self._copies.departed(decision):
            self._notes.report.archived += 1
        else:
            last = decision is self._fences.tiling[-1]
            why = "the last fence's: a sink that starts finishes it" if last else "nothing lies at its key"
            run = decision.base, decision.end
            self._notes.add("object_missing", why, run=run, key=decision.data_key)
        return self._store.get(archived_key(decision.data_key))

    def _settle(self, run: Run, decision: Decision | None) -> int:
        """Balance one range: what must be there against what is; returns how many rows are."""
        found = self._load(decision) if decision and decision.count else None
        key = decision.data_key if decision else ""
        testimony = self._witness.of(*run)
        held = self._inside(found, run, key)
        extras = within(self._extras, *run)
        present = np.concatenate([held, extras])
        decided = decision.offsets if decision else NONE
        self._notes.report.gaps += run[1] - run[0] + 1 - len(decided) if decision else 0
        expected = np.concatenate([testimony.silent(decided), testimony.records.offsets])
        missing = runs(without(expected, present))
        if decision is None:  # outside the testimony nobody knows: all of it counts, but nothing is too much
            missing += [gap for part in testimony.around(*run) for gap in between(*part, present)]
            present = testimony.heard(present)
        elif self._witness.forgetful:
            expected = np.concatenate([expected, decided])
        for gap in missing:
            self._notes.add("row_missing", "no object holds it", run=gap, key=key, amount=length([gap]))
        for surplus in runs(without(present, expected)):
            why = "no record was delivered there"
            self._notes.add("row_unknown", why, run=surplus, key=key, amount=length([surplus]))
        self._compare(found, held, testimony, key)
        self._count(held, extras)
        return len(held)

    def _inside(self, found: DataObject | None, run: Run, key: str) -> Offsets:
        """The offsets of the rows that belong into this range; the others are noted."""
        if found is None:
            return NONE
        rows = found.records.offsets
        held = within(rows, *run)
        if strange := len(rows) - len(held):
            why = f"{strange} rows outside {run[0]} to {run[1]}"
            self._notes.add("row_misplaced", why, run=run, key=key, amount=strange)
        return held

    def _compare(self, found: DataObject | None, held: Offsets, testimony: Testimony, key: str) -> None:
        """Note every row that is not byte for byte what Kafka holds."""
        if found is None:
            return
        ours, theirs = found.records, testimony.records
        if not np.array_equal(ours.offsets, theirs.offsets):
            both = np.intersect1d(held, theirs.offsets)
            ours, theirs = ours.at(both), theirs.at(both)
        self._notes.report.compared += len(ours)
        differing: dict[int, list[str]] = {}
        for offset, name in ours.differing(theirs):
            differing.setdefault(offset, []).append(name)
        for offset, names in differing.items():
            why = f"not Kafka's: {', '.join(names)}"
            self._notes.add("row_altered", why, run=(offset, offset), key=key)

    def _count(self, held: Offsets, extras: Offsets) -> None:
        """Count the distinct offsets, and note those that more than one row holds."""
        distinct, times = np.unique(np.concatenate([held, extras]), return_counts=True)
        self._notes.report.offsets += len(distinct)
        for run in runs(distinct[times > 1]):
            surplus = int(times[(distinct >= run[0]) & (distinct <= run[1])].sum()) - length([run])
            self._notes.add("row_duplicated", f"{surplus} rows too many", run=run, amount=surplus)
