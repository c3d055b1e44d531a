"""An OpenID Connect provider of our own: discovery, who one wants to be, codes, signed tokens, log-out."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "backbeat", "a secret of the client"
Claims = Mapping[str, Any]


class Provider:
    """Knows `people` (name → their claims), and what it has handed out."""

    def __init__(self, people: Mapping[str, Claims]) -> None:
        self.people = people
        self.issuer = ""
        self.ago_s = 0.0  # how old the tokens are that it signs
        self.ended: list[str] = []
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self._codes: dict[str, tuple[str, dict[str, str]]] = {}

    def describe(self) -> Claims:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "end_session_endpoint": "logout",
        }
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in paths.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> Claims:
        return {"keys": [self._key.as_dict(private=False)]}

    def code_for(self, person: str, asked: dict[str, str]) -> str:
        code = token_urlsafe()
        self._codes[code] = (person, asked)
        return code

    def token_for(self, form: Mapping[str, str]) -> Claims:
        """The tokens for a code, once; KeyError for an unknown one."""
        person, asked = self._codes.pop(form["code"])
        assert form["redirect_uri"] == asked["redirect_uri"]
        issued = int(time.time() - self.ago_s)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": person,
            "iat": issued,
            "exp": issued + 3600 * 24,
            "nonce": asked["nonce"],
            **self.people[person],
        }
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return {
            "id_token": signed,
            "access_token": token_urlsafe(),
            "token_type": "Bearer",
            "expires_in": 3600,
        }


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.split("/")[1:]:
            case [".well-known", "openid-configuration"]:
                self._json(self.provider.describe())
            case ["jwks"]:
                self._json(self.provider.keys())
            case ["authorize"]:
                assert asked["client_id"] == CLIENT
                self._choice(parts.query)
            case ["as", person]:
                code = self.provider.code_for(unquote(person), asked)
                self._go(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]}))
            case ["logout"]:
                self.provider.ended.append(asked["id_token_hint"])
                self._go(asked["post_logout_redirect_uri"])
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        given = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if unquote(given) != f"{CLIENT}:{SECRET}":
            self.send_error(401)
            return
        self._json(self.provider.token_for(form))

    def _choice(self, query: str) -> None:
        links = "".join(
            f'<a href="/as/{escape(p)}?{escape(query)}">{escape(p)}</a> ' for p in self.provider.people
        )
        self._send(200, "text/html", f"<h1>Who are you?</h1>{links}".encode())

    def _json(self, value: Claims) -> None:
        self._send(200, "application/json", json.dumps(value).encode())

    def _go(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.end_headers()

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def providing(people: Mapping[str, Claims]) -> Iterator[Provider]:
    """The provider at a port of 127.0.0.1."""
    provider = Provider(people)
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
