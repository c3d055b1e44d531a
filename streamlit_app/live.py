"""What `backbeat live` tells: asked for all who look, its key kept here; and where browsers follow it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx
import streamlit as st
from pydantic import BaseModel, ValidationError

from serving.host import is_local
from serving.live.document import Now, Rising, Ticket
from serving.settings import AppSettings

PLAYING = 20
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


def moment(text: str) -> datetime:
    """A time as the live service writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def followed(country: str | None = None) -> tuple[str, str]:
    """Where the browser of the one who looks follows it by itself, and the ticket it shows in place of a key.

    No address: it is asked by the server alone. With a log-in it is followed with a ticket only:
    else whoever knows the address would see who listens.
    """
    settings = AppSettings()
    where = settings.app_live_socket or _beside(settings)
    if where in ("", "off"):
        return "", ""
    ticket = _ticket_of(settings)
    if settings.oidc_issuer and not ticket:
        return "", ""
    return (f"{where}?{urlencode({'country': country})}" if country else where), ticket


def _ticket_of(settings: AppSettings) -> str:
    """A ticket of our key; nothing without a key, and of a service that gives none."""
    key = settings.live_key.get_secret_value()
    try:
        return _ticket(f"{address()}/v1/ticket", key) if key else ""
    except AwayError:
        return ""


def _beside(settings: AppSettings) -> str:
    """The WebSocket of the address that the server asks, where browser, app and service are one machine."""
    url = urlsplit(settings.live_url.rstrip("/"))
    if not is_local(url.hostname or "") or not is_local(st.get_option("server.address") or ""):
        return ""
    return urlunsplit(("wss" if url.scheme == "https" else "ws", url.netloc, f"{url.path}/ws/live", "", ""))


def _told(shape: type[_Document], path: str, **asked: str | None) -> _Document:
    given = tuple((name, value) for name, value in asked.items() if value is not None)
    return _read(shape, *_answer(address() + path, given, AppSettings().live_key.get_secret_value()))


def _read(shape: type[_Document], text: bytes | None, why: str) -> _Document:
    if text is None:
        raise AwayError(why)
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise AwayError("what answers there is no `backbeat live` of this version") from error


# One for all who may open the page, and good for four minutes more when it is let go.
@st.cache_data(ttl=60, max_entries=10, show_spinner=False)
def _ticket(url: str, _key: str) -> str:
    return _read(Ticket, *_answer(url, (), _key)).ticket


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
