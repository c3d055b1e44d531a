"""Two schemas change places under readers: who may begin, the exchange, and what is dropped after it."""

from __future__ import annotations

import adbc_driver_manager
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from contracts.errors import BackbeatError
from serving.contents import literal, quoted
from serving.postgres.server import Server, is_locked
from serving.postgres.settings import PostgresSettings

_MARK = "Gold, by backbeat publish. It is replaced as a whole: keep nothing of your own in it."
_ONE_AT_A_TIME = 7_236_001_945  # any number that no other program takes as an advisory lock
# Shorter than PostgreSQL's deadlock_timeout (1 s): of a publisher and a reader that wait for each other it is
# the publisher that gives up.
_LOCK = "200ms"
_TRY_SECONDS, _PAUSE_SECONDS = 60.0, 0.3


def begin(server: Server, settings: PostgresSettings) -> str:
    """Be the only publisher, and make a new empty schema, whose name is returned.

    Raises BackbeatError where another publish runs, a schema of the name is not ours, or views read it.
    """
    schema = settings.postgres_schema
    if server.rows(f"select pg_try_advisory_lock({_ONE_AT_A_TIME})") != [(True,)]:
        raise BackbeatError(f"another publish to {settings.address} is under way: publish after it")
    for name in (schema, f"{schema}_new", f"{schema}_old"):
        _refuse_others(server, settings, name)
    if views := server.rows(_views_over(schema)):
        raise BackbeatError(
            f"view {views[0][0]} at {settings.address} reads {schema}, whose tables are replaced: drop it, "
            "and make it a model or a question of the BI tool"
        )
    server.run("set lock_timeout = '60s'")
    server.run(f"drop schema if exists {schema}_new, {schema}_old cascade")
    server.run(f"create schema {schema}_new")
    server.run(f"comment on schema {schema}_new is {literal(_MARK)}")
    server.commit()
    return f"{schema}_new"


def give_up(server: Server, settings: PostgresSettings) -> None:
    """Leave nothing of a load that failed."""
    server.rollback()
    server.run(f"drop schema if exists {settings.postgres_schema}_new cascade")
    server.commit()


def swap(server: Server, settings: PostgresSettings) -> None:
    """Give the loaded schema the name of the old one, in an instant when no statement holds an old table.

    Its rows are committed already, so that a statement that has taken its snapshot sees them. After a minute
    in which some reader never let go, the names change without that instant.
    """
    schema = settings.postgres_schema
    old = [name for (name,) in server.rows(_tables(schema))]
    tries = Retrying(
        retry=retry_if_exception(is_locked),
        stop=stop_after_delay(_TRY_SECONDS),
        wait=wait_fixed(_PAUSE_SECONDS),
    )
    try:
        tries(_hold, server, schema, old)
    except RetryError:
        server.rollback()
    if server.rows(f"select 1 from pg_namespace where nspname = {literal(schema)}"):  # noqa: S608
        server.run(f"alter schema {schema} rename to {schema}_old")
    server.run(f"alter schema {schema}_new rename to {schema}")
    server.commit()


def drop_old(server: Server, settings: PostgresSettings) -> None:
    """Once nobody reads it; who reads for longer than a minute keeps it until the next publish."""
    try:
        server.run(f"drop schema if exists {settings.postgres_schema}_old cascade")
        server.commit()
    except adbc_driver_manager.Error as error:
        if not is_locked(error):
            raise
        server.rollback()


def _hold(server: Server, schema: str, tables: list[str]) -> None:
    """Lock `tables` until the commit: who comes then waits, and finds the new ones under the names."""
    server.rollback()
    if tables:
        server.run(f"set local lock_timeout = '{_LOCK}'")
        names = ", ".join(f"{schema}.{quoted(table)}" for table in tables)
        server.run(f"lock table {names} in access exclusive mode")


def _refuse_others(server: Server, settings: PostgresSettings, name: str) -> None:
    mark = server.rows(
        "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace "  # noqa: S608
        f"where nspname = {literal(name)}"
    )
    if mark not in ([], [(_MARK,)]):
        raise BackbeatError(
            f"schema {name} at {settings.address} is not of `backbeat publish`: drop it, or set "
            "BACKBEAT_POSTGRES_SCHEMA to another"
        )


def _tables(schema: str) -> str:
    return f"select tablename::text from pg_tables where schemaname = {literal(schema)} order by 1"  # noqa: S608


def _views_over(schema: str) -> str:
    """Views outside `schema` that read its tables: dropping those would drop them too."""
    return f"""
        select distinct v.oid::regclass::text
        from pg_depend d join pg_rewrite w on w.oid = d.objid and d.classid = 'pg_rewrite'::regclass
        join pg_class v on v.oid = w.ev_class
        join pg_class t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
        join pg_namespace n on n.oid = t.relnamespace
        where n.nspname = {literal(schema)} and v.relnamespace <> t.relnamespace order by 1
    """  # noqa: S608 - a name that the settings hold to letters
