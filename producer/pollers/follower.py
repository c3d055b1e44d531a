"""What the commands do: log in, and follow the account that is logged in."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import typer
from rich.console import Console
from rich.status import Status

from contracts.errors import BackbeatError
from producer.asking import Patience
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.settings import ImportSettings
from producer.pollers.cursor import CursorFile
from producer.pollers.login import Attempt, wait_for_code
from producer.pollers.outlet import outlet
from producer.pollers.poller import Poller
from producer.pollers.settings import SpotifySettings
from producer.pollers.spotify import Spotify
from producer.pollers.token import LIFETIME, LOG_IN, Token
from producer.pollers.watch import look_once, watch
from producer.settings import KafkaSettings
from producer.stop import Stop

_stderr = Console(stderr=True, soft_wrap=True, highlight=False)
_WARN_BEFORE = timedelta(days=14)


def log_in(settings: SpotifySettings, *, seconds: float, paste: bool) -> None:
    """Show the link, wait for the browser (or for its address to be pasted), keep the log-in."""
    attempt = Attempt.of(settings)
    _say("Open this in a browser:")
    typer.echo(attempt.link)
    code = _pasted(attempt) if paste else wait_for_code(attempt, seconds)
    with Spotify(settings, Patience(settings.spotify_attempts)) as spotify:
        token = spotify.log_in(code, attempt.verifier, attempt.redirect_uri)
    _say(f"logged in as {token.user}, until about {token.logged_in_at + LIFETIME:%Y-%m-%d}")


def follow(settings: SpotifySettings, *, once: bool) -> Counter[str]:
    """Publish what the account plays, until told to stop; the poller's counts."""
    with Stop() as stop, CursorFile(settings.spotify_cursor_file).held():
        patience = Patience(settings.spotify_attempts, pause=stop.wait, ended=lambda: stop.came)
        with Spotify(settings, patience) as spotify:
            _warn(spotify.token)
            return _poll(spotify, settings, stop, once=once)


def _poll(spotify: Spotify, settings: SpotifySettings, stop: Stop, *, once: bool) -> Counter[str]:
    pseudonyms = Pseudonyms(pseudonym_key(ImportSettings()))
    with outlet(KafkaSettings()) as out, _stderr.status("asking Spotify") as status:
        poller = Poller(spotify, out, settings, pseudonyms)
        if once:
            look_once(poller, settings, _say)
        else:
            watch(poller, settings, lambda seconds: _rest(status, poller, stop, seconds), _say)
    return poller.counts


def _rest(status: Status, poller: Poller, stop: Stop, seconds: float) -> bool:
    """Wait for the next look, or for the signal to stop; says how it stands."""
    if seconds:
        plays, gaps = poller.counts["plays"], poller.counts["gaps"]
        looked = datetime.now(UTC).strftime("%H:%M:%S")
        status.update(f"{plays:,} plays, {gaps:,} gaps; looked at {looked} UTC, again in {seconds:,.0f} s")
    return stop.wait(seconds)


def _pasted(attempt: Attempt) -> str:
    code = attempt.code_in(typer.prompt("The address that the browser ended up at", err=True))
    if code is None:
        raise BackbeatError("that address is not of this log-in; try again")
    return code


def _warn(token: Token) -> None:
    ends = token.logged_in_at + LIFETIME
    if datetime.now(UTC) > ends - _WARN_BEFORE:
        _say(f"Spotify ends this log-in about {ends:%Y-%m-%d}; {LOG_IN} before")


def _say(sentence: str) -> None:
    _stderr.print(sentence, markup=False)
