"""The front door: one `backbeat` command, assembled from each room's own commands."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

import consumer.commands
import contracts.commands
import producer.commands
import serving.commands
from consumer.store import store_for
from contracts.errors import BackbeatError

app = typer.Typer(
    name="backbeat",
    help="Open listening analytics: events in through Kafka, an exactly-once lake, dbt, and an app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (contracts, producer, consumer, serving):
    app.registered_commands += room.commands.app.registered_commands
    app.registered_groups += room.commands.app.registered_groups


def _setting_errors(error: ValidationError) -> str:
    """One line that names each setting that could not be read."""
    parts = [f"BACKBEAT_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
    return "; ".join(parts)


def main() -> None:
    """Run the command line; an expected error is one line on stderr and exit code 1."""
    try:
        app(obj={"store_for": store_for})
    except BackbeatError as error:
        typer.secho(f"backbeat: {error}", err=True, fg="red")
        sys.exit(1)
    except ValidationError as error:
        typer.secho(f"backbeat: {_setting_errors(error)}", err=True, fg="red")
        sys.exit(1)


if __name__ == "__main__":
    main()
