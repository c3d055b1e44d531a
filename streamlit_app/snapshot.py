"""The read side: the newest published snapshot, opened read-only, and its cached answers.

Each snapshot file gets an in-memory DuckDB of its own that attaches it: within one process DuckDB would
otherwise go on serving an older file for as long as any handle to it lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import streamlit as st

from contracts.settings import Settings
from serving.snapshot import newest
from streamlit_app import viewer
from streamlit_app.database import Database
from streamlit_app.money import tells_money


@dataclass(frozen=True)
class Snapshot:
    """One published version; `path` names it, so every cached answer belongs to exactly one version."""

    path: Path

    def frame(self, sql: str, **parameters: object) -> pl.DataFrame:
        """The rows of `sql`, its `$name` parameters bound; tuples are bound as lists. Cached.

        BackbeatError where `$user_id` is a listener whom the one who looks may not see, and where the rows
        tell money that they may not.
        """
        if "user_id" in parameters:
            viewer.require(parameters["user_id"])
        if tells_money(sql, parameters):
            viewer.require_money()
        return _database(str(self.path)).frame(sql, parameters)

    def row(self, sql: str, **parameters: object) -> Mapping[str, object]:
        """The first row of `sql` by column name; empty when there is none."""
        frame = self.frame(sql, **parameters)
        return frame.row(0, named=True) if frame.height else {}

    def holds(self, table: str) -> bool:
        """Whether there is a table of that name: snapshots of before it was made lack it."""
        found = self.row(
            """select count(*) as tables from duckdb_tables()
               where database_name = 'published' and table_name = $table""",
            table=table,
        )
        return bool(found["tables"])


def folder() -> Path:
    """Where snapshots are published (BACKBEAT_SNAPSHOTS)."""
    return Settings().snapshots


def current() -> Snapshot | None:
    """The newest snapshot that can be opened, or None when none is published."""
    for _ in range(3):  # publishing removes old files: the newest may have gone since it was listed
        path = newest(folder())
        if path is None:
            return None
        try:
            _database(str(path))
        except duckdb.IOException:
            if path.exists():
                raise
        else:
            return Snapshot(path)
    return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _database(path: str) -> Database:
    return Database(path)
