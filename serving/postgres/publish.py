"""Gold into PostgreSQL: loaded into a new schema, which then takes the name of the old one.

Readers see the old tables until that moment, and the new ones, with keys and rights, from then on. A load
that fails leaves nothing behind.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb

from serving.build import ROOT
from serving.contents import attach, gold_tables, literal, quoted
from serving.postgres.keys import primary_keys
from serving.postgres.load import Load
from serving.postgres.reader import grant, prepare_reader
from serving.postgres.server import session
from serving.postgres.settings import PostgresSettings
from serving.postgres.swap import begin, drop_old, give_up, swap
from serving.warehouse import require_warehouse


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
            rows = Load(gold, settings, schema, {table: keys.get(table) for table in tables}).run()
            grant(server, schema, settings.postgres_reader)
            server.commit()
        except BaseException:
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


def _size(schema: str) -> str:
    return (
        "select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c "  # noqa: S608
        f"where c.relnamespace = {literal(schema)}::regnamespace and c.relkind = 'r'"
    )
