"""The result of the last evaluation of the warehouse: a file beside it, and a table of each snapshot."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb

from contracts.errors import BackbeatError


def keep(result: dict[str, Any], path: Path) -> None:
    """Write `result` to `path`, whole or not at all; BackbeatError when the folder does not take it."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise BackbeatError(f"cannot write {path} (BACKBEAT_EVALUATION): {error.strerror}") from error


def kept(path: Path) -> dict[str, Any] | None:
    """What was kept; None where there is nothing, or what is there is no such result."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # readers want their plays, with an evaluation or without
        return None
    return found if isinstance(found, dict) and "models" in found else None


def copy_evaluation(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make `_published.main.evaluation`: one row with the `result`, as JSON text, or none."""
    connection.execute("create or replace table _published.main.evaluation (result varchar)")
    if found := kept(path):
        connection.execute("insert into _published.main.evaluation values (?)", [json.dumps(found)])
