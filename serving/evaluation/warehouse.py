"""A built warehouse, attached to be read."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from serving.warehouse import require_warehouse


def attached(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> str:
    """Attach it, read-only, as the name by which dbt's views know it; that name, quoted.

    Raises BackbeatError when there is none, or another process is writing it.
    """
    require_warehouse(warehouse)
    path, name = str(warehouse).replace("'", "''"), warehouse.stem.replace('"', '""')
    try:
        connection.execute(f"attach '{path}' as \"{name}\" (read_only)")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BackbeatError(f"cannot read {warehouse} (BACKBEAT_WAREHOUSE): {reason}") from error
    return f'"{name}"'
