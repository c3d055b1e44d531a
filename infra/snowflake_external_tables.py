"""External tables for the Snowflake emulator: views on the files that were there at the last refresh.

As in Snowflake, a table knows its files by name since its last REFRESH, and only those are read: a lake that
nobody refreshed looks as it did. A row is VALUE (the record as JSON) and METADATA$FILENAME (the path in the
bucket); the columns are expressions on these two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakesnow.dialect import parse_one
from sqlglot import exp

_CREATE = re.compile(r"\Acreate\s+(or\s+replace\s+)?external\s+table\b", re.IGNORECASE)
_REFRESH = re.compile(
    r"\Aalter\s+external\s+table\s+(?:if\s+exists\s+)?(\S+)\s+refresh(?:\s+'([^']*)')?", re.IGNORECASE
)
_FILES = re.compile(
    r"table\(\s*(?:\w+\.)?information_schema\.external_table_files\(\s*table_name\s*=>\s*'([^']+)'\s*\)\s*\)",
    re.IGNORECASE,
)
_PARQUET = "read_parquet(FILES, hive_partitioning = false, filename = true)"
_CSV = (
    "read_csv(FILES, filename = true, skip = 1, header = false, auto_detect = false, null_padding = true, "
    "delim = ',', quote = '\"', escape = '\"', columns = {"
    + ", ".join(f"'c{index}': 'varchar'" for index in range(1, 21))
    + "})"
)
# Where the views on the files are: in each database, out of the way of its schemas.
_SCHEMA = "_EXTERNAL_FILES"


@dataclass(frozen=True)
class ExternalTable:
    """One of them: its name in parts, and what it reads."""

    database: str
    schema: str
    name: str
    folder: Path
    bucket: Path
    is_csv: bool

    @property
    def source(self) -> str:
        """The view on its files, which VALUE and METADATA$FILENAME come from."""
        return f'"{self.database}"."{_SCHEMA}"."{self.schema}__{self.name}"'

    @property
    def listing(self) -> str:
        """The table of the names of its files."""
        return f'"{self.database}"."{_SCHEMA}"."{self.schema}__{self.name}__FILES"'

    def files(self, path: str = "") -> set[Path]:
        """What lies under its location now, or under `path` there."""
        return set((self.folder / path).rglob("*.csv" if self.is_csv else "*.parquet"))

    def rows(self, files: list[Path]) -> str:
        """DuckDB's query that reads `files` as Snowflake would."""
        if not files:
            return 'select null::json as "VALUE", null::varchar as "METADATA$FILENAME" where false'
        listed = "[" + ", ".join(f"'{path}'" for path in files) + "]"
        return (
            """select json_merge_patch(to_json(record), '{"filename": null}') as "VALUE", """
            f'substr(record.filename, {len(str(self.bucket)) + 2}) as "METADATA$FILENAME" '
            f"from {_CSV if self.is_csv else _PARQUET} as record".replace("FILES", listed)
        )


class ExternalTables:
    """All of them, by name; `buckets` holds the folder that stands for each bucket."""

    def __init__(self, buckets: Path) -> None:
        self._buckets = buckets
        self._tables: dict[str, ExternalTable] = {}
        self._known: dict[str, set[Path]] = {}

    def instead_of(self, cursor: Any, statement: str) -> str | None:
        """What to execute instead of `statement` when it is about external tables; else None."""
        if _CREATE.match(statement):
            return self._create(cursor, statement)
        if found := _REFRESH.match(statement):
            self._refresh(cursor, self._tables[_full_name(cursor, found[1])], found[2] or "")
            return "select 'Statement executed successfully.' as status"
        if found := _FILES.search(statement):
            listing = self._tables[_full_name(cursor, found[1])].listing
            return statement[: found.start()] + listing + statement[found.end() :]
        return None

    def _create(self, cursor: Any, statement: str) -> str:
        parsed = parse_one(statement)
        schema = parsed.this
        full_name = _full_name(cursor, schema.this.sql("snowflake"))
        if parsed.args.get("exists") and full_name in self._tables:
            return f"select '{full_name} already exists, statement succeeded.' as status"
        database, schema_name, name = full_name.split(".")
        bucket, folder = self._location(cursor, parsed.find(exp.LocationProperty).this.name)
        is_csv = "type = csv" in " ".join(statement.lower().split())
        table = ExternalTable(database, schema_name, name, folder, bucket, is_csv)
        self._refresh(cursor, table)
        self._tables[full_name] = table
        columns = [
            f"{column.find(exp.ComputedColumnConstraint).this.sql('snowflake')} as {column.name}"
            for column in schema.expressions
        ]
        return f"create or replace view {full_name} as select value, {', '.join(columns)} from {table.source}"

    def _location(self, cursor: Any, location: str) -> tuple[Path, Path]:
        """The folders of the bucket and of `@database.schema.stage/path`."""
        stage, _, path = location.removeprefix("@").partition("/")
        database, schema, name = _full_name(cursor, stage).split(".")
        query = (
            "select url from _fs_global._fs_information_schema._fs_stages "
            f"where database_name = '{database}' and schema_name = '{schema}' and name = '{name}'"
        )
        (url,) = cursor._duck_conn.execute(query).fetchone()
        bucket, _, prefix = url.removeprefix("s3://").strip("/").partition("/")
        return self._buckets / bucket, self._buckets / bucket / prefix / path

    def _refresh(self, cursor: Any, table: ExternalTable, path: str = "") -> None:
        elsewhere = {
            file for file in self._known.get(table.source, ()) if (table.folder / path) not in file.parents
        }
        self._known[table.source] = elsewhere | table.files(path)
        files = sorted(self._known[table.source])
        connection = cursor._duck_conn
        connection.execute(f'create schema if not exists "{table.database}"."{_SCHEMA}"')
        connection.execute(f"create or replace view {table.source} as {table.rows(files)}")
        connection.execute(f"create or replace table {table.listing} (file_name varchar)")
        names = [(str(path.relative_to(table.bucket)),) for path in files]
        if names:
            connection.executemany(f"insert into {table.listing} values (?)", names)


def _full_name(cursor: Any, name: str) -> str:
    """`name` with its database and schema, in upper case."""
    parts = name.replace('"', "").upper().split(".")
    session = [str(cursor._conn.database), str(cursor._conn.schema)]
    return ".".join(session[: 3 - len(parts)] + parts)
