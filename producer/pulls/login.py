"""What Google's and Spotify's log-ins have in common: a key is exchanged for a token that lasts an hour."""

from __future__ import annotations

from typing import Any

from contracts.errors import BackbeatError
from producer.pulls.answer import Answer, Verdict, by_status
from producer.pulls.rest import Api


def judge(answer: Answer) -> Verdict | None:
    """A log-in that is over is told with status 400 and a word."""
    word: Any = answer.body.get("error") if isinstance(answer.body, dict) else None
    return Verdict("expired") if word in ("invalid_grant", "invalid_client") else by_status(answer)


def access_token(accounts: Api, path: str, form: dict[str, str]) -> str:
    """A token for the next hour."""
    body = accounts.post(path, form)
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise BackbeatError(f"{accounts.name} gave no access token")
    return token
