"""Both engines, built from the same bronze in two runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dbt_process import WITHOUT_TESTS, WITHOUT_UNIT_TESTS, DbtProcess
from tests.snowflake.account import SnowflakeAccount
from tests.snowflake.landings import first_landing, second_landing
from tests.warehouse_builder import Warehouse

# No emulator has Snowpark, in which influences are learned: both sides take similarities for them.
AS_THERE = {"BACKBEAT_LEARN_INFLUENCES": "false"}


@dataclass(frozen=True)
class Engines:
    """The same lake on DuckDB and on Snowflake; what dbt compiled and ran for Snowflake, first and second."""

    duckdb: Warehouse
    snowflake: SnowflakeAccount
    staged: tuple[str, ...]
    runs: tuple[Path, ...]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnowflakeAccount]:
    """A running emulator; nothing in it yet."""
    started = SnowflakeAccount(tmp_path_factory.mktemp("snowflake"))
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def engines(account: SnowflakeAccount, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Built from the first objects, then from all: a full build and an increment; Snowflake tests too."""
    folder = tmp_path_factory.mktemp("duckdb")
    process = DbtProcess(folder / "dbt", AS_THERE)
    duckdb = Warehouse(folder, process)
    duckdb.lake = account.lake
    staged, runs = [], []
    # What tests say of DuckDB is said elsewhere; unit tests know no second run.
    for land, flags in ((first_landing, ()), (second_landing, WITHOUT_UNIT_TESTS)):
        land(account.lake)
        with ThreadPoolExecutor() as pool:
            on_duckdb = pool.submit(duckdb.dbt, "build", *WITHOUT_TESTS)
            staged.append(account.dbt("run-operation", "stage_lake"))
            account.dbt("build", *flags)
            on_duckdb.result()
        runs.append(folder / f"snowflake-{len(runs)}")
        shutil.copytree(account.target, runs[-1])
    process.close()
    return Engines(duckdb, account, tuple(staged), tuple(runs))
