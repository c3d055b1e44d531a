"""The front door: one `backbeat` command, assembled from each room's own commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from contracts.errors import BackbeatError

if TYPE_CHECKING:
    from collections.abc import Collection

    from consumer.store import Store
    from contracts.bulk import BulkLake

# Room → its commands. A room is imported when one of them is called: all four took 1.4 s of CPU each time,
# and `backbeat sink` needs neither the simulator's polars nor the warehouse's DuckDB.
ROOMS = {
    "producer": (
        "simulate",
        "catalogue",
        "import",
        "inbox",
        "archive",
        "pull",
        "collector",
        "keys",
        "poll",
        "broker",
        "topics",
    ),
    "serving": ("build", "gate", "gates", "publish", "refresh", "alert", "app", "live", "serve", "evaluate"),
    "contracts": ("contracts",),
    "consumer": ("sink", "lake"),
}


class Commands(MutableMapping[str, Any]):
    """Name → command; looking one up imports its room, listing the names imports nothing."""

    def __init__(self) -> None:
        self._room = {name: room for room, names in ROOMS.items() for name in names}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded |= commands_of(self._room[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._room.setdefault(name, "")
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._room[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._room)

    def __len__(self) -> int:
        return len(self._room)


def commands_of(room: str) -> dict[str, Any]:
    """Name → command, as the room's own `commands.py` has them."""
    return dict(typer.main.get_group(import_module(f"{room}.commands").app).commands)


class FrontDoor(TyperGroup):
    """The `backbeat` command itself."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Commands()

    def list_commands(self, _: object) -> list[str]:
        """The names, in the order in which help shows them."""
        return list(self.commands)


app = typer.Typer(
    name="backbeat",
    cls=FrontDoor,
    help="Open listening analytics: events in through Kafka, an exactly-once lake, dbt, and an app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _front_door() -> None:
    """A group, although no command is registered here."""


def _store_for(lake: str) -> Store:
    from consumer.store import store_for  # noqa: PLC0415 -- only two of the commands write to the lake

    return store_for(lake)


def bulk_for(lake: str, history: str, topics: Collection[str]) -> BulkLake:
    """Where a history that never was in Kafka is landed; public, so that other processes find it."""
    from consumer.bulk import bulk_for  # noqa: PLC0415 -- as above

    return bulk_for(lake, history, topics)


def _setting_errors(error: ValidationError) -> str:
    """One line that names each setting that could not be read."""
    names = [f"BACKBEAT_{'_'.join(map(str, e['loc'])).upper()}: " if e["loc"] else "" for e in error.errors()]
    told = [e["msg"].removeprefix("Value error, ") for e in error.errors()]
    return "; ".join(f"{name}{message}" for name, message in zip(names, told, strict=True))


def main() -> None:
    """Run the command line; an expected error is one line on stderr and exit code 1."""
    try:
        app(obj={"store_for": _store_for, "bulk_for": bulk_for})
    except BackbeatError as error:
        typer.secho(f"backbeat: {error}", err=True, fg="red")
        sys.exit(1)
    except ValidationError as error:
        typer.secho(f"backbeat: {_setting_errors(error)}", err=True, fg="red")
        sys.exit(1)


if __name__ == "__main__":
    main()
