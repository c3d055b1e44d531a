"""An hourly run: what an hour changes is new, whole histories wait; the next full run makes all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.dbt_process import DbtProcess
from tests.lake_builder import LakeBuilder, play
from tests.warehouse_builder import differences, tables

BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILE = "warehouse.duckdb"


def plays(hour: int) -> list[dict[str, object]]:
    """Two listeners; the second's late play joins two of their sessions."""
    at = BEGAN + timedelta(hours=hour)
    late = [play(f"late-{hour}", at - timedelta(minutes=95), "sim-000002")] if hour else []
    return [
        play(f"first-{hour}", at, "sim-000001"),
        play(f"second-{hour}", at, "sim-000002"),
        play(f"third-{hour}", at + timedelta(minutes=50), "sim-000002", track=f"two-{hour}"),
        *late,
    ]


def count(warehouse: Path, query: str) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (found,) = connection.execute(query).fetchone() or (0,)
    return int(found)


def test_hours_then_a_full_run_give_what_a_full_refresh_gives(tmp_path: Path, dbt: DbtProcess) -> None:
    lake = LakeBuilder(tmp_path / "lake")
    split, whole = tmp_path / "split" / FILE, tmp_path / "whole" / FILE
    for warehouse in (split, whole):
        warehouse.parent.mkdir()
    lake.land("plays", plays(0))
    dbt.run(split, lake.root, "seed")
    dbt.run(split, lake.root, "run")
    before = count(split, "select sum(plays) from gold.dim_users")
    for hour in (1, 2, 3):
        lake.land("plays", plays(hour))
        dbt.run(split, lake.root, "build", "--selector", "hourly")
    landed = sum(len(plays(hour)) for hour in range(4))
    assert count(split, "select count(*) from gold.fct_plays") == landed
    assert count(split, "select sum(plays) from gold.fct_sessions") == landed
    assert count(split, "select sum(plays) from gold.dim_users") == before == len(plays(0))
    dbt.run(split, lake.root, "run")
    dbt.run(whole, lake.root, "seed")
    dbt.run(whole, lake.root, "run")
    compared = tables(whole, "silver", "gold")
    assert len(compared) > 40
    assert differences(whole, split, compared) == {}
