"""Gold into PostgreSQL: `publish --to postgres` of ten million rows; beside it, DuckDB's own extension.

Gold is that of a simulated million events, ten times over with keys and listeners of their own. The extension
copies the same tables one after the other; then come the same keys, indexes and statistics.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import duckdb
import psutil
from duckdb_extensions import import_extension

from benchmarks.build import dbt_build, lake
from benchmarks.stage import say
from serving.build import ROOT
from serving.contents import attach, gold_tables, literal, quoted
from serving.postgres.keys import primary_keys
from serving.postgres.publish import publish_postgres
from serving.postgres.server import session
from serving.postgres.settings import PostgresSettings
from serving.postgres.table import Table

TIMES = 10
ROUNDS = 1
_PEER = "peer"


@dataclass(frozen=True)
class Cost:
    """Seconds of wall time, and of CPU: in this process, and in the server's."""

    wall: float
    client_cpu: float
    server_cpu: float


@dataclass(frozen=True)
class Stand:
    """The server that is loaded into: where it answers, its process, and the settings that reach it."""

    address: str
    process: psutil.Process
    settings: PostgresSettings

    @contextmanager
    def cost(self, costs: list[Cost]) -> Iterator[None]:
        """Append what the block costs to `costs`."""
        before, began = self._used(), time.perf_counter()
        yield
        wall, after = time.perf_counter() - began, self._used()
        costs.append(Cost(wall, after[0] - before[0], after[1] - before[1]))

    def _used(self) -> tuple[float, float]:
        """CPU seconds so far: ours, and those of the server with its sessions, ended or not."""
        sessions = [_seconds(child) for child in self.process.children()]
        return _seconds(psutil.Process()), _seconds(self.process, ended=True) + sum(sessions)


def measure() -> dict[str, object]:
    """Medians over rounds in turn, each into a schema that takes the place of the one before."""
    ours: list[Cost] = []
    rows: list[Cost] = []
    keys: list[Cost] = []
    with tempfile.TemporaryDirectory() as place:
        warehouse = make_gold(Path(place) / "gold.duckdb")
        with _server(Path(place) / "postgres", warehouse) as stand:
            for _ in range(ROUNDS):
                with stand.cost(ours):
                    published = publish_postgres(stand.settings)
                _extension(stand, rows, keys)
                say(f"  {ours[-1].wall:.1f} s; the extension {rows[-1].wall:.1f} s + {keys[-1].wall:.1f} s")
    seconds = median(cost.wall for cost in ours)
    beside = median(one.wall + other.wall for one, other in zip(rows, keys, strict=True))
    return {
        "rows": published["rows"],
        "tables": published["tables"],
        "mib_there": published["bytes"] >> 20,
        "rounds": ROUNDS,
        "seconds": round(seconds, 1),
        "rows_per_second": round(published["rows"] / seconds),
        **_cpu(ours),
        "extension_seconds": round(beside, 1),
        "extension": {"rows": _told(rows), "keys_indexes_statistics": _told(keys)},
        "ratio_to_extension": round(seconds / beside, 2),
        "ratio_to_extension_by_cpu": round(_all_cpu(ours) / (_all_cpu(rows) + _all_cpu(keys)), 2),
    }


def make_gold(target: Path) -> Path:
    """A new warehouse at `target`: each table whose key is a text holds its rows `TIMES` times."""
    keys = primary_keys(ROOT)
    with lake() as environment:
        dbt_build(environment)
        made = Path(environment["BACKBEAT_WAREHOUSE"])
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
            attach(connection, made, quoted(made.stem))
            connection.execute(f"attach {literal(str(target))} as larger; create schema larger.gold")
            for name in gold_tables(connection, made):
                table = Table.of(connection, made.stem, name, keys.get(name))
                connection.execute(f"create table larger.gold.{quoted(name)} as {_repeated(table)}")
    return target


def _repeated(table: Table) -> str:
    """A query of the rows of `table`, over and over; the key and the listener end with which time it is."""
    kinds = {column.name: column.kind for column in table.columns}
    if table.key is None or kinds[table.key] != "text":
        return f"from {table.source}"
    own = {table.key, *({"user_id"} & kinds.keys())}
    changed = ", ".join(f"{quoted(name)} || '-' || time as {quoted(name)}" for name in sorted(own))
    return (
        f"select columns(* exclude (time)) from (select * replace ({changed}) "  # noqa: S608 - quoted names
        f"from {table.source}, range({TIMES}) as times(time))"
    )


@contextmanager
def _server(home: Path, warehouse: Path) -> Iterator[Stand]:
    """A real PostgreSQL with its state in `home`."""
    script = str(ROOT / "infra" / "postgres.sh")
    done = subprocess.run([script, "start", str(home)], stdout=subprocess.PIPE, text=True, check=True)
    address = done.stdout.strip()
    where = urlsplit(address)
    settings = PostgresSettings(
        warehouse=warehouse, postgres_port=where.port or 0, postgres_database=where.path[1:]
    )
    try:
        yield Stand(address, psutil.Process(int((home / "pid").read_text())), settings)
    finally:
        subprocess.run([script, "stop", str(home)], check=True)


def _extension(stand: Stand, rows: list[Cost], keys: list[Cost]) -> None:
    """The same by `create table as` of DuckDB's extension, then statement by statement."""
    warehouse, known = stand.settings.warehouse, primary_keys(ROOT)
    with duckdb.connect() as gold, session(stand.settings) as server:
        import_extension("postgres_scanner", con=gold)
        attach(gold, warehouse, quoted(warehouse.stem))
        tables = [
            Table.of(gold, warehouse.stem, name, known.get(name)) for name in gold_tables(gold, warehouse)
        ]
        server.run(f"drop schema if exists {_PEER} cascade")
        server.run(f"create schema {_PEER}")
        server.commit()
        gold.execute(f"attach {literal(stand.address)} as there (type postgres)")
        with stand.cost(rows):
            for table in tables:
                gold.execute(f"create table there.{_PEER}.{quoted(table.name)} as {table.query}")
        with stand.cost(keys):
            for statement in (line for table in tables for line in table.finish(_PEER)):
                server.run(statement)
            server.commit()


def _seconds(process: psutil.Process, *, ended: bool = False) -> float:
    """CPU seconds of a process; with those of its `ended` children."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # its seconds are its parent's now
        return 0.0
    own: float = times.user + times.system
    return own + (times.children_user + times.children_system if ended else 0.0)


def _cpu(costs: list[Cost]) -> dict[str, float]:
    return {
        "client_cpu_seconds": round(median(cost.client_cpu for cost in costs), 1),
        "server_cpu_seconds": round(median(cost.server_cpu for cost in costs), 1),
    }


def _all_cpu(costs: list[Cost]) -> float:
    """Of a median round, on both sides."""
    return median(cost.client_cpu + cost.server_cpu for cost in costs)


def _told(costs: list[Cost]) -> dict[str, float]:
    return {"seconds": round(median(cost.wall for cost in costs), 1), **_cpu(costs)}
