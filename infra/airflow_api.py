"""Airflow's REST API, as far as the launcher, the tests and the benchmark need it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

import httpx

from contracts.errors import BackbeatError

_TIMEOUT_S = 120  # SQLite, and a busy machine
_Found = TypeVar("_Found")


class AirflowApi:
    """A client that has logged in; BackbeatError with the server's words when it refuses something."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=_TIMEOUT_S)
        answer = self._client.post("/auth/token", json={"username": user, "password": password})
        token = _checked(answer)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """The answer to GET /api/v2/`path`."""
        return _checked(self._client.get(f"/api/v2/{path}", params=query))

    def post(self, path: str, body: dict[str, Any], patience: float = 120) -> Any:
        """The answer to POST /api/v2/`path`; asked again for as long as SQLite is busy (503)."""
        busy = httpx.codes.SERVICE_UNAVAILABLE

        def ask() -> httpx.Response | None:
            answer = self._client.post(f"/api/v2/{path}", json=body)
            return None if answer.status_code == busy else answer

        return _checked(until(ask, patience, f"Airflow's database to take {path}"))

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to PATCH /api/v2/`path`."""
        return _checked(self._client.patch(f"/api/v2/{path}", json=body))

    def have_pool(self, name: str, slots: int) -> None:
        """Make the pool, unless it is there."""
        pools = self.get("pools", limit=1000)["pools"]
        if name not in {pool["name"] for pool in pools}:
            self.post("pools", {"name": name, "slots": slots, "description": "one writer"})


def until(ask: Callable[[], _Found | None], seconds: float, what: str, every: float = 1.0) -> _Found:
    """What `ask` answers once it is not None; BackbeatError when that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while (found := ask()) is None:
        if time.monotonic() > end:
            raise BackbeatError(f"waited {seconds:g} s for {what}")
        time.sleep(every)  # Airflow's API has nothing to wait on
    return found


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise BackbeatError(
            f"Airflow answered {answer.status_code} to {answer.request.url}: {answer.text[:500]}"
        )
    return answer.json() if answer.content else None
