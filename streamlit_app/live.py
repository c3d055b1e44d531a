"""What `backbeat live` tells: asked once a second or so for all who look, its key kept on the server."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

import httpx
import streamlit as st
from pydantic import BaseModel, ValidationError

from serving.live.document import Now, Rising
from serving.settings import AppSettings

PLAYING = 12
_TIMEOUT_S = 2.0
_KEYLESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_Document = TypeVar("_Document", bound=BaseModel)


class AwayError(Exception):
    """The live service tells nothing; the message says why, in words for whoever runs it."""


def address() -> str:
    """Where the live service is asked (BACKBEAT_LIVE_URL)."""
    return AppSettings().live_url.rstrip("/")


def now(country: str | None = None) -> Now:
    """Who plays what now, in `country` or everywhere; `AwayError` when nothing is told."""
    return _told(Now, "/v1/now", limit=str(PLAYING), country=country)


def rising(minutes: str, country: str | None = None) -> Rising:
    """The ten tracks that rise most in windows of 5, 15 or 60 minutes; `AwayError` when nothing is told."""
    return _told(Rising, "/v1/rising", minutes=minutes, country=country)


def _told(shape: type[_Document], path: str, **asked: str | None) -> _Document:
    given = tuple((name, value) for name, value in asked.items() if value is not None)
    text, why = _answer(address() + path, given, AppSettings().live_key.get_secret_value())
    if text is None:
        raise AwayError(why)
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise AwayError("what answers there is no `backbeat live` of this version") from error


@st.cache_resource(show_spinner=False)
def _client() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT_S)


# A little shorter than the page's own beat: everybody's beats share one answer, and none sees it twice.
@st.cache_data(ttl=1.5, max_entries=200, show_spinner=False)
def _answer(url: str, asked: tuple[tuple[str, str], ...], _key: str) -> tuple[bytes | None, str]:
    """The document at `url`, or None and why there is none: both are kept, or each viewer would wait anew."""
    headers = {"Authorization": f"Bearer {_key}"} if _key else {}
    try:
        answer = _client().get(url, params=asked, headers=headers)
    except httpx.TimeoutException:
        return None, f"it took longer than {_TIMEOUT_S:.0f} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, str(error) or type(error).__name__
    if answer.status_code in _KEYLESS:
        return None, "it asks for a key: BACKBEAT_LIVE_KEY, made by `backbeat keys create --scope read`"
    if answer.status_code != HTTPStatus.OK:
        return None, f"it answered {answer.status_code}"
    return answer.content, ""
