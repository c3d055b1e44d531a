"""`backbeat poll login` and `backbeat poll spotify`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from producer.pollers.settings import SpotifySettings

poll = typer.Typer(help="Ask a service, again and again, what somebody plays.", no_args_is_help=True)
_TOLD = ("looks", "plays", "playback_started", "podcast_events", "rejected", "gaps")


@poll.command("login")
def login_command(
    wait: Annotated[float, typer.Option(min=1, help="How long the browser may take (s).")] = 300,
    paste: Annotated[
        bool, typer.Option("--paste", help="The browser is on another machine: paste where it ended up.")
    ] = False,
) -> None:
    """Log in at Spotify in a browser; the log-in is kept in BACKBEAT_SPOTIFY_TOKEN_FILE."""
    from producer.pollers.follower import log_in  # noqa: PLC0415 -- httpx, which no other command needs

    log_in(SpotifySettings(), seconds=wait, paste=paste)


@poll.command("spotify")
def spotify_command(
    once: Annotated[bool, typer.Option("--once", help="Look once instead of until stopped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Publish what the account that is logged in has played, and what it is playing, until stopped."""
    from producer.pollers.follower import follow  # noqa: PLC0415 -- as above

    counts = follow(SpotifySettings(), once=once)
    told = {name: counts[name] for name in _TOLD}
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(", ".join(f"{count:,} {name}" for name, count in told.items()), err=True)
