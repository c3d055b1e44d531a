"""Late, copied, corrected and replayed events, in any order, split into runs in any way: one warehouse."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.dbt_process import DbtProcess
from tests.history_sample import history
from tests.lake_builder import LakeBuilder
from tests.warehouse_builder import differences, tables

# About four runs of dbt each, 4 s a run: few but rich here, as many as wanted by the environment.
EXAMPLES = int(os.environ.get("BACKBEAT_SPLIT_EXAMPLES", "1"))
# One name for all: DuckDB calls a database as its file, and dbt has that name in what it parsed.
FILE = "warehouse.duckdb"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> Path:
    """A folder with a warehouse that has its seeds and nothing else."""
    folder = tmp_path_factory.mktemp("split")
    for name in ("seeded", "split", "whole"):
        (folder / name).mkdir()
    dbt.run(folder / "seeded" / FILE, folder / "lake", "seed")
    return folder


@pytest.mark.timeout(120 * (1 + EXAMPLES))
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    seed=st.integers(min_value=0, max_value=2**32 - 1),
    records=st.integers(min_value=60, max_value=400),
    runs=st.integers(min_value=2, max_value=4),
)
@example(seed=4, records=300, runs=3)
def test_any_split_into_runs_gives_what_one_full_refresh_gives(
    workshop: Path, dbt: DbtProcess, seed: int, records: int, runs: int
) -> None:
    whole, split, lake = workshop / "whole" / FILE, workshop / "split" / FILE, LakeBuilder(workshop / "lake")
    shutil.rmtree(lake.root, ignore_errors=True)
    for warehouse in (whole, split):
        shutil.copyfile(workshop / "seeded" / FILE, warehouse)
    for landings in history(seed, records, runs):
        for landing in landings:
            landing.land(lake)
        dbt.run(split, lake.root, "run")
    dbt.run(whole, lake.root, "run")
    with duckdb.connect(str(whole), read_only=True) as connection:
        merged = connection.execute("select * from silver.silver_merged_plays").fetchall()
    assert len(merged) >= records // 150
    compared = tables(whole, "silver", "gold")
    assert len(compared) > 40
    assert differences(whole, split, compared) == {}
