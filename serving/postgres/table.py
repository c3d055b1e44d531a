"""A table of gold as PostgreSQL gets it: its statements before and after it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb

from serving.contents import ordered, quoted
from serving.postgres.columns import Column, columns
from serving.postgres.keys import indexes


@dataclass(frozen=True)
class Table:
    """A table: its name, where DuckDB finds it (quoted, with its schema), its columns, its key or none."""

    name: str
    source: str
    columns: tuple[Column, ...]
    key: str | None

    @classmethod
    def of(cls, gold: duckdb.DuckDBPyConnection, catalog: str, name: str, key: str | None) -> Table:
        """`name` as the attached `catalog` has it; `key` counts where it is one of its columns."""
        source = f"{quoted(catalog)}.gold.{quoted(name)}"
        held = tuple(columns(gold, source))
        return cls(name, source, held, key if key in {column.name for column in held} else None)

    @property
    def query(self) -> str:
        """What DuckDB reads it by: the columns in their order, the rows as they are written."""
        read = ", ".join(column.read for column in self.columns)
        return f"select {read} from {self.source}{ordered(self.name)}"  # noqa: S608 - quoted names

    def create(self, schema: str) -> str:
        """The statement that makes it, empty and without keys."""
        looked_up = {self.key, *(name for names in self._indexes for name in names)}
        declared = ", ".join(_declared(column, column.name in looked_up) for column in self.columns)
        return f"create table {schema}.{quoted(self.name)} ({declared})"

    def finish(self, schema: str) -> list[str]:
        """What is run once it is loaded: faster than keeping the indexes while it is."""
        target = f"{schema}.{quoted(self.name)}"
        primary = [f"alter table {target} add primary key ({quoted(self.key)})"] if self.key else []
        others = [f"create index on {target} ({', '.join(map(quoted, names))})" for names in self._indexes]
        return [*primary, *others, f"analyze {target}"]

    @cached_property
    def _indexes(self) -> list[list[str]]:
        return indexes(self.name, list(self.columns), self.key)


def _declared(column: Column, is_looked_up: bool) -> str:
    """A column of `create table`; what is looked up by is sorted by its bytes: by a language it is slow."""
    collated = ' collate "C"' if column.kind == "text" and is_looked_up else ""
    return f"{quoted(column.name)} {column.kind}{collated}"
