"""Asking a service over HTTP: again while it is away, not before it wishes, one line when it stays away.

    service = Service("Spotify at https://… (BACKBEAT_SPOTIFY_API_URL)", httpx.Client(timeout=10), Patience())
    answer = service.ask("GET", "https://…/v1/me", read)    # `read`: response → what is wanted of it

Tried again: no connection, no answer in time, 429, 5xx, and an answer that `read` raises ValueError for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_exponential_jitter

from contracts.errors import BackbeatError
from producer.away import AwayError

T = TypeVar("T")
_TOO_MANY = 429
_SERVER_FAULT = 500
_LONGEST_WISH_S = 7 * 24 * 3600.0  # whatever asks for more does not mean it
_backed_off = wait_exponential_jitter(initial=1, max=30)


class _AgainError(Exception):
    """Worth another try; `wait_s` is what the service asks for, None where it says nothing."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Patience:
    """How often a request is made, the longest `Retry-After` (s) that is waited for on the spot, and how."""

    attempts: int = 6
    longest_s: float = 60
    pause: Callable[[float], object] = time.sleep
    ended: Callable[[], bool] = lambda: False


class Service:
    """One service; `name` begins its errors, so it names the setting that says where it is."""

    def __init__(self, name: str, client: httpx.Client, patience: Patience) -> None:
        self.name = name
        self._client = client
        self._patience = patience
        self._retrying = Retrying(
            retry=retry_if_exception(self._is_worth_a_try),
            stop=self._is_enough,
            wait=_wait,
            sleep=self._pause,
            reraise=True,
        )

    def ask(self, method: str, url: str, read: Callable[[httpx.Response], T], **content: Any) -> T:
        """What `read` makes of the answer; `content` is httpx's. Raises `AwayError`, or what `read` does."""
        try:
            answer: T = self._retrying(self._ask_once, method, url, read, content)
        except _AgainError as again:
            raise AwayError(f"{self.name} {again}", again.wait_s or 0) from again
        return answer

    def _is_enough(self, state: RetryCallState) -> bool:
        return state.attempt_number >= self._patience.attempts or self._patience.ended()

    def _pause(self, seconds: float) -> None:
        self._patience.pause(seconds)

    def _is_worth_a_try(self, error: BaseException) -> bool:
        return isinstance(error, _AgainError) and (error.wait_s or 0) <= self._patience.longest_s

    def _ask_once(
        self, method: str, url: str, read: Callable[[httpx.Response], T], content: dict[str, Any]
    ) -> T:
        response = self._response(method, url, content)
        status = response.status_code
        if status == _TOO_MANY or status >= _SERVER_FAULT:
            raise _busy(response)
        try:
            return read(response)
        except ValueError as error:
            raise _AgainError(f"gave an answer ({status}) that cannot be read") from error

    def _response(self, method: str, url: str, content: dict[str, Any]) -> httpx.Response:
        try:
            return self._client.request(method, url, **content)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise BackbeatError(f"{self.name} cannot be asked: {error}") from error
        except httpx.LocalProtocolError:
            # Its text would quote the header, and so the key in it.
            raise BackbeatError(f"{self.name} cannot be asked: a header has a character too many") from None
        except httpx.TimeoutException as error:
            raise _AgainError("does not answer in time") from error
        except httpx.RequestError as error:
            raise _AgainError(f"does not answer: {error}") from error


def _busy(response: httpx.Response) -> _AgainError:
    wait_s = retry_after(response.headers.get("retry-after", ""))
    wish = "" if wait_s is None else f" and asks to wait {wait_s:,.0f} s"
    return _AgainError(f"answered {response.status_code}{wish}", wait_s)


def retry_after(text: str) -> float | None:
    """Seconds that a `Retry-After` header asks for (a number or a date), or None where it says neither."""
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_WISH_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _LONGEST_WISH_S)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _AgainError) and error.wait_s is not None:
        return error.wait_s
    return _backed_off(state)
