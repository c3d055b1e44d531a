"""Metabase's REST API, as far as provisioning needs it."""

from __future__ import annotations

import time
from typing import Any, Self

import httpx

from contracts.errors import BackbeatError
from infra.metabase.settings import MetabaseSettings

_TIMEOUT_S = 60.0  # it tries a database's connection before it answers
_SITE = "Backbeat"


class MetabaseApi:
    """A client that has logged in, as the administrator it makes where there is none.

    Raises BackbeatError with Metabase's words when it refuses something.
    """

    def __init__(self, settings: MetabaseSettings) -> None:
        if not settings.metabase_password.get_secret_value():
            raise BackbeatError("BACKBEAT_METABASE_PASSWORD is missing: the administrator's password")
        self._client = httpx.Client(base_url=settings.metabase_url, timeout=_TIMEOUT_S)
        self._where = f"Metabase at {settings.metabase_url} (BACKBEAT_METABASE_URL)"
        self._await(settings.metabase_seconds)
        self._client.headers["X-Metabase-Session"] = self._session(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """The answer to GET /api/`path`."""
        return self._asked("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to POST /api/`path`."""
        return self._asked("POST", path, json=body)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to PUT /api/`path`."""
        return self._asked("PUT", path, json=body)

    def _await(self, seconds: float) -> None:
        """Until it has started: /api/health is 503 while it sets itself up."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                if self._client.get("/api/health").is_success:
                    return
                why = "it is still starting"
            except httpx.HTTPError as error:
                why = str(error)
            if time.monotonic() > give_up:
                raise BackbeatError(f"{self._where} did not answer within {seconds:g} s: {why}")
            time.sleep(min(1.0, seconds / 10))  # it has nothing to wait on

    def _session(self, settings: MetabaseSettings) -> str:
        email, password = settings.metabase_email, settings.metabase_password.get_secret_value()
        found = self.get("session/properties")
        if found["has-user-setup"]:
            return str(self.post("session", {"username": email, "password": password})["id"])
        user = {"email": email, "password": password, "first_name": _SITE, "last_name": "Admin"}
        asked = {"token": found["setup-token"], "user": user, "prefs": {"site_name": _SITE}}
        return str(self.post("setup", asked)["id"])

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self._client.request(method, f"/api/{path}", **more)
        except httpx.HTTPError as error:
            raise BackbeatError(f"{self._where} does not answer: {error}") from error
        if answer.is_error:
            said = " ".join(answer.text.split())[:400]
            raise BackbeatError(f"{self._where} answered {answer.status_code} to {method} {path}: {said}")
        return answer.json() if answer.content else None
