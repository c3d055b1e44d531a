"""The audit of a lake that is partly compacted and archived: whole, and damaged in many ways."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from consumer.archive.archiver import Archiver
from consumer.audit.auditor import Auditor
from consumer.audit.finding import Report
from consumer.compact.compactor import Compactor
from consumer.folder import FolderStore
from consumer.ranged import RangedFile
from tests.upkeep_lake import HOUR, NOON, dust, grow_old, settings

PLAYS = ["plays"]
HOUR_12, HOUR_13 = "year=2026/month=03/day=20/hour=12", "year=2026/month=03/day=20/hour=13"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hour 12 has left bronze for good, 13 for the archive, 14 is only compacted, 15 is open."""
    lake = tmp_path_factory.mktemp("whole") / "lake"
    store = FolderStore(lake)
    dust(store, hours=4, partitions=2, objects=2)
    Compactor(store, settings(lake)).run(PLAYS)
    grow_old(lake)
    Archiver(store, settings(lake), keep=False).run(PLAYS, (None, NOON + HOUR))
    Archiver(store, settings(lake)).run(PLAYS, (None, NOON + 2 * HOUR))
    return lake


@pytest.fixture
def lake(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(whole, tmp_path / "lake"))


def check(lake: Path, **options: Any) -> Report:
    return Auditor(FolderStore(lake), None, "backbeat-sink").run(**options)


def compacted(lake: Path, hour: int) -> Path:
    (path,) = lake.glob(f"compacted/plays/*/*/*/hour={hour}/*.parquet")
    return path


def manifest(lake: Path, hour: int) -> Path:
    (path,) = lake.glob(f"_compacted/plays/*T{hour}/*/*/*/*.json")
    return path


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))


def rewrite(lake: Path, hour: int, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the rows of an hour's compacted object, and let its manifest know the new bytes."""
    path = compacted(lake, hour)
    pq.write_table(change(pq.ParquetFile(path).read()), path)
    file = RangedFile(FolderStore(lake), str(path.relative_to(lake)))
    said = {"size": file.size(), "sha256": file.sha256()}
    edit(manifest(lake, hour), lambda body: body["outputs"][0].update(said))


def replaced(table: pa.Table, name: str, row: int, value: object) -> pa.Table:
    column = table[name].to_pylist()
    column[row] = value
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pa.array(column, table.schema.field(name).type))


def test_a_whole_lake_gives_zeros(whole: Path) -> None:
    report = check(whole, complete=True)
    assert report.findings == []
    assert (report.lost, report.duplicated, report.mismatched, report.orphans) == (0, 0, 0, 0)
    assert (report.offsets, report.compacted, report.archived) == (128, 96, 8)
    assert report.objects == len(list(whole.glob("bronze/**/*.parquet"))) == 8
    assert check(whole, topics=["skips"]).summary()["compacted"] == 0
    summary = report.summary()
    assert {"lost", "duplicated", "mismatched", "offsets", "objects"} <= summary.keys()


def lost_row(lake: Path) -> None:
    rewrite(lake, 12, lambda table: table.filter(pc.not_equal(table["_offset"], 3)))


def lost_row_that_bronze_has(lake: Path) -> None:
    rewrite(lake, 14, lambda table: table.slice(1))


def doubled_row(lake: Path) -> None:
    rewrite(lake, 12, lambda table: table.take([0, *range(table.num_rows)]))


def foreign_row(lake: Path) -> None:
    rewrite(lake, 12, lambda table: pa.concat_tables([table, replaced(table.slice(0, 1), "_offset", 0, 99)]))


def swapped_rows(lake: Path) -> None:
    rewrite(lake, 12, lambda table: table.take([1, 0, *range(2, table.num_rows)]))


def altered_payload(lake: Path) -> None:
    rewrite(lake, 12, lambda table: replaced(table, "payload", 0, "{}"))


def misjudged_row(lake: Path) -> None:
    rewrite(lake, 12, lambda table: replaced(table, "event_id", 0, None))


def misplaced_row(lake: Path) -> None:
    rewrite(lake, 12, lambda table: replaced(table, "_topic", 0, "skips"))


def changed_byte(lake: Path) -> None:
    path = compacted(lake, 14)
    body = bytearray(path.read_bytes())
    body[body.index(b"backbeat-attempt")] ^= 1  # where no row is: still not what was written
    path.write_bytes(body)


def torn(lake: Path) -> None:
    compacted(lake, 13).write_bytes(b"PAR1")


def without_columns(lake: Path) -> None:
    rewrite(lake, 13, lambda table: table.drop_columns(["_key"]))


def vanished(lake: Path) -> None:
    compacted(lake, 12).unlink()


def vanished_that_the_archive_has(lake: Path) -> None:
    compacted(lake, 13).unlink()


def bronze_object_gone(lake: Path) -> None:
    next(lake.glob("bronze/**/hour=14/*.parquet")).unlink()


def departures_gone(lake: Path) -> None:
    shutil.rmtree(lake / "_archived")


def manifest_gone(lake: Path) -> None:
    manifest(lake, 12).unlink()


def manifest_torn(lake: Path) -> None:
    manifest(lake, 14).write_text("{")


def manifest_misnamed(lake: Path) -> None:
    manifest(lake, 14).rename(manifest(lake, 14).with_name("first.json"))


def manifest_doubled(lake: Path) -> None:
    shutil.copy(manifest(lake, 14), manifest(lake, 14).with_name("00001.json"))


def manifest_names_what_nobody_decided(lake: Path) -> None:
    edit(
        manifest(lake, 14), lambda body: body["outputs"][0]["sources"][0].update(key="bronze/plays/x.parquet")
    )


def manifest_says_otherwise(lake: Path) -> None:
    edit(manifest(lake, 14), lambda body: body["outputs"][0]["sources"][0].update(content_hash="0" * 64))


def manifest_leads_elsewhere(lake: Path) -> None:
    other = str(compacted(lake, 13).relative_to(lake))
    edit(manifest(lake, 14), lambda body: body["outputs"][0].update(key=other))


def manifest_forgets(lake: Path) -> None:
    edit(manifest(lake, 12), lambda body: body["outputs"][0]["sources"].pop())


def archive_altered(lake: Path) -> None:
    path = min(lake.glob("archive/bronze/**/*.parquet"))
    table = pq.ParquetFile(path).read()
    path.unlink()
    pq.write_table(replaced(table, "payload", 0, "{}"), path)


DAMAGE = {
    lost_row: ({"compacted_wrong", "row_missing"}, (2, 0)),
    lost_row_that_bronze_has: ({"compacted_wrong"}, (0, 0)),
    doubled_row: ({"compacted_wrong", "row_order", "row_duplicated"}, (0, 1)),
    foreign_row: ({"compacted_wrong"}, (0, 0)),
    swapped_rows: ({"compacted_wrong", "row_order"}, (0, 0)),
    altered_payload: ({"compacted_wrong"}, (0, 0)),
    misjudged_row: ({"row_misjudged"}, (0, 0)),
    misplaced_row: ({"compacted_wrong", "row_misplaced"}, (0, 0)),
    changed_byte: ({"compacted_wrong"}, (0, 0)),
    torn: ({"compacted_wrong"}, (0, 0)),
    without_columns: ({"compacted_wrong"}, (0, 0)),
    vanished: ({"compacted_missing", "row_missing"}, (32, 0)),
    vanished_that_the_archive_has: ({"compacted_missing"}, (0, 0)),
    bronze_object_gone: ({"object_missing"}, (0, 0)),
    departures_gone: ({"object_missing"}, (0, 0)),
    manifest_gone: ({"row_missing"}, (32, 0)),
    manifest_torn: ({"manifest_unreadable"}, (0, 0)),
    manifest_misnamed: ({"manifest_unreadable"}, (0, 0)),
    manifest_doubled: ({"manifest_wrong"}, (0, 0)),
    manifest_names_what_nobody_decided: ({"manifest_wrong", "compacted_wrong"}, (0, 0)),
    manifest_says_otherwise: ({"manifest_wrong", "compacted_wrong"}, (0, 0)),
    manifest_leads_elsewhere: ({"compacted_wrong"}, (0, 0)),
    manifest_forgets: ({"compacted_wrong", "row_missing"}, (11, 0)),
    archive_altered: ({"hash_wrong"}, (0, 0)),
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_found_and_named(lake: Path, damage: Callable[[Path], None]) -> None:
    damage(lake)
    report = check(lake)
    codes, lost_and_duplicated = DAMAGE[damage]
    assert (report.codes(), (report.lost, report.duplicated)) == (codes, lost_and_duplicated)
    assert not report.clean


def test_what_no_manifest_names_is_counted_and_no_fault(lake: Path) -> None:
    source = compacted(lake, 14)
    shutil.copy(source, source.with_name(source.name.replace("+00000+", "+00001+")))
    (lake / "compacted/plays/notes.txt").write_text("not ours")
    report = check(lake)
    assert (report.clean, report.orphans) == (True, 2)


def test_rows_that_are_in_bronze_again_are_not_doubled(lake: Path) -> None:
    shutil.copytree(lake / "archive/bronze", lake / "bronze", dirs_exist_ok=True)
    report = check(lake)
    assert report.clean
    assert (report.archived, report.objects) == (4, 12)
