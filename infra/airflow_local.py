"""`make airflow`: start Airflow on this machine, say where it is and how to log in, and stay with it."""

from __future__ import annotations

import importlib.util
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

import typer

from contracts.errors import BackbeatError
from infra.airflow_server import AirflowServer
from serving.schedule.settings import ScheduleSettings


def main() -> None:
    """Run until SIGINT or SIGTERM, or until Airflow ends."""
    if importlib.util.find_spec("airflow.sdk") is None:
        raise BackbeatError("Airflow is not installed in this environment: `make airflow` does it")
    signal.signal(signal.SIGTERM, _leave)
    began = time.monotonic()
    with AirflowServer(ScheduleSettings()) as server:
        typer.secho("starting Airflow …", err=True)
        with server.wait():
            typer.secho(f"ready after {time.monotonic() - began:.0f} s", err=True)
        typer.secho(f"{server.address}   user {server.user}   password {server.password}", fg="green")
        typer.secho("stop it with Ctrl-C", err=True)
        while server.ended() is None:
            time.sleep(1)
        raise BackbeatError(f"Airflow ended with code {server.ended()}")


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BackbeatError as problem:
        typer.secho(f"airflow: {problem}", err=True, fg="red")
        sys.exit(1)
