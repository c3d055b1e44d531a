"""Which hours are closed, what is planned of them, and the hash of what was written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import consumer.compact.rows
from consumer.batch import Records
from consumer.compact.clock import store_time
from consumer.compact.content import content_hash
from consumer.compact.hours import End, closed_before, find_chains
from consumer.compact.landed import Landed, list_landed
from consumer.compact.plan import plan
from consumer.compact.rows import Groups, Rows
from consumer.decode import decode
from consumer.digest import content_hash as digest_hash
from consumer.folder import FolderStore
from consumer.parquet import encode
from consumer.ranged import RangedFile
from contracts.errors import BackbeatError
from contracts.lake import Chain
from tests.upkeep_lake import HOUR, NOON, Landing

HOURS = st.lists(st.integers(0, 4), min_size=1, max_size=6).map(sorted)


@given(st.lists(st.tuples(HOURS, st.booleans(), HOURS), min_size=1, max_size=5))
def test_nothing_but_a_quiet_chain_ever_lands_in_a_closed_hour(
    chains: list[tuple[list[int], bool, list[int]]],
) -> None:
    """Each chain: the hours of its fences so far, whether it is quiet, and what it will ask for next."""
    ends = [End(NOON + so_far[-1] * HOUR, quiet) for so_far, quiet, _ in chains]
    until = closed_before(ends)
    for so_far, quiet, wanted in chains:
        landing_in = NOON + max(so_far[-1], wanted[0]) * HOUR  # the hour is monotone
        if not quiet:
            assert until is not None
            assert landing_in >= until
    if until is not None:
        assert until in [end.hour for end in ends if not end.quiet]


@settings(max_examples=10)  # each lays down a lake, with its fsyncs
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=12))
def test_the_plan_is_the_closed_objects_in_order(landings: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        landing, hours = Landing(store), dict.fromkeys(range(3), 0)
        expected: dict[int, list[tuple[int, int]]] = {}
        for partition, hour in landings:
            hours[partition] = max(hours[partition], hour)
            base = landing.tails[partition].next if partition in landing.tails else 0
            landing.land(partition, 1, NOON + hour * HOUR)
            expected.setdefault(hours[partition], []).append((partition, base))
        closed = min((hours[partition] for partition in landing.tails), default=0)
        jobs = plan(store, "plays", store_time(store), 1e9)
        planned = {job.slot.hour: [(one.partition, one.base) for _, one in job.objects] for job in jobs}
        assert planned == {
            NOON + hour * HOUR: sorted(found) for hour, found in expected.items() if hour < closed
        }
        everything = plan(store, "plays", store_time(store) + timedelta(days=1), 60)
        assert sum(len(job.objects) for job in everything) == len(landings)


def test_chains_are_found_without_listing_their_fences(tmp_path: Path) -> None:
    listed: list[str] = []

    class Counting(FolderStore):
        def list(self, prefix: str, start_after: str = ""):  # type: ignore[no-untyped-def]
            for key in super().list(prefix, start_after):
                listed.append(key)
                yield key

    store = Counting(tmp_path)
    for topic_id in ("a", "b"):
        landing = Landing(store, topic_id=topic_id)
        for partition in (0, 1, 100_000):
            for _ in range(5):
                landing.land(partition, 1, NOON)
    store.create("_sink/probe/marker.json", b"")
    Landing(store, topic="skips").land(0, 1, NOON)
    found = find_chains(store, "plays")
    assert sorted((chain.topic_id, chain.partition) for chain in found) == [
        (topic_id, partition) for topic_id in ("a", "b") for partition in (0, 1, 100_000)
    ]
    assert len(listed) <= len(found) + 2


def test_names_that_are_no_data_object_are_not_planned(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    fence = Landing(store).land(0, 1, NOON).fence
    assert fence is not None
    for name in ("copy.parquet", "year=2026/month=99/day=01/hour=00/plays+00000+x.parquet"):
        store.create(f"bronze/plays/{name}", b"")
    incarnation = Chain("s", "cluster", "plays", "topic-id", 0).incarnation
    assert list_landed(store, "plays") == [Landed(0, 0, incarnation, NOON, fence.data_key)]
    assert list_landed(store, "plays", (NOON, NOON + HOUR)) == list_landed(store, "plays")
    assert list_landed(store, "plays", (NOON + HOUR, None)) == []
    assert list_landed(store, "plays", (None, NOON)) == []


RECORDS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 2**40),
        st.none() | st.sampled_from([b"", b"k", b"\xff", b"base64:", b"base64:AA=="]),
        st.none() | st.sampled_from([b"", b"{", b"\xff\xfe", b"not_utf8", b"base64:AA=="]) | st.binary(),
        st.none()
        | st.lists(
            st.tuples(
                st.sampled_from(["a", "backbeat-rejected"]),
                st.none()
                | st.sampled_from([b"", b"1", b"\xff", b"not_utf8: payload is base64", b"not_utf8"]),
            )
        ),
    ),
    max_size=8,
)


@given(RECORDS, st.booleans())
def test_the_hash_of_rows_is_the_hash_of_their_records(records: list, kept: bool) -> None:
    columns = [list(column) for column in zip(*records, strict=True)] or [[], [], [], []]
    batch = Records("plays", 0, list(range(len(records))), *columns).batch()
    file = pq.ParquetFile(pa.BufferReader(encode(decode(batch), {})))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(consumer.compact.rows, "_KEPT_BYTES", 2**27 if kept else 0)
        assert content_hash(Rows(Groups(file))) == digest_hash([batch])


@given(st.integers(0, 30), st.integers(0, 30))
def test_any_run_of_rows_is_read(start: int, length: int) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"n": range(30), "m": range(30)}), sink, row_group_size=7)
    rows = Rows(Groups(pq.ParquetFile(pa.BufferReader(sink.getvalue()))), start, start + length)
    found = [n for table in rows.tables(["n"]) for n in table["n"].to_pylist()]
    assert found == list(range(start, min(start + length, 30)))
    assert len(rows) == len(found)


def test_an_object_is_read_in_parts(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create("a", b"0123456789")
    file = RangedFile(store, "a")
    assert (file.seek(-3, 2), file.read(2), file.read(), file.read(), file.tell()) == (
        7,
        b"78",
        b"9",
        b"",
        10,
    )
    assert (file.seek(2), file.seek(1, 1), file.read(1), file.size()) == (2, 3, b"3", 10)
    with pytest.raises(BackbeatError, match="b is not in the lake"):
        RangedFile(store, "b")
