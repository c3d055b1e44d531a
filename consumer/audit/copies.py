"""Where rows are besides bronze: in compacted objects, by manifests, and in the archive, by departures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from consumer.audit.compacted import CompactedObject
from consumer.audit.decision import Decision
from consumer.audit.finding import Finding, Notes, Report
from consumer.audit.inventory import Inventory
from consumer.audit.manifest import (
    Claim,
    Compacted,
    Departure,
    claims_of,
    departures_prefix,
    manifests_prefix,
)
from consumer.audit.objects import check_rows
from consumer.audit.rows import DataObject
from consumer.ranged import RangedFile
from consumer.store import Store
from contracts.errors import BackbeatError
from contracts.lake import COMPACTED, MANIFESTS


class Copies:
    """The manifests of `topics` (all when empty), each claim held against the fence it is about (I9)."""

    def __init__(self, store: Store, report: Report, topics: Collection[str]) -> None:
        self.store, self._report = store, report
        self._claims: dict[str, Claim] = {}
        self._met: set[str] = set()
        self._manifests: set[str] = set()
        self._departed: set[str] = set()
        self._held: Counter[str] = Counter()
        self._open: CompactedObject | None = None
        self._counts: dict[str, int] = {}
        written = {key for prefix in _prefixes(COMPACTED, topics) for key in store.list(prefix)}
        for prefix in _prefixes(MANIFESTS, topics):
            self._read(prefix)
        report.orphans = len(written - {claim.output.key for claim in self._claims.values()})

    def _read(self, prefix: str) -> None:
        """Read the manifests under `prefix` that were not there before."""
        for key in self.store.list(prefix):
            if key in self._manifests:
                continue
            self._manifests.add(key)
            try:
                claims = claims_of(key, self.store.get(key) or b"")
            except ValueError:
                self._note("manifest_unreadable", "it has not the form of one", key)
                continue
            for claim in claims:
                if claim.source.key in self._claims:
                    before = self._claims[claim.source.key].manifest
                    self._note("manifest_wrong", f"{claim.source.key} is replaced by {before} already", key)
                else:
                    self._claims[claim.source.key] = claim

    def _note(self, code: str, detail: str, key: str) -> None:
        self._report.add(Finding(code, detail, key.split("/")[1], key=key))

    def departed(self, decision: Decision) -> bool:
        """Whether an archiver wrote down that the object of `decision` leaves bronze.

        It may have done so since the audit began, and the compactor before it: both are looked up again.
        """
        if decision.data_key in self._departed:
            return True
        topic = decision.data_key.split("/")[1]
        for key in self.store.list(departures_prefix(topic, decision.hour)):
            self._departed |= set(Departure.model_validate_json(self.store.get(key) or b"").keys)
        self._read(manifests_prefix(topic, decision.hour))
        return decision.data_key in self._departed

    def compacted(self, decision: Decision, notes: Notes) -> DataObject | None:
        """The rows of `decision` in the object that a manifest names for it; what is wrong is noted, once."""
        claim = self._claims.get(decision.data_key)
        if claim is None or claim.source.key in self._met:
            return None
        self._met.add(claim.source.key)
        run, key = (decision.base, decision.end), claim.output.key
        if claim.contradicts(decision):
            why = f"what it says of {decision.data_key} is not what the fence decided"
            notes.add("manifest_wrong", why, run=run, key=claim.manifest)
            return None
        try:
            found = self._object(key).rows(notes.partition, *run)
        except BackbeatError:
            notes.add("compacted_missing", f"{claim.manifest} names it", run=run, key=key)
            return None
        except ValueError as error:
            notes.add("compacted_wrong", str(error), run=run, key=key)
            return None
        self._report.compacted += len(found.records)
        self._held[key] += len(found.records)
        check_rows(found, key, notes)
        if found.content_hash() != decision.content_hash or found.places - {(notes.topic, notes.partition)}:
            why = f"its rows from {decision.data_key} do not have the decided hash"
            notes.add("compacted_wrong", why, run=run, key=key)
        return found

    def _object(self, key: str) -> CompactedObject:
        if self._open is None or self._open.key != key:
            self._open = CompactedObject(self.store, key)
            self._counts[key] = self._open.count
        return self._open

    def close(self, inventory: Inventory) -> None:
        """Note claims that no fence of `inventory` bears out, rows that nobody claims, changed bytes."""
        unmet = {key: claim for key, claim in self._claims.items() if key not in self._met}
        listed = set(inventory.fence_keys()) if unmet else set()
        for key, claim in unmet.items():
            # Compacted while the audit ran, it may have landed since the fences were listed.
            if claim.fence in listed or self.store.head(claim.fence) is None:
                self._note("manifest_wrong", f"no fence decided {key}", claim.manifest)
        outputs = {claim.output.key: claim.output for key, claim in self._claims.items() if key not in unmet}
        for output in outputs.values():
            self._close(output)

    def _close(self, output: Compacted) -> None:
        if self.store.head(output.key) is None:  # noted where its rows were looked for
            return
        count, held = self._counts.get(output.key, output.rows), self._held[output.key]
        if not count == output.rows == held:
            why = f"{count} rows, {output.rows} by its manifest, {held} of the objects it replaces"
            self._note("compacted_wrong", why, output.key)
        file = RangedFile(self.store, output.key)
        if (file.size(), file.sha256()) != (output.size, output.sha256):
            self._note("compacted_wrong", "not the bytes that were written", output.key)


def _prefixes(folder: str, topics: Collection[str]) -> list[str]:
    return [f"{folder}/{topic}/" for topic in sorted(topics)] or [f"{folder}/"]
