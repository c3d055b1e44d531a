"""The curated zone: gold as Parquet, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from contracts.errors import BackbeatError
from serving.curated import curate, publish_parquet
from serving.curated_objects import Objects
from serving.settings import ServingSettings


def marked(path: Path, number: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists gold")
        query = "create or replace table gold.fct_royalties as select $n::decimal(38, 18) as n"
        connection.execute(query, {"n": number})
        connection.execute("create or replace table gold.empty as select 1 as n where false")
    return path


def current(folder: Path) -> list[tuple[object, ...]]:
    return duckdb.sql(f"select * from '{folder}/current/fct_royalties.parquet'").fetchall()


def test_each_publish_is_a_folder_and_current_is_the_newest(tmp_path: Path) -> None:
    warehouse, folder = tmp_path / "warehouse.duckdb", tmp_path / "lake/curated"
    for number in range(4):
        published = publish_parquet(marked(warehouse, number), folder, keep=2)
        assert current(folder) == [(number,)]
    assert published.rows == {"fct_royalties": 1, "empty": 0}
    assert published.size == sum(path.stat().st_size for path in Path(published.place).iterdir())
    assert len([path for path in folder.iterdir() if not path.is_symlink()]) == 2


def test_a_publish_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    warehouse, folder = marked(tmp_path / "warehouse.duckdb", 7), tmp_path / "curated"
    publish_parquet(warehouse, folder, keep=2)
    with pytest.raises(BackbeatError, match="BACKBEAT_WAREHOUSE"):
        publish_parquet(tmp_path / "none.duckdb", folder, keep=2)
    broken = tmp_path / "broken.duckdb"
    broken.write_text("no warehouse")
    with pytest.raises(BackbeatError):
        publish_parquet(broken, folder, keep=2)
    assert len(current(folder)) == 1
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_the_lakes_curated_zone_is_where_it_goes(tmp_path: Path) -> None:
    settings = {"warehouse": marked(tmp_path / "warehouse.duckdb", 3), "lake": str(tmp_path / "lake")}
    facts = curate(ServingSettings.model_validate(settings), no_store)
    assert (facts["tables"], facts["rows"]) == (2, 1)
    assert len(current(tmp_path / "lake/curated")) == 1


def no_store(lake: str) -> Objects:
    raise AssertionError(f"{lake} is a folder")
