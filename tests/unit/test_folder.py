"""The folder store: one winner, nothing half-written, keys in order."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.folder import FolderStore
from consumer.store import store_for
from contracts.errors import BackbeatError


def test_of_32_racing_creators_exactly_one_wins(tmp_path: Path) -> None:
    store, barrier = FolderStore(tmp_path), Barrier(32)

    def race(number: int) -> bool:
        barrier.wait()
        return store.create("bronze/plays/object", b"%d" % number)

    with ThreadPoolExecutor(32) as pool:
        won = list(pool.map(race, range(32)))
    assert won.count(True) == 1
    assert store.get("bronze/plays/object") == b"%d" % won.index(True)


def test_opening_a_lake_that_others_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FolderStore(tmp_path)
    gone = tmp_path / "_sink/tmp/gone.part"
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([gone]))  # listed, and then linked and removed
    assert FolderStore(tmp_path).create("a/b", b"first")


def test_copies_survive_their_source_and_parts_are_read(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create("bronze/a", b"0123456789")
    assert store.copy("bronze/a", "archive/bronze/a")
    assert store.copy("bronze/a", "archive/bronze/a")
    store.remove("bronze/a")
    assert store.read("archive/bronze/a", 3, 4) == b"3456"
    assert not store.copy("bronze/a", "archive/bronze/b")
    with pytest.raises(BackbeatError, match="No such file"):
        store.read("bronze/a", 0, 1)


def test_a_second_create_changes_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.create("a/b", b"first")
    assert not store.create("a/b", b"second")
    assert store.get("a/b") == b"first"
    head = store.head("a/b")
    assert head is not None
    assert head.size == 5


def test_a_repeated_request_for_our_own_link_is_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def over_a_network(source: Path, target: Path) -> None:
        link(source, target)  # whose answer is lost
        link(source, target)

    monkeypatch.setattr(os, "link", over_a_network)
    assert FolderStore(tmp_path).create("a/b", b"ours")
    monkeypatch.undo()
    assert not FolderStore(tmp_path).create("a/b", b"ours")


def test_a_permit_is_good_once_and_until_it_runs_out(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    create = store.permit("a/b", {}, store.deadline())
    assert create(b"body")
    assert not create(b"other")
    assert store.get("a/b") == b"body"
    late = FolderStore(tmp_path, put_seconds=0)
    with pytest.raises(BackbeatError, match=r"a/c was not written by .* \(BACKBEAT_SINK_PUT_SECONDS\)"):
        late.permit("a/c", {}, late.deadline())(b"body")
    assert late.get("a/c") is None
    assert list((tmp_path / "_sink/tmp").iterdir()) == []


def test_the_last_two_keys(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for number in (3, 1, 20):
        store.create(f"a/{number:020d}.json", b"")
    assert [int(key[2:22]) for key in store.last("a/")] == [3, 20]
    assert [int(key[2:22]) for key in store.last("a/", f"a/{3:020d}.json")] == [20]
    assert list(store.last("b/")) == []


def test_what_is_absent_is_none(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.get("a/b") is None
    assert store.head("a/b") is None
    assert list(store.list("nothing/here/")) == []


def test_no_scratch_file_is_left_or_listed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create("a/b.parquet", b"1")
    store.create("a/b.parquet", b"2")
    assert list((tmp_path / "_sink/tmp").iterdir()) == []
    (tmp_path / "_sink/tmp/left.part").write_bytes(b"half")
    assert list(store.list("")) == ["a/b.parquet"]


def test_scratch_files_of_killed_processes_are_swept_after_a_day(tmp_path: Path) -> None:
    FolderStore(tmp_path)
    old, new = tmp_path / "_sink/tmp/old.part", tmp_path / "_sink/tmp/new.part"
    old.touch()
    new.touch()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    FolderStore(tmp_path)
    assert not old.exists()
    assert new.exists()


names = st.text("ab+-0/", min_size=1, max_size=6).filter(lambda n: all(n.split("/")))


@settings(max_examples=40)  # each key is two fsyncs
@given(st.sets(names, max_size=8), st.text("ab+-0/", max_size=3), names)
def test_list_is_lexicographic(keys: set[str], prefix: str, start_after: str) -> None:
    # A folder cannot hold a file and a folder of the same name; the lake's keys never ask for it.
    keys = {key for key in keys if not any(other.startswith(f"{key}/") for other in keys)}
    with TemporaryDirectory() as root:
        store = FolderStore(Path(root))
        for key in keys:
            store.create(key, b"")
        expected = sorted(key for key in keys if key.startswith(prefix) and key > start_after)
        assert list(store.list(prefix, start_after)) == expected


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../b"])
def test_keys_stay_inside_the_lake(tmp_path: Path, key: str) -> None:
    with pytest.raises(BackbeatError, match="not a key inside the lake"):
        FolderStore(tmp_path).create(key, b"")


def test_a_lake_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackbeatError, match=r"Not a directory \(BACKBEAT_LAKE=.*file\)"):
        store_for(str(tmp_path / "file"))


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackbeatError, match=r"a/b: No space left on device \(BACKBEAT_LAKE="):
        store.create("a/b", b"body")
    assert list(store.list("")) == []
    assert list((tmp_path / "_sink/tmp").iterdir()) == []


def test_an_unknown_scheme_is_one_line() -> None:
    with pytest.raises(BackbeatError, match="BACKBEAT_LAKE=gs://lake is neither"):
        store_for("gs://lake")
