"""Gold into PostgreSQL: loaded into a new schema, which then takes the name of the old one.

Readers see the old tables until that moment, and the new ones, with keys and rights, from then on. A load
that fails leaves nothing behind.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import adbc_driver_manager
import duckdb

from contracts.errors import BackbeatError
from serving.build import ROOT
from serving.contents import attach, gold_tables, literal, ordered, quoted
from serving.postgres.columns import Column, columns
from serving.postgres.keys import indexes, primary_keys
from serving.postgres.reader import grant, prepare_reader
from serving.postgres.server import Server, session
from serving.postgres.settings import PostgresSettings
from serving.postgres.swap import begin, drop_old, give_up, swap
from serving.warehouse import require_warehouse

_BATCH = 65_536


def publish_postgres(settings: PostgresSettings, root: Path = ROOT) -> dict[str, Any]:
    """Load every gold table of the warehouse, swap them in; the facts: where, tables, rows, bytes, seconds.

    `root` is the project's folder: its yml tells the keys. Raises BackbeatError when the warehouse cannot be
    read or PostgreSQL refuses; what was published before then stands.
    """
    started = time.monotonic()
    warehouse = settings.warehouse
    require_warehouse(warehouse)
    keys = primary_keys(root)
    with (
        duckdb.connect(config={"autoinstall_known_extensions": "false"}) as gold,
        session(settings) as server,
    ):
        attach(gold, warehouse, quoted(warehouse.stem))
        tables = gold_tables(gold, warehouse)
        prepare_reader(server, settings)
        schema = begin(server, settings)
        try:
            rows = _load(gold, server, settings, schema, {table: keys.get(table) for table in tables})
        except (BackbeatError, adbc_driver_manager.Error):
            give_up(server, settings)
            raise
        ((size,),) = server.rows(_size(schema))
        swap(server, settings)
        drop_old(server, settings)
    return {
        "snapshot": f"{settings.address}, schema {settings.postgres_schema}",
        "tables": len(rows),
        "rows": sum(rows.values()),
        "bytes": int(size),
        "seconds": round(time.monotonic() - started, 3),
    }


def _load(
    gold: duckdb.DuckDBPyConnection,
    server: Server,
    settings: PostgresSettings,
    schema: str,
    keys: dict[str, str | None],
) -> dict[str, int]:
    """Fill `schema` with the tables of `keys` (name → key), commit them; their rows."""
    server.run("set maintenance_work_mem = '256MB'")
    source = f"{quoted(settings.warehouse.stem)}.gold"
    try:
        rows = {table: _copy(gold, server, source, schema, table, key) for table, key in keys.items()}
    except duckdb.Error as error:
        raise BackbeatError(f"cannot read {settings.warehouse}: {str(error).splitlines()[0]}") from error
    grant(server, schema, settings.postgres_reader)
    server.commit()
    return rows


def _copy(  # noqa: PLR0913, PLR0917 -- from where to where, and its key
    gold: duckdb.DuckDBPyConnection, server: Server, source: str, schema: str, table: str, key: str | None
) -> int:
    """Make a table, load it, then its key and indexes; its rows."""
    target = f"{schema}.{quoted(table)}"
    held = columns(gold, f"{source}.{quoted(table)}")
    server.run(f"create table {target} ({', '.join(f'{quoted(c.name)} {c.kind}' for c in held)})")
    read = ", ".join(column.read for column in held)
    query = f"select {read} from {source}.{quoted(table)}{ordered(table)}"  # noqa: S608 - quoted names
    server.load(schema, table, gold.execute(query).to_arrow_reader(_BATCH))
    for statement in _keys(target, table, held, key):
        server.run(statement)
    ((rows,),) = server.rows(f"select count(*) from {target}")  # noqa: S608 - a quoted name
    return int(rows)


def _keys(target: str, table: str, held: list[Column], key: str | None) -> list[str]:
    """What is run once a table is loaded: faster than keeping the indexes while it is."""
    key = key if key in {column.name for column in held} else None
    primary = [f"alter table {target} add primary key ({quoted(key)})"] if key else []
    others = [
        f"create index on {target} ({', '.join(map(quoted, names))})" for names in indexes(table, held, key)
    ]
    return [*primary, *others, f"analyze {target}"]


def _size(schema: str) -> str:
    return (
        "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c "  # noqa: S608
        f"where c.relnamespace = {literal(schema)}::regnamespace and c.relkind = 'r'"
    )
