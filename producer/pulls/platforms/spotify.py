"""Spotify: how many follow your artists today, through the Web API.

It tells the present alone, so what is not pulled on a day is never known. Apps in development mode are told
no followers since 2026: such a line is refused as `missing_followers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, HttpBasicAuth

from contracts.errors import BackbeatError
from producer.pulls.answer import by_status
from producer.pulls.document import Document, Row, Step, Stream
from producer.pulls.login import access_token, judge
from producer.pulls.rest import Api, documented
from producer.pulls.settings import PullSettings, listed

KIND = "spotify_artist_days"


def streams(settings: PullSettings, today: date, pause: Callable[[float], object]) -> list[Stream]:
    """One for all artists: a document of today."""
    secret = settings.secret("spotify_client_secret")
    artists = listed(settings.spotify_artists)
    if not artists:
        raise BackbeatError("Spotify has a secret but no artist: see BACKBEAT_SPOTIFY_ARTISTS")

    def steps(_since: date, until: date) -> Iterator[Step]:
        basic = HttpBasicAuth(username=settings.spotify_client_id, password=secret)
        accounts = _api(settings, settings.spotify_accounts_url, "ACCOUNTS", basic, pause)
        bearer = BearerTokenAuth(
            token=access_token(accounts, "api/token", {"grant_type": "client_credentials"})
        )
        api = _api(settings, settings.spotify_api_url, "API", bearer, pause)
        day = until.isoformat()
        rows = tuple(_row(day, api.one(f"v1/artists/{quote(artist, safe='')}")) for artist in sorted(artists))
        yield Step((Document(KIND, settings.spotify_client_id, day, rows),), until)

    return [Stream("spotify", settings.spotify_client_id, steps, today)]


def _api(settings: PullSettings, url: str, which: str, auth: Any, pause: Callable[[float], object]) -> Api:
    return Api(
        "Spotify",
        settings,
        url=url,
        url_setting=f"BACKBEAT_SPOTIFY_{which}_URL",
        key_setting="BACKBEAT_SPOTIFY_CLIENT_SECRET",
        auth=auth,
        judge=judge if which == "ACCOUNTS" else by_status,
        pause=pause,
    )


def _row(day: str, artist: Any) -> Row:
    """What is counted; pictures and links say nothing."""
    with documented("Spotify"):
        return {"day": day, **{name: artist.get(name) for name in ("id", "name", "followers", "popularity")}}
