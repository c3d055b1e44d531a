"""`backbeat keys create | list | revoke`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.errors import BackbeatError
from contracts.private_file import read_private, write_private
from contracts.web.key import SCOPES, Key, Scope
from contracts.web.key_file import KeyFile
from contracts.web.settings import KeySettings
from producer.importers.context import LISTENER
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.settings import ImportSettings

keys = typer.Typer(
    help="The API keys of the collector, the live path and the read API.", no_args_is_help=True
)


@keys.command()
def create(  # noqa: PLR0913, PLR0917 -- one parameter an option
    name: Annotated[str, typer.Argument(help="What the key is for, as you will find it in the list.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it opens: events, listens, read; may be repeated. Default: events."),
    ] = None,
    user: Annotated[
        str, typer.Option(help="Whose listens: the name scrobblers show. Events carry a pseudonym of it.")
    ] = "",
    user_id: Annotated[
        str, typer.Option(help="The user_id that events carry, instead of a pseudonym of --user.")
    ] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Write the token there, for its owner alone, and print none. Where the file is there "
            "already and its key opens all of that, nothing is made."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a key and print its token, once: only a hash of it is kept."""
    scopes = _scopes(scope or ["events"])
    if "listens" in scopes and not (user or user_id):
        raise BackbeatError("--scope listens: needs --user (or --user-id), whose listens they are")
    if len(user_id) > 200:
        raise BackbeatError("--user-id: at most 200 characters")
    if user and not user_id:
        # The same user as in an import of the listener's histories.
        user_id = Pseudonyms(pseudonym_key(ImportSettings())).of(LISTENER, user)
    if token_file is not None and _opens(token_file, scopes):
        return
    key, token = _file().create(name, scopes, user or user_id, user_id)
    if token_file is not None:
        write_private(token_file, f"{token}\n", "--token-file")
    elif as_json:
        typer.echo(json.dumps({"token": token, **_told(key)}))
    else:
        typer.echo(token)


@keys.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the keys; never their tokens."""
    found = [_told(key) for key in _file().keys().values()]
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table(*(column.replace("_", " ") for column in _told_names()))
    for key in found:
        table.add_row(*map(str, key.values()))
    Console().print(table, markup=False)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id: its token's first eight characters.")],
) -> None:
    """Let a key open nothing from now on, in collectors that run too."""
    typer.echo(f"{_file().revoke(key_id).key_id} is revoked")


def _file() -> KeyFile:
    return KeyFile(KeySettings().collector_keys)


def _opens(token_file: Path, scopes: tuple[Scope, ...]) -> bool:
    """Whether the file holds the token of a key that opens all these."""
    key = _file().find((read_private(token_file, "--token-file") or "").strip())
    return key is not None and set(scopes) <= set(key.scopes)


def _scopes(given: list[str]) -> tuple[Scope, ...]:
    if unknown := sorted(set(given) - set(SCOPES)):
        raise BackbeatError(f"--scope {', '.join(unknown)}: there are {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in given)


def _told_names() -> tuple[str, ...]:
    return ("key_id", "name", "scopes", "user_name", "user_id", "created_at", "revoked_at")


def _told(key: Key) -> dict[str, str]:
    """What may be shown of a key."""
    return {name: ",".join(key.scopes) if name == "scopes" else getattr(key, name) for name in _told_names()}
