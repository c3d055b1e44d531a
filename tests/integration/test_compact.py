"""Compaction and archiving, on a folder and on S3: what readers list, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import backbeat
from consumer.archive.archiver import Archiver
from consumer.archive.restore import restore
from consumer.audit.auditor import Auditor
from consumer.compact.compactor import Compactor
from consumer.compact.files import list_files
from consumer.compact.merge import SourceError
from consumer.folder import FolderStore
from consumer.settings import UpkeepSettings
from consumer.store import Store, store_for
from contracts.arrow import bronze_schema
from contracts.errors import BackbeatError
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.servers import ACCESS_KEY, SECRET_KEY
from tests.tiers import TIERS
from tests.upkeep_lake import HOUR, NOON, Landing, Row, dust, grow_old, read_rows, settings

PLAYS = ["plays"]
# Twice that must pass before anything leaves bronze; who lands here is never paused, and keeps to 10 minutes.
AT_ONCE = {"sink_put_seconds": 1}


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "lake")


@pytest.fixture(params=["folder", *TIERS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UpkeepSettings]:
    """Settings of an empty lake: a folder, and a prefix on each S3 server there is."""
    if request.param == "folder":
        yield settings(tmp_path / "lake")
    elif request.param == "embedded":
        moto = AtomicMotoServer()
        moto.start()
        yield on_s3(moto.endpoint)
        moto.stop()
    else:
        yield on_s3(request.getfixturevalue("running_s3").address)


def on_s3(endpoint: str) -> UpkeepSettings:
    client = s3_client(endpoint)
    bucket = f"upkeep-{os.urandom(4).hex()}"
    client.create_bucket(Bucket=bucket)
    client.close()
    access = {"s3_endpoint_url": endpoint, "s3_access_key_id": ACCESS_KEY, "s3_secret_access_key": SECRET_KEY}
    return settings(f"s3://{bucket}/some/prefix", **access)


@pytest.fixture
def store(place: UpkeepSettings) -> Store:
    return store_for(place.lake, place)


def listed_once(store: Store, rows: set[Row]) -> None:
    found = read_rows(store, list_files(store, "plays"))
    assert set(found) == rows
    assert set(found.values()) <= {1}


def audited(store: Store) -> dict[str, Any]:
    report = Auditor(store, None, "backbeat-sink").run()
    assert report.clean, report.findings
    return report.summary()


def archive_when_old(store: Store, place: UpkeepSettings, count: int, *, keep: bool = True) -> Archiver:
    """Archive until `count` objects have left: ages are counted on the store's clock, on S3 in seconds."""
    archiver = Archiver(store, place.model_copy(update=AT_ONCE), keep=keep)
    give_up = time.monotonic() + 20
    while archiver.run(PLAYS).objects < count:
        assert time.monotonic() < give_up, "nothing grows old enough"
    return archiver


def test_from_dust_to_the_archive_and_back(store: Store, place: UpkeepSettings) -> None:
    landing = dust(store, partitions=2, objects=2)
    small = place.model_copy(update={"compact_bytes": 5_000})
    assert len(list_files(store, "plays")) == 12
    before = {file.key: store.get(file.key) for file in list_files(store, "plays")}
    done = Compactor(store, small).run(PLAYS)
    assert (done.hours, done.objects, done.lost, done.removed) == (2, 8, 0, 0)
    files = list_files(store, "plays")
    assert [file.compacted for file in files].count(True) == done.outputs >= 2
    assert len(files) == done.outputs + 4
    listed_once(store, landing.rows())
    assert audited(store)["compacted"] == done.rows == sum(file.rows or 0 for file in files)
    assert Compactor(store, small).run(PLAYS).hours == 0
    assert archive_when_old(store, place, 8).report.objects == 8
    assert len(list(store.list("bronze/"))) == 4
    listed_once(store, landing.rows())
    assert audited(store)["archived"] == 8
    assert restore(store, PLAYS).objects == 8
    assert {key: store.get(key) for key in before} == before
    assert audited(store)["archived"] == 0
    archive_when_old(store, place, 8, keep=False)
    for key in store.list("archive/"):
        store.remove(key)
    listed_once(store, landing.rows())
    assert (audited(store)["offsets"], audited(store)["archived"]) == (len(landing.rows()), 8)
    assert restore(store, PLAYS).objects == 8
    assert (audited(store)["offsets"], audited(store)["archived"]) == (len(landing.rows()), 0)


def test_compacted_rows_are_those_of_bronze_column_by_column(folder: FolderStore) -> None:
    dust(folder)
    tables = [pq.read_table(pa.BufferReader(folder.get(key))) for key in sorted(folder.list("bronze/"))]
    (first, *_) = list_files(folder, "plays", (NOON, NOON + HOUR))
    assert not first.compacted
    Compactor(folder, settings("")).run(PLAYS)
    (one,) = list_files(folder, "plays", (NOON, NOON + HOUR))
    found = pq.ParquetFile(pa.BufferReader(folder.get(one.key)))
    order = [("_partition", "ascending"), ("_offset", "ascending")]
    expected = pa.concat_tables(tables).slice(0, found.metadata.num_rows)
    assert found.schema_arrow.equals(bronze_schema("plays"))
    assert found.read().equals(found.read().sort_by(order))
    hour = [key for key in sorted(folder.list("bronze/")) if "hour=12" in key]
    bronze = pa.concat_tables([pq.read_table(pa.BufferReader(folder.get(key))) for key in hour])
    assert found.read().equals(bronze.sort_by(order))
    assert len(expected) == len(bronze)


def test_what_comes_late_is_compacted_by_itself(folder: FolderStore) -> None:
    landing = dust(folder, hours=2, partitions=2)
    landing.land(7, 3, NOON)  # a partition that holds the hour open, if it is not quiet
    assert Compactor(folder, settings("")).run(PLAYS).hours == 0
    quiet = settings("", compact_quiet_seconds=1e-9)
    assert Compactor(folder, quiet).run(PLAYS).hours == 2
    landing.land(7, 3, NOON)
    listed_once(folder, landing.rows())
    assert Compactor(folder, quiet).run(PLAYS).objects == 1
    assert sorted(key.rpartition("/")[2] for key in folder.list("_compacted/plays/2026-03-20T12/")) == [
        "00000.json",
        "00001.json",
    ]
    listed_once(folder, landing.rows())
    audited(folder)


def test_topics_made_anew_are_compacted_apart(folder: FolderStore) -> None:
    for topic_id in ("one", "two"):
        landing = Landing(folder, topic_id=topic_id)
        for _ in range(3):
            landing.land(0, 4, NOON)
    assert Compactor(folder, settings("", compact_quiet_seconds=1e-9)).run(PLAYS).hours == 2
    assert set(read_rows(folder, list_files(folder, "plays")).values()) == {2}  # of two incarnations
    audited(folder)


def test_the_last_object_of_a_chain_and_what_is_young_stay(folder: FolderStore, tmp_path: Path) -> None:
    landing = dust(folder, hours=1, partitions=2)
    Compactor(folder, settings("", compact_quiet_seconds=1e-9)).run(PLAYS)
    chosen = settings("", archive_after_days=1)
    assert Archiver(folder, chosen).plan(PLAYS) == []
    grow_old(tmp_path / "lake")
    left = [source.key for aging in Archiver(folder, chosen).plan(PLAYS) for source in aging.sources]
    lasts = {tail.fence.data_key for tail in landing.tails.values() if tail.fence}
    assert len(left) == 6
    assert not lasts & set(left)
    landing.land(0, 1, NOON)  # a fence that follows, but only now
    assert Archiver(folder, chosen).run(PLAYS).objects == 6
    assert Archiver(folder, chosen).run(PLAYS).objects == 0
    assert lasts < set(folder.list("bronze/"))
    grow_old(tmp_path / "lake")
    assert Archiver(folder, chosen).run(PLAYS).objects == 1
    listed_once(folder, landing.rows())
    assert Archiver(folder, settings("", archive_after_days=1e4)).plan(PLAYS) == []
    audited(folder)


def spoil(path: Path, place: int = 500) -> None:
    body = bytearray(path.read_bytes())
    body[place] ^= 1
    path.write_bytes(body)


def test_a_spoilt_source_is_left_and_told(folder: FolderStore, tmp_path: Path) -> None:
    landing = dust(folder)
    victim = next(key for key in folder.list("bronze/") if "hour=12" in key)
    spoil(tmp_path / "lake" / victim)
    compactor = Compactor(folder, settings(""))
    with pytest.raises(SourceError, match=f"{victim.replace('+', '.')}.*backbeat lake audit"):
        compactor.run(PLAYS)
    assert compactor.report.hours == 1  # the other hour's
    (job,) = compactor.plan(PLAYS)
    assert job.slot.hour == NOON
    assert landing.rows()


def test_nothing_leaves_bronze_for_compacted_rows_that_are_wrong(folder: FolderStore, tmp_path: Path) -> None:
    dust(folder)
    Compactor(folder, settings("")).run(PLAYS)
    grow_old(tmp_path / "lake")
    before = sorted(folder.list("bronze/"))
    (victim, *_) = list_files(folder, "plays")
    spoil(tmp_path / "lake" / victim.key)
    with pytest.raises(BackbeatError, match="is not what was written there"):
        Archiver(folder, settings("")).run(PLAYS)
    assert sorted(folder.list("bronze/")) == before
    folder.remove(victim.key)
    with pytest.raises(BackbeatError, match="is not in the lake"):
        Archiver(folder, settings("")).run(PLAYS)
    assert sorted(folder.list("bronze/")) == before


def test_racing_compactors_replace_each_object_once(store: Store, place: UpkeepSettings) -> None:
    landing = dust(store, hours=4, partitions=2, objects=2)
    barrier = Barrier(4)

    def compact() -> Compactor:
        try:
            compactor = Compactor(store_for(place.lake, place), place)
            jobs = compactor.plan(PLAYS)
        except BackbeatError:
            barrier.abort()
            raise
        compactor.plan = lambda *_: jobs  # type: ignore[method-assign]
        compactor._is_taken = lambda _: False  # type: ignore[method-assign]
        barrier.wait(60)
        compactor.run(PLAYS)
        return compactor

    with ThreadPoolExecutor(4) as pool:
        reports = [future.result().report for future in [pool.submit(compact) for _ in range(4)]]
    assert sum(report.hours for report in reports) == 3
    assert sum(report.lost for report in reports) == 9
    listed_once(store, landing.rows())
    Compactor(store, place).run(PLAYS)  # who lost last found nothing to clean up yet
    assert audited(store)["orphans"] == 0
    assert len(list(store.list("compacted/"))) == len(list(store.list("_compacted/"))) == 3


def test_many_may_remove_one_object(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(30):
            store.create(key := f"compacted/{number}", b"")
            list(pool.map(store.remove, [key] * 8))
    assert list(store.list("compacted/")) == []


class Reader(Thread):
    """Asks for the list and reads it, again and again; remembers what was wrong first.

    `compacted` counts the lists that had compacted objects on them and were read to their end.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.complaint, self.compacted = "", 0
        self._store, self._over = store, Event()

    def run(self) -> None:
        seen: set[Row] = set()
        while not self._over.is_set() and not self.complaint:
            asked = time.monotonic()
            files = list_files(self._store, "plays")
            try:
                found = read_rows(self._store, files)
            except BackbeatError as error:
                if time.monotonic() - asked < AT_ONCE["sink_put_seconds"]:
                    self.complaint = str(error)
                continue  # we were too slow: no list is good for longer
            if set(found.values()) - {1}:
                self.complaint = f"twice: {[row for row, count in found.items() if count > 1][:5]}"
            if not seen <= set(found):
                self.complaint = f"gone: {sorted(seen - set(found))[:5]}"
            seen = set(found)
            self.compacted += any(file.compacted for file in files)

    def close(self) -> None:
        self._over.set()
        self.join()


def forever(over: Event, task: Callable[[], object]) -> None:
    while not over.is_set():
        task()


def departed(archivers: Sequence[Archiver]) -> int:
    return sum(archiver.report.objects for archiver in archivers)


def test_a_reader_never_misses_or_doubles_a_row_while_all_of_them_run(
    store: Store, place: UpkeepSettings
) -> None:
    landing, over = dust(store, hours=2, partitions=2, objects=2), Event()
    eager = place.model_copy(update={"compact_bytes": 5_000, **AT_ONCE})
    archivers = [Archiver(store, eager), Archiver(store, eager, keep=False)]
    reader = Reader(store)
    reader.start()
    give_up = time.monotonic() + 40
    with ThreadPoolExecutor(4) as pool:
        tasks = [lambda: Compactor(store, eager).run(PLAYS)] * 2
        tasks += [lambda archiver=archiver: archiver.run(PLAYS) for archiver in archivers]
        work = [pool.submit(forever, over, task) for task in tasks]
        hour = 2
        while min(departed(archivers), 3 * reader.compacted) < 12 and time.monotonic() < give_up:
            landing.land(hour % 2, 3, NOON + hour // 8 * HOUR)
            hour += 1
            over.wait(0.2)
        over.set()
        for future in work:
            future.result()
    reader.close()
    assert reader.complaint == ""
    assert reader.compacted > 3
    assert departed(archivers) >= 12
    listed_once(store, landing.rows())
    Compactor(store, eager).run(PLAYS)
    audited(store)


@pytest.mark.parametrize(("what", "kills"), [("compact", 11), ("archive", 11), ("delete", 7), ("restore", 4)])
def test_killed_at_any_change_the_next_run_goes_on(tmp_path: Path, what: str, kills: int) -> None:
    lake = tmp_path / "lake"
    folder = FolderStore(lake)
    dust(folder, hours=2, partitions=2, objects=2, rows=2)
    compactor = Compactor(folder, settings(lake, compact_bytes=1))
    if what == "compact":  # one died before its manifest: four objects to clean up
        compactor._store = _Doomed(folder)  # type: ignore[assignment]
        with pytest.raises(RuntimeError):
            compactor.run(PLAYS)
    else:
        compactor.run(PLAYS)
    grow_old(lake)
    if what == "restore":
        Archiver(folder, settings(lake)).run(PLAYS)
    script = Path(__file__).with_name("upkeep_lives.py")
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    told = subprocess.run(
        [sys.executable, str(script), str(lake), what],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) == kills


class _Doomed:
    """The folder's store, but for manifests."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store

    def create(self, key: str, body: bytes) -> bool:
        if key.startswith("_compacted/"):
            raise RuntimeError(key)
        return self._store.create(key, body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def command(lake: Path, *line: str) -> Result:
    env = {"BACKBEAT_LAKE": str(lake), "BACKBEAT_ARCHIVE_AFTER_DAYS": "1"}
    return CliRunner().invoke(backbeat.app, ["lake", *line], env=env)


def test_the_commands_tell_people_and_programs(folder: FolderStore, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    dust(folder, hours=2)
    said = command(lake, "compact", "--dry-run")
    assert said.stdout.splitlines() == ["plays 2026-03-20T12 12", "hours 1, objects 12"]
    assert "12 of" not in command(lake, "compact", "--dry-run", "--from", "2026-03-20T13").stdout
    done = json.loads(command(lake, "compact", "--json", "--topic", "plays").stdout)
    assert (done["hours"], done["objects"], done["rows"]) == (1, 12, 87)
    grow_old(lake)
    said = command(lake, "archive", "--dry-run", "--to", "2026-03-21")
    assert said.stdout.splitlines() == ["plays 2026-03-20T12 12", "hours 1, objects 12"]
    assert json.loads(command(lake, "archive", "--json").stdout)["objects"] == 12
    paths = command(lake, "files", "plays").stdout.splitlines()
    assert len(paths) == 13
    assert all(Path(path).is_file() for path in paths)
    found = json.loads(command(lake, "files", "plays", "--json", "--to", "2026-03-20T13").stdout)
    (one,) = found["files"]
    assert (found["topic"], one["hour"], one["compacted"], one["rows"]) == (
        "plays",
        "2026-03-20T12",
        True,
        87,
    )
    assert json.loads(command(lake, "restore", "--json").stdout)["objects"] == 12
    assert json.loads(command(lake, "audit", "--offline", "--json").stdout)["compacted"] == 87
    wrong = command(lake, "files", "nothing").exception
    assert "topic nothing: the contract has" in str(wrong)
