"""The log-in at Spotify: what it consists of, and the file it is kept in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, Field, SecretStr, ValidationError

from contracts.errors import BackbeatError
from contracts.private_file import read_private, write_private

SETTING = "BACKBEAT_SPOTIFY_TOKEN_FILE"
LOG_IN = "run `backbeat poll login`"
# Spotify ends a log-in six months after it was given, however often it is refreshed.
LIFETIME = timedelta(days=182)
_EARLY = timedelta(seconds=60)


class Grant(BaseModel):
    """What Spotify answers when it gives a token; a refresh token only where there is a new one."""

    access_token: SecretStr
    expires_in: int = Field(ge=0, le=31_536_000)
    refresh_token: SecretStr | None = None


class Token(BaseModel, frozen=True):
    """A log-in: `user` is the account's id, and `client_id` the app it was given to."""

    client_id: str
    user: str
    access_token: SecretStr
    refresh_token: SecretStr
    expires_at: AwareDatetime
    logged_in_at: AwareDatetime

    def is_valid(self, now: datetime) -> bool:
        """Whether the access token will last for the next request."""
        return now < self.expires_at - _EARLY

    def renewed(self, grant: Grant, now: datetime) -> Token:
        """This log-in with a new access token; the refresh token stays where no new one is given."""
        fresh = grant.refresh_token
        return self.model_copy(
            update={
                "access_token": grant.access_token,
                "refresh_token": fresh if fresh and fresh.get_secret_value() else self.refresh_token,
                "expires_at": now + timedelta(seconds=grant.expires_in),
            }
        )


@dataclass(frozen=True)
class TokenFile:
    """Where the log-in lies between two runs; its owner alone can read it."""

    path: Path

    def load(self) -> Token:
        """The log-in; `BackbeatError` says how to get one."""
        text = read_private(self.path, SETTING)
        if text is None:
            raise BackbeatError(f"{self.path}: nobody is logged in at Spotify; {LOG_IN} (see {SETTING})")
        try:
            return Token.model_validate_json(text)
        except ValidationError:
            # The cause is left out: it would quote the token.
            raise BackbeatError(f"{self.path}: not a log-in at Spotify; {LOG_IN} (see {SETTING})") from None

    def save(self, token: Token) -> None:
        """Keep `token`, whole or not at all."""
        kept = token.model_dump(mode="json") | {
            "access_token": token.access_token.get_secret_value(),
            "refresh_token": token.refresh_token.get_secret_value(),
        }
        write_private(self.path, json.dumps(kept, indent=2) + "\n", SETTING)
