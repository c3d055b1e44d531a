"""The keys of gold, as the models' yml has them: a column that is tested as unique and never null."""

from __future__ import annotations

from pathlib import Path

import yaml

from contracts.errors import BackbeatError
from serving.contents import sorted_by
from serving.postgres.columns import Column


def primary_keys(root: Path) -> dict[str, str]:
    """Table → key, of all gold models of the project in `root`; BackbeatError where there are none."""
    files = sorted((root / "models" / "gold").glob("*/*models.yml"))
    if not files:
        raise BackbeatError(f"no models/gold in {root}: the keys of the tables are told there")
    models = [model for file in files for model in yaml.safe_load(file.read_text())["models"]]
    return {
        model["name"]: column["name"]
        for model in models
        for column in model["columns"]
        if {"unique", "not_null"} <= {test for test in column.get("data_tests", []) if isinstance(test, str)}
    }


def indexes(table: str, columns: list[Column], key: str | None) -> list[list[str]]:
    """The columns of each index beside the key's: what pages look a table up by, and its first time."""
    by_order = sorted_by(table)
    by_time = [column.name for column in columns if column.is_time][:1]
    wanted = [by_order] if by_time == by_order[:1] else [by_order, by_time]  # the longer serves both
    return [names for names in wanted if names and names != [key]]
