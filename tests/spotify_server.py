"""A Spotify of our own: the documented answers, and whatever fault it is told to show."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from producer.pollers.settings import SpotifySettings
from producer.pollers.token import Token, TokenFile
from tests.local_http import Answer, Asked, served

BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)
RECENT = "/v1/me/player/recently-played"
NOW = "/v1/me/player/currently-playing"
TOKEN = "/api/token"  # noqa: S105 - a path
Item = dict[str, Any]


def stamp(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def track(name: str = "Orchard", length_ms: int = 180_000) -> Item:
    """A track as an app in development mode gets it: no ISRC."""
    artist = {"id": "a1", "name": "The Lanterns", "type": "artist", "uri": "spotify:artist:a1"}
    album = {"id": "b1", "name": "Harbour", "uri": "spotify:album:b1", "artists": [artist]}
    ids = {"id": name, "uri": f"spotify:track:{name}", "type": "track", "is_local": False}
    return {**ids, "name": name, "artists": [artist], "album": album, "duration_ms": length_ms}


def played(minute: float, name: str = "", length_ms: int = 180_000) -> Item:
    """A line of the recently played that ended `minute` minutes after `BEGIN`."""
    context = {"type": "playlist", "uri": "spotify:playlist:p1"}
    name = name or f"T{minute:g}"
    return {"track": track(name, length_ms), "played_at": stamp(minute), "context": context}


def episode(name: str = "Chess", length_ms: int = 1_800_000) -> Item:
    show = {"id": "s1", "name": "The Chess Hour", "uri": "spotify:show:s1", "type": "show"}
    ids = {"id": name, "uri": f"spotify:episode:{name}", "type": "episode"}
    return {**ids, "name": name, "show": show, "duration_ms": length_ms}


def playing(item: Item, position_ms: int, *, is_playing: bool = True) -> Item:
    kind = item["type"]
    return {
        "is_playing": is_playing,
        "progress_ms": position_ms,
        "item": item,
        "currently_playing_type": kind,
    }


SILENCE = Answer(0)
EXPIRED = Answer(401, '{"error": {"status": 401, "message": "The access token expired"}}')


class SpotifyServer:
    """Lists the last 50 of `history`, and what is `now`; `faults[path]` are shown first, one a request."""

    def __init__(self) -> None:
        self.history: list[Item] = []
        self.now: Item | None = None
        self.faults: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.access, self.refresh = "access-0", "refresh-0"
        self.rotates = False
        self.revoked = False
        self.challenge = ""
        self.url = ""
        self.released = threading.Event()
        self.looked = threading.Condition()
        self._grants = 0

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries (or forms) of the requests to `path`."""
        return [query for asked, query in self.requests if asked == path]

    def recent(self, query: dict[str, str]) -> Item:
        after = int(query.get("after", 0))
        lines = sorted((line for line in self.history if _ms(line) > after), key=_ms, reverse=True)
        return {"items": lines[: int(query["limit"])], "limit": 50, "next": None}

    def grant(self, form: dict[str, str]) -> Answer:
        if form["grant_type"] == "refresh_token":
            if self.revoked or form["refresh_token"] != self.refresh:
                return Answer(400, '{"error": "invalid_grant", "error_description": "Refresh token revoked"}')
        elif _challenge(form["code_verifier"]) != self.challenge or form["code"] != "the-code":
            return Answer(400, '{"error": "invalid_grant", "error_description": "code_verifier"}')
        self._grants += 1
        self.access = f"access-{self._grants}"
        grant: Item = {"access_token": self.access, "token_type": "Bearer", "expires_in": 3600}
        if self.rotates or form["grant_type"] != "refresh_token":
            self.refresh = f"refresh-{self._grants}"
            grant["refresh_token"] = self.refresh
        return Answer(200, json.dumps(grant))

    def answer(self, path: str, query: dict[str, str], authorization: str) -> Answer:
        with self.looked:
            self.requests.append((path, query))
            self.looked.notify_all()
        if self.faults[path]:
            return self.faults[path].popleft()
        if path == TOKEN:
            return self.grant(query)
        if authorization != f"Bearer {self.access}":
            return EXPIRED
        if path == RECENT:
            return Answer(200, json.dumps(self.recent(query)))
        if path == NOW:
            return Answer(204) if self.now is None else Answer(200, json.dumps(self.now))
        return Answer(200, '{"id": "listener-1", "display_name": "L", "type": "user"}')


def _ms(line: Item) -> float:
    return datetime.fromisoformat(line["played_at"]).timestamp() * 1000


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _handler(server: SpotifyServer) -> type[Asked]:
    class Handler(Asked):
        def asked(self, path: str, query: dict[str, str]) -> None:
            answer = server.answer(path, query, self.headers.get("Authorization", ""))
            if answer is SILENCE:
                server.released.wait(10)
                return
            self.tell(answer)

    return Handler


@contextmanager
def spotify_server() -> Iterator[SpotifyServer]:
    """A server on a free port, until the block is left."""
    state = SpotifyServer()
    with served(_handler(state)) as state.url:
        try:
            yield state
        finally:
            state.released.set()


def settings_for(server: SpotifyServer, folder: Path, **changes: Any) -> SpotifySettings:
    return SpotifySettings(
        _env_file=None,
        spotify_client_id="app",
        spotify_api_url=server.url,
        spotify_accounts_url=server.url,
        spotify_token_file=folder / "token.json",
        spotify_cursor_file=folder / "cursor.json",
        **{"spotify_timeout_s": 5, **changes},
    )


def logged_in(settings: SpotifySettings, now: Callable[[], datetime] = lambda: BEGIN) -> None:
    """Keep the log-in that a new server accepts, good for an hour."""
    kept = {
        "client_id": "app",
        "user": "listener-1",
        "access_token": "access-0",
        "refresh_token": "refresh-0",
    }
    times = {"expires_at": now() + timedelta(hours=1), "logged_in_at": now()}
    TokenFile(settings.spotify_token_file).save(Token.model_validate(kept | times))
