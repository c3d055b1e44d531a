"""Gold's tables into a new schema of PostgreSQL, several at once: the largest first, each with its keys."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import duckdb

from contracts.errors import BackbeatError
from serving.contents import quoted
from serving.postgres.server import Server, session
from serving.postgres.settings import PostgresSettings
from serving.postgres.table import Table

_BATCH = 65_536


@dataclass(frozen=True)
class Load:
    """What is loaded: an attached warehouse, its tables with their keys, and the new schema they go to."""

    gold: duckdb.DuckDBPyConnection
    settings: PostgresSettings
    schema: str
    keys: dict[str, str | None]

    def run(self) -> dict[str, int]:
        """Load all tables in `postgres_sessions` sessions, each committed at its end; rows per table.

        Where one fails the others begin no further table, and its BackbeatError is raised.
        """
        waiting: SimpleQueue[str] = SimpleQueue()
        for table in self._largest_first():
            waiting.put(table)
        over = threading.Event()
        count = min(self.settings.postgres_sessions, len(self.keys))
        with ThreadPoolExecutor(count, "postgres") as sessions:
            try:
                loads = [sessions.submit(self._session, waiting, over) for _ in range(count)]
                return {table: rows for load in loads for table, rows in load.result().items()}
            finally:
                over.set()  # interrupted: no further table

    def _largest_first(self) -> list[str]:
        """By rows times columns: what is left for the end is small, so that no session ends long before."""
        sizes = dict(
            self.gold.execute(
                """select table_name, max(estimated_size) * max(column_count) from duckdb_tables()
                   where database_name = $catalog and schema_name = 'gold' group by table_name""",
                {"catalog": self.settings.warehouse.stem},
            ).fetchall()
        )
        return sorted(self.keys, key=lambda table: (-sizes.get(table, 0), table))

    def _session(self, waiting: SimpleQueue[str], over: threading.Event) -> dict[str, int]:
        """Load what waits until nothing does, then commit; the rows of what this session loaded."""
        done: dict[str, int] = {}
        try:
            with session(self.settings) as server, self.gold.cursor() as gold:
                server.run("set maintenance_work_mem = '512MB'")
                while not over.is_set():
                    try:
                        table = waiting.get_nowait()
                    except Empty:
                        break
                    done[table] = self._table(gold, server, table)
                server.commit()
        except duckdb.Error as error:
            message = f"cannot read {self.settings.warehouse}: {str(error).splitlines()[0]}"
            raise BackbeatError(message) from error
        finally:
            over.set()  # nothing waits any more, or this session failed
        return done

    def _table(self, gold: duckdb.DuckDBPyConnection, server: Server, name: str) -> int:
        """Make a table, load it, then its key and indexes; its rows."""
        table = Table.of(gold, self.settings.warehouse.stem, name, self.keys[name])
        server.run(table.create(self.schema))
        server.load(self.schema, name, gold.execute(table.query).to_arrow_reader(_BATCH))
        for statement in table.finish(self.schema):
            server.run(statement)
        ((rows,),) = server.rows(f"select count(*) from {self.schema}.{quoted(name)}")  # noqa: S608
        return int(rows)
