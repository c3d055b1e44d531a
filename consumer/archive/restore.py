"""Brings aged objects back into bronze, for who reads all of it by glob: a full build of the warehouse."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow.parquet as pq

from consumer.archive.archiver import Archived
from consumer.archive.verify import fence_of
from consumer.compact.compactor import Watcher
from consumer.compact.content import content_hash
from consumer.compact.landed import ALWAYS, Window, list_keys
from consumer.compact.manifest import Source, list_slots, read_manifest
from consumer.compact.part import conform
from consumer.compact.rows import Groups, Rows
from consumer.parquet import ParquetObject
from consumer.ranged import RangedFile
from consumer.store import Store
from contracts.arrow import bronze_schema
from contracts.errors import BackbeatError
from contracts.lake import Slot, archived_key


def restore(
    store: Store, topics: Collection[str], window: Window = ALWAYS, watcher: Watcher = lambda *_: None
) -> Archived:
    """Put back every object of the hours of `window` that manifests name and bronze lacks.

    From the archive, which keeps it; dropped ones are made anew from the compacted rows, under the same key
    and with the same rows. BackbeatError when those are not what the fence decided.
    """
    report = Archived()
    for topic in topics:
        present = {key for _, key in list_keys(store, topic, window)}
        for slot in list_slots(store, topic, window):
            restored = _restore(store, slot, present, report)
            watcher(report.objects, report.objects, f"{topic} {slot.hour:%Y-%m-%dT%H}")
            report.hours += bool(restored)
    return report


def _restore(store: Store, slot: Slot, present: Collection[str], report: Archived) -> int:
    restored = 0
    for output in read_manifest(store, slot).outputs:
        groups: Groups | None = None
        start = 0
        for source in output.sources:
            if source.key not in present:
                if not store.copy(archived_key(source.key), source.key):
                    groups = groups or Groups(pq.ParquetFile(RangedFile(store, output.key)))
                    _make_anew(store, slot, source, Rows(groups, start, start + source.count))
                restored += 1
                report.objects += 1
                report.rows += source.count
            start += source.count
    return restored


def _make_anew(store: Store, slot: Slot, source: Source, rows: Rows) -> None:
    fence = fence_of(store, slot, source)
    if content_hash(rows) != fence.content_hash:
        raise BackbeatError(f"{source.key} cannot be made anew: {slot.manifest_key} leads to other rows")
    schema = bronze_schema(slot.line.topic)
    file = ParquetObject(schema)
    for table in rows.tables():
        file.add(conform(table, schema))
    store.permit(source.key, fence.stamp(), store.deadline())(file.finish(fence.stamp()))
