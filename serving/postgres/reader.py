"""The role that BI tools log in as: it reads the published schema, and nothing else."""

from __future__ import annotations

from serving.contents import literal
from serving.postgres.server import Server
from serving.postgres.settings import PostgresSettings


def prepare_reader(server: Server, settings: PostgresSettings) -> None:
    """Have the role there, with the password of the settings where they have one."""
    role, password = settings.postgres_reader, settings.reader_password()
    log_in = f"login password {literal(password)}" if password else ""
    if not server.rows(f"select 1 from pg_roles where rolname = {literal(role)}"):  # noqa: S608
        server.run(f"create role {role} {log_in}")
        server.run(f"alter role {role} set default_transaction_read_only = on")
        server.run(f"alter role {role} set search_path = {settings.postgres_schema}")
    elif log_in:
        server.run(f"alter role {role} {log_in}")


def grant(server: Server, schema: str, role: str) -> None:
    """Let `role` read every table of `schema`."""
    server.run(f"grant usage on schema {schema} to {role}")
    server.run(f"grant select on all tables in schema {schema} to {role}")
