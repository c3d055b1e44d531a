"""`python -m infra.metabase`: give Metabase its log-in, its connection and our dashboards."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from contracts.errors import BackbeatError
from infra.metabase.api import MetabaseApi
from infra.metabase.board import read_boards
from infra.metabase.provision import Provisioner
from infra.metabase.settings import MetabaseSettings


def main() -> None:
    """Provision what boards/ says; run again it changes only what differs. Settings: BACKBEAT_METABASE_*."""
    settings, boards = MetabaseSettings(), read_boards()
    with MetabaseApi(settings) as api:
        provisioner = Provisioner(api, lambda line: typer.secho(line, err=True))
        provisioner.run(settings, boards)
    told = ", ".join(f"{count} {how}" for how, count in sorted(provisioner.counts.items()))
    typer.secho(f"{settings.metabase_url}: {told}", err=True, fg="green")


if __name__ == "__main__":
    try:
        typer.run(main)
    except (BackbeatError, ValidationError) as error:
        typer.secho(f"metabase: {error}", err=True, fg="red")
        sys.exit(1)
