"""Spotify's Web API, as the one listener who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from contracts.errors import BackbeatError
from producer.asking import Patience, Service
from producer.pollers.answers import Page, Playing
from producer.pollers.session import Session
from producer.pollers.settings import SpotifySettings
from producer.pollers.token import LOG_IN, Token

T = TypeVar("T", bound=BaseModel)
PAGE = 50
_OK, _NOTHING, _UNKNOWN_TOKEN = 200, 204, 401


class _ExpiredError(Exception):
    """The access token is not accepted."""


class _Account(BaseModel):
    id: str


class Spotify:
    """The requests we make: `AwayError` when Spotify stays away, `BackbeatError` when it refuses."""

    def __init__(
        self,
        settings: SpotifySettings,
        patience: Patience,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = httpx.Client(timeout=settings.spotify_timeout_s)
        self._url = settings.spotify_api_url.rstrip("/")
        self._api = Service(f"Spotify at {self._url} (BACKBEAT_SPOTIFY_API_URL)", self._client, patience)
        self._session = Session(settings, self._client, patience, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @property
    def token(self) -> Token:
        """Who is logged in; `BackbeatError` where nobody is."""
        return self._session.token

    def log_in(self, code: str, verifier: str, redirect_uri: str) -> Token:
        """Exchange the code of an authorization for a log-in, and keep that."""
        return self._session.begin(code, verifier, redirect_uri, self._user_of)

    def recently_played(self, after_ms: int | None) -> list[Any]:
        """What was played after `after_ms` (epoch ms; None: all that Spotify has), at most 50, unjudged."""
        after = {} if after_ms is None else {"after": after_ms}
        page = self._get(Page, "/v1/me/player/recently-played", {"limit": PAGE, **after})
        return [] if page is None else page.items

    def playing(self) -> Playing | None:
        """What is playing, or None."""
        return self._get(Playing, "/v1/me/player/currently-playing", {"additional_types": "episode"})

    def _user_of(self, access_token: str) -> str:
        account = self._ask(_Account, "/v1/me", {}, access_token)
        if account is None:
            raise BackbeatError(f"{self._api.name} does not say whose log-in it is")
        return account.id

    def _get(self, model: type[T], path: str, query: dict[str, str | int]) -> T | None:
        token = self._session.valid_token()
        try:
            return self._ask(model, path, query, token.access_token.get_secret_value())
        except _ExpiredError:
            token = self._session.refresh()
        try:
            return self._ask(model, path, query, token.access_token.get_secret_value())
        except _ExpiredError:
            raise BackbeatError(f"{self._api.name} accepts no token of this log-in; {LOG_IN}") from None

    def _ask(self, model: type[T], path: str, query: dict[str, str | int], access_token: str) -> T | None:
        def read(response: httpx.Response) -> T | None:
            if response.status_code == _OK:
                return model.model_validate_json(response.content)
            if response.status_code == _NOTHING:
                return None
            if response.status_code == _UNKNOWN_TOKEN:
                raise _ExpiredError
            raise BackbeatError(f"{self._api.name} refuses {path}: {_refusal(response)}")

        headers = {"Authorization": f"Bearer {access_token}"}
        return self._api.ask("GET", f"{self._url}{path}", read, headers=headers, params=query)


def _refusal(response: httpx.Response) -> str:
    """Status and, where it is in Spotify's own form, the reason: `403 User not registered …`."""
    try:
        reason = response.json()["error"]["message"]
    except (ValueError, TypeError, KeyError, IndexError):
        return str(response.status_code)
    return f"{response.status_code} {reason}"
