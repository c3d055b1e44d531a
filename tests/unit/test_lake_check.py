"""`backbeat lake check`: what landed is fit to be transformed, or is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from consumer.folder import FolderStore
from contracts.landed import Checked, check
from tests.lake_builder import LakeBuilder, play

HOUR = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOURS = (HOUR, HOUR + timedelta(hours=1))


@pytest.fixture
def lake(tmp_path: Path) -> LakeBuilder:
    return LakeBuilder(tmp_path)


def checked(lake: LakeBuilder) -> Checked:
    (found,) = check(FolderStore(lake.root), ["plays"], HOURS)
    return found


def test_sound_records_pass_and_only_those_of_the_hours_are_read(lake: LakeBuilder) -> None:
    lake.land("plays", [play(f"p{n}", HOUR) for n in range(3)])
    lake.land("plays", [b"broken"] * 500, landed_at=HOUR - timedelta(hours=1))
    lake.land("plays", [b"broken"] * 500, landed_at=HOUR + timedelta(hours=1))
    found = checked(lake)
    assert (found.objects, found.rows, found.malformed) == (1, 3, 0)
    assert found.refusal(0) is None


def test_too_many_malformed_records_are_refused_a_few_are_not(lake: LakeBuilder) -> None:
    lake.land("plays", [*(play(f"p{n}", HOUR) for n in range(100)), *[b"broken"] * 101])
    assert checked(lake).refusal(0.6) is None
    assert checked(lake).refusal(0.5) == "plays: 101 of 201 new records do not fit the contract"


@pytest.mark.parametrize(
    "table",
    [pa.table({"n": [1]}), None],
    ids=["another schema", "no Parquet"],
)
def test_an_object_that_dbt_could_not_read_is_named(lake: LakeBuilder, table: pa.Table | None) -> None:
    path = lake.land("plays", [play("p", HOUR)])
    if table is None:
        path.write_bytes(b"not Parquet at all")
    else:
        pq.write_table(table, path)
    refusal = checked(lake).refusal(1)
    assert refusal is not None
    assert refusal.startswith(path.relative_to(lake.root).as_posix())


def test_an_hour_of_nothing_is_fine(lake: LakeBuilder) -> None:
    assert checked(lake).refusal(0) is None
