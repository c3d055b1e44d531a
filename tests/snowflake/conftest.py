"""Both engines, built from the same bronze in two runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.listening_sample import first_objects, second_objects
from tests.snowflake.account import SnowflakeAccount
from tests.warehouse_builder import Warehouse


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
    """Built from the first objects, then from all: a full build and an increment, tests included."""
    folder = tmp_path_factory.mktemp("duckdb")
    duckdb = Warehouse(folder)
    duckdb.lake = account.lake
    staged, runs = [], []
    for land in (first_objects, second_objects):
        land(account.lake)
        with ThreadPoolExecutor() as pool:
            on_duckdb = pool.submit(duckdb.dbt, "build")
            staged.append(account.dbt("run-operation", "stage_lake"))
            account.dbt("build")
            on_duckdb.result()
        runs.append(folder / f"snowflake-{len(runs)}")
        shutil.copytree(account.target, runs[-1])
    return Engines(duckdb, account, tuple(staged), tuple(runs))
