"""Being logged in at Spotify: a token that is renewed before it runs out, and kept whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx

from contracts.errors import BackbeatError
from producer.asking import Patience, Service
from producer.pollers.settings import SpotifySettings
from producer.pollers.token import LOG_IN, Grant, Token, TokenFile

_OK = 200


class Session:
    """The log-in in `spotify_token_file`. What asks Spotify raises `AwayError` or `BackbeatError`."""

    def __init__(
        self,
        settings: SpotifySettings,
        client: httpx.Client,
        patience: Patience,
        now: Callable[[], datetime],
    ) -> None:
        self._file = TokenFile(settings.spotify_token_file)
        self._client_id = settings.spotify_client_id
        self._url = settings.spotify_accounts_url.rstrip("/")
        self._accounts = Service(f"Spotify at {self._url} (BACKBEAT_SPOTIFY_ACCOUNTS_URL)", client, patience)
        self._now = now
        self._token: Token | None = None

    @property
    def token(self) -> Token:
        """The log-in as it is kept; `BackbeatError` says how to get one."""
        if self._token is None:
            self._token = self._file.load()
        return self._token

    def valid_token(self) -> Token:
        """The log-in, with an access token that has not run out."""
        return self.token if self.token.is_valid(self._now()) else self.refresh()

    def refresh(self) -> Token:
        """Get another access token."""
        token = self.token
        grant = self._grant(
            grant_type="refresh_token",
            refresh_token=token.refresh_token.get_secret_value(),
            client_id=token.client_id,
        )
        return self._keep(token.renewed(grant, self._now()))

    def begin(self, code: str, verifier: str, redirect_uri: str, user_of: Callable[[str], str]) -> Token:
        """Make a log-in of the code that Spotify sent the browser back with; `user_of` an access token is
        the account's id."""
        grant = self._grant(
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            client_id=self._client_id,
            code_verifier=verifier,
        )
        if grant.refresh_token is None:
            raise BackbeatError(f"{self._accounts.name} gave no refresh token")
        now = self._now()
        token = Token(
            client_id=self._client_id,
            user=user_of(grant.access_token.get_secret_value()),
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_at=now,
            logged_in_at=now,
        )
        return self._keep(token.renewed(grant, now))

    def _keep(self, token: Token) -> Token:
        self._file.save(token)  # before it is used: the refresh token before it may be worth nothing by now
        self._token = token
        return token

    def _grant(self, **form: str) -> Grant:
        return self._accounts.ask("POST", f"{self._url}/api/token", self._read, data=form)

    def _read(self, response: httpx.Response) -> Grant:
        if response.status_code == _OK:
            return Grant.model_validate_json(response.content)
        refusal = response.json()
        reason = refusal.get("error") if isinstance(refusal, dict) else None
        if reason == "invalid_grant":
            raise BackbeatError(f"{self._accounts.name} has ended this log-in, or never gave it; {LOG_IN}")
        raise BackbeatError(
            f"{self._accounts.name} refuses the log-in ({response.status_code} {reason}); "
            "see BACKBEAT_SPOTIFY_CLIENT_ID"
        )
