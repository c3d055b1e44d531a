"""A Metabase of our own: its documented API, as strict about order, keys and log-ins as the real one.

Bodies are held to the closed schemas of Metabase 0.63; queries are told in the newer of its two shapes. No
real one was ever asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.local_http import served

Json = dict[str, Any]
_HIDDEN = "**MetabasePass**"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class User(_Body):
    email: str = Field(pattern=r".+@.+\..+")
    password: str = Field(min_length=6, pattern=r"\d")
    first_name: str | None = None
    last_name: str | None = None


class Preferences(_Body):
    site_name: str = Field(min_length=1)
    site_locale: str | None = None


class Setup(_Body):
    token: str
    user: User
    prefs: Preferences


class Login(_Body):
    username: str
    password: str


class Database(_Body):
    name: str = Field(min_length=1)
    engine: Literal["postgres"]
    details: Json


class Collection(_Body):
    name: str = Field(min_length=1)
    description: str | None = None
    parent_id: int | None = None


class Native(_Body):
    query: str = Field(min_length=1)


class Query(_Body):
    type: Literal["native"]
    database: int
    native: Native


class CardChange(_Body):
    name: str = Field(min_length=1)
    description: str | None
    display: str = Field(min_length=1)
    visualization_settings: Json
    dataset_query: Query


class Card(CardChange):
    collection_id: int
    type: Literal["question"]


class Dashboard(_Body):
    name: str = Field(min_length=1)
    description: str | None = None
    collection_id: int


class Dashcard(_Body):
    id: int
    card_id: int
    row: int = Field(ge=0)
    col: int = Field(ge=0)
    size_x: int = Field(ge=1)
    size_y: int = Field(ge=1)


class DashboardChange(_Body):
    description: str | None = None
    dashcards: list[Dashcard]


class Refused(Exception):  # noqa: N818 -- an answer
    """A status and what Metabase says."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class FakeMetabase:
    """What it holds, and every change that was asked for; `starting` requests are answered that it starts."""

    def __init__(self, lets_in: Callable[[Json], bool], starting: int = 0) -> None:
        self.lets_in = lets_in
        self.starting = starting
        self.token: str | None = str(uuid4())
        self.user: User | None = None
        self.sessions: set[str] = set()
        self.held: dict[str, dict[int, Json]] = {
            kind: {} for kind in ("database", "collection", "card", "dashboard")
        }
        self.changes: list[str] = []

    def answer(self, method: str, path: str, query: Json, body: bytes, session: str | None) -> Any:
        """The document; `Refused` for what Metabase refuses."""
        kind, _, rest = path.removeprefix("/api/").partition("/")
        match method, kind:
            case "GET", "health":
                self.starting -= 1
                if self.starting >= 0:
                    raise Refused(503, '{"status":"initializing"}')
                return {"status": "ok"}
            case "GET", "session":
                return {"has-user-setup": self.user is not None, "setup-token": self.token}
            case "POST", "setup":
                return self._set_up(Setup.model_validate_json(body))
            case "POST", "session":
                return self._log_in(Login.model_validate_json(body))
        if session not in self.sessions:
            raise Refused(401, "Unauthenticated")
        if kind not in self.held:
            raise Refused(404, "Not found.")
        if method == "GET":
            return self._told(kind, rest, query)
        self.changes.append(f"{method} {path}")
        return self._changed(method, kind, rest, body)

    def _set_up(self, asked: Setup) -> Json:
        if self.user is not None:
            raise Refused(403, "The /api/setup route can only be used to create the first user")
        if asked.token != self.token:
            raise Refused(400, '{"errors":{"token":"Token does not match the setup token."}}')
        self.user, self.token = asked.user, None
        return self._log_in(Login(username=asked.user.email, password=asked.user.password))

    def _log_in(self, asked: Login) -> Json:
        if self.user is None or (asked.username, asked.password) != (self.user.email, self.user.password):
            raise Refused(401, '{"errors":{"password":"did not match stored password"}}')
        session = str(uuid4())
        self.sessions.add(session)
        return {"id": session}

    def _told(self, kind: str, rest: str, query: Json) -> Any:
        held = self.held[kind]
        if not rest:
            rows = [_shown(kind, row) for row in held.values()]
            return {"data": rows, "total": len(rows)} if kind == "database" else [{"id": "root"}, *rows]
        number, _, what = rest.partition("/")
        row = self._row(kind, int(number))
        if what == "healthcheck":
            return {"status": "ok" if self.lets_in(row["details"]) else "error"}
        if what == "items":
            model = query["models"][0]
            rows = [each for each in self.held[model].values() if each["collection_id"] == row["id"]]
            return {"data": [{"id": each["id"], "name": each["name"], "model": model} for each in rows]}
        return _shown(kind, row)

    def _changed(self, method: str, kind: str, rest: str, body: bytes) -> Json:
        schema = {
            ("POST", "database"): Database,
            ("PUT", "database"): Database,
            ("POST", "collection"): Collection,
            ("POST", "card"): Card,
            ("PUT", "card"): CardChange,
            ("POST", "dashboard"): Dashboard,
            ("PUT", "dashboard"): DashboardChange,
        }[method, kind]
        asked = schema.model_validate_json(body).model_dump(exclude_unset=True)
        self._check(kind, asked)
        held = self.held[kind]
        number = int(rest) if method == "PUT" else len(held) + 1
        row = (
            {"dashcards": [], **self._row(kind, number)}
            if method == "PUT"
            else {"id": number, "dashcards": []}
        )
        if "dashcards" in asked:
            asked["dashcards"] = self._placed(row["dashcards"], asked["dashcards"])
        held[number] = row | asked
        return _shown(kind, held[number])

    def _check(self, kind: str, asked: Json) -> None:
        """What it names has to be there, and a connection has to work."""
        if kind == "database" and not self.lets_in(asked["details"]):
            raise Refused(400, '{"message":"FATAL: password authentication failed"}')
        if kind == "card":
            self._row("database", asked["dataset_query"]["database"])
        for key in ("collection_id", "parent_id"):
            if asked.get(key) is not None:
                self._row("collection", asked[key])

    def _placed(self, before: list[Json], wanted: list[Json]) -> list[Json]:
        """The dashboard's cards: those with a negative id are new, and get one."""
        known = {card["id"] for card in before}
        assert len({card["id"] for card in wanted}) == len(wanted)
        for card in wanted:
            self._row("card", card["card_id"])
            if card["id"] > 0 and card["id"] not in known:
                raise Refused(404, "Not found.")
        news = iter(range(max(known, default=0) + 1, max(known, default=0) + len(wanted) + 1))
        return [card if card["id"] > 0 else {**card, "id": next(news)} for card in wanted]

    def _row(self, kind: str, number: int) -> Json:
        if number not in self.held[kind]:
            raise Refused(404, "Not found.")
        return self.held[kind][number]


def _shown(kind: str, row: Json) -> Json:
    """As Metabase tells it: no password, the query in stages, a collection's place."""
    if kind == "database":
        return {**row, "details": {**row["details"], "password": _HIDDEN}}
    if kind == "collection":
        parent = row.get("parent_id")
        return {**row, "location": "/" if parent is None else f"/{parent}/", "archived": False}
    if kind == "card":
        query = row["dataset_query"]
        stage = {"lib/type": "mbql.stage/native", "native": query["native"]["query"]}
        told = {"lib/type": "mbql/query", "database": query["database"], "stages": [stage]}
        return {**row, "dataset_query": told}
    return row


@contextmanager
def serving(metabase: FakeMetabase) -> Iterator[str]:
    """Its address, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            session = self.headers.get("X-Metabase-Session")
            try:
                told = metabase.answer(self.command, parts.path, parse_qs(parts.query), body, session)
                status, text = 200, json.dumps(told)
            except Refused as refused:
                status, text = refused.status, str(refused)
            except ValidationError as error:
                status, text = 400, error.json()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 -- its names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with served(Handler) as address:
        yield address
