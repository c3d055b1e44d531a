"""Logging in at Spotify in a browser: OAuth's authorization code with a proof key (RFC 7636, S256).

    attempt = Attempt.of(settings)
    print(attempt.link)                 # the person opens it; the browser comes back to 127.0.0.1
    code = wait_for_code(attempt, 300)

No secret of the app is needed: only who began the attempt has its verifier.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from secrets import token_urlsafe
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from contracts.errors import BackbeatError
from producer.pollers.settings import SpotifySettings

SCOPES = "user-read-recently-played user-read-currently-playing"
_CALLBACK = "/callback"
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Attempt:
    """One log-in on its way; `state` and `verifier` are secrets of this process."""

    client_id: str
    accounts_url: str
    port: int
    state: str
    verifier: str

    @classmethod
    def of(cls, settings: SpotifySettings) -> Attempt:
        """A new attempt; `BackbeatError` where no app is named."""
        if not settings.spotify_client_id:
            raise BackbeatError(
                "BACKBEAT_SPOTIFY_CLIENT_ID is empty: make an app at https://developer.spotify.com/dashboard "
                f"with the redirect URI http://127.0.0.1:{settings.spotify_redirect_port}{_CALLBACK}"
            )
        accounts = settings.spotify_accounts_url.rstrip("/")
        port = settings.spotify_redirect_port
        return cls(settings.spotify_client_id, accounts, port, token_urlsafe(32), token_urlsafe(64))

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back to; Spotify takes no `localhost`."""
        return f"http://127.0.0.1:{self.port}{_CALLBACK}"

    @property
    def challenge(self) -> str:
        """What Spotify is shown of the verifier before it sees it."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    @property
    def link(self) -> str:
        """What the person opens."""
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": SCOPES,
            "state": self.state,
            "code_challenge_method": "S256",
            "code_challenge": self.challenge,
        }
        return f"{self.accounts_url}/authorize?{urlencode(query)}"

    def code_in(self, address: str) -> str | None:
        """The code in the address that the browser came back to; None where it is not of this attempt.

        Raises `BackbeatError` where the person, or Spotify, said no."""
        parts = urlsplit(address.strip())
        answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        state = answer.get("state", "").encode()
        if parts.path != _CALLBACK or not compare_digest(state, self.state.encode()):
            return None
        if "error" in answer:
            raise BackbeatError(f"Spotify has not logged you in: {answer['error']}")
        return answer.get("code") or None


class _Callback(BaseHTTPRequestHandler):
    """Takes the browser back; whatever is not of this attempt changes nothing."""

    timeout = 5  # a connection that says nothing does not hold up the one that does
    attempt: ClassVar[Attempt]
    outcome: ClassVar[list[str | BackbeatError]]

    def do_GET(self) -> None:
        try:
            code = self.attempt.code_in(self.path)
        except BackbeatError as refusal:
            self.outcome.append(refusal)
            self._say(200, "Spotify has not logged you in. You can close this page.")
            return
        if code is None:
            self._say(400, "This is not the log-in that Backbeat waits for.")
            return
        self.outcome.append(code)
        self._say(200, "Backbeat has heard from Spotify. You can close this page.")

    def log_message(self, *_: object) -> None:
        """Nothing: the request line holds the code."""

    def _say(self, status: int, sentence: str) -> None:
        body = sentence.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def wait_for_code(attempt: Attempt, seconds: float) -> str:
    """The code, once the browser is back; `BackbeatError` when it said no or does not come in time."""
    outcome: list[str | BackbeatError] = []
    handler = type("_Bound", (_Callback,), {"attempt": attempt, "outcome": outcome})
    try:
        server = HTTPServer(("127.0.0.1", attempt.port), handler)
    except OSError as error:
        raise BackbeatError(
            f"port {attempt.port} cannot be used ({error.strerror}); see BACKBEAT_SPOTIFY_REDIRECT_PORT"
        ) from error
    with server:
        server.timeout = _LOOK_EVERY_S
        give_up = time.monotonic() + seconds
        while not outcome and time.monotonic() < give_up:
            server.handle_request()
    if not outcome:
        raise BackbeatError(f"nobody came back from Spotify within {seconds:.0f} s; try again")
    if isinstance(outcome[0], BackbeatError):
        raise outcome[0]
    return outcome[0]
