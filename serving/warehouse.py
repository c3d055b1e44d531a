"""The warehouse's file, as whoever reads it needs it to be."""

from __future__ import annotations

from pathlib import Path

from contracts.errors import BackbeatError


def require_warehouse(warehouse: Path) -> None:
    """Raise BackbeatError unless it has been built."""
    if not warehouse.is_file():
        raise BackbeatError(f"no warehouse at {warehouse} (BACKBEAT_WAREHOUSE): run `backbeat refresh` first")
