"""A language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import BaseModel, Field

from contracts.errors import BackbeatError
from producer.asking import Patience, Service
from producer.simulator.author.settings import AuthorSettings

_OK, _NOT_FOUND = 200, 404
_UNKNOWN_KEY = (401, 403)
_MOST_WORDS = 200


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class Endpoint:
    """Asks the model of the settings; `BackbeatError` names the setting when it cannot be asked."""

    def __init__(self, settings: AuthorSettings, client: httpx.Client, patience: Patience) -> None:
        for name in ("catalogue_url", "catalogue_model"):
            if not getattr(settings, name):
                raise BackbeatError(f"BACKBEAT_{name.upper()} is empty: it says which language model to ask")
        self.model = settings.catalogue_model
        self._url = f"{settings.catalogue_url.rstrip('/')}/chat/completions"
        self._key = settings.catalogue_key.get_secret_value().strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise BackbeatError("BACKBEAT_CATALOGUE_KEY holds a character that no key has")
        self._service = Service(f"the model at {self._url} (BACKBEAT_CATALOGUE_URL)", client, patience)

    def complete(self, instruction: str, question: str) -> str:
        """What the model says; the empty text where it says nothing."""
        messages = [{"role": "system", "content": instruction}, {"role": "user", "content": question}]
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        # No more than every endpoint takes: some refuse a temperature, some a response format.
        request = {"model": self.model, "messages": messages}
        return self._service.ask("POST", self._url, self._read, headers=headers, json=request)

    def _read(self, response: httpx.Response) -> str:
        status = response.status_code
        if status == _OK:
            return _Completion.model_validate_json(response.content).choices[0].message.content or ""
        if status in _UNKNOWN_KEY:
            raise BackbeatError(f"{self._service.name} refuses BACKBEAT_CATALOGUE_KEY ({status})")
        if status == _NOT_FOUND:
            raise BackbeatError(
                f"{self._service.name} knows no such path or model (404): {self.model} "
                "(BACKBEAT_CATALOGUE_MODEL)"
            )
        words = " ".join(response.text.split())[:_MOST_WORDS]
        if self._key:
            words = words.replace(self._key, "…")
        raise BackbeatError(f"{self._service.name} refuses the request ({status}): {words}")


@contextmanager
def endpoint(settings: AuthorSettings) -> Iterator[Endpoint]:
    """The endpoint of the settings, with its connections for the time of the block."""
    with httpx.Client(timeout=settings.catalogue_timeout_s) as client:
        yield Endpoint(settings, client, Patience())
