"""Looking again and again, until told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

from producer.away import AwayError
from producer.pollers.poller import Poller
from producer.pollers.settings import SpotifySettings

Say = Callable[[str], None]
MISSING = (
    "more was played since the last look than Spotify lists: some plays are missing. "
    "Spotify's export has them, for `backbeat import`"
)


def look_once(poller: Poller, settings: SpotifySettings, say: Say) -> None:
    """One look at what was played, one at what is playing; raises `AwayError` and other `BackbeatError`."""
    if not poller.look_back():
        say(MISSING)
    if settings.spotify_now_s:
        poller.look_now()


def watch(
    poller: Poller,
    settings: SpotifySettings,
    wait: Callable[[float], bool],
    say: Say,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Look at the settings' intervals until `wait` says so; a Spotify that is away is waited for."""
    rest_s = min(settings.spotify_interval_s, settings.spotify_now_s or settings.spotify_interval_s)
    back_at = clock()
    pause_s = 0.0
    while not wait(pause_s):
        pause_s = rest_s
        try:
            if clock() >= back_at:
                back_at = clock() + settings.spotify_interval_s
                look_once(poller, settings, say)
            else:
                poller.look_now()
        except AwayError as away:
            if wait(0):  # told to stop while asking again: that is no news
                return
            say(str(away))
            pause_s = max(rest_s, away.wait_s)
