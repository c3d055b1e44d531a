"""The collector's answers, with a Kafka that does as it is told."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.metrics import exported
from contracts.web.key_file import KeyFile
from producer.collector import metrics
from producer.collector.api import application
from producer.collector.circuit import Circuit
from producer.collector.delivery import Failure
from producer.collector.gate import Gate
from producer.collector.outlet import Outlet
from producer.collector.record import Record
from producer.collector.settings import CollectorSettings

ROOT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}
LIKE = {
    "topic": "likes",
    "user_id": "u",
    "occurred_at": "2026-11-21T11:59:00Z",
    "track_id": "t",
    "liked": True,
}
LISTEN = {"listened_at": 1_790_000_000, "track_metadata": {"artist_name": "A", "track_name": "B"}}
SUBMISSION = {"listen_type": "single", "payload": [LISTEN]}


class FakeOutlet(Outlet):
    """Acknowledges everything but what `failures` says."""

    def __init__(self, settings: CollectorSettings) -> None:
        super().__init__(settings, print)
        self.circuit = Circuit("")
        self.sent: list[Record] = []
        self.failures: Mapping[int, Failure] = {}

    async def send(self, records: Sequence[Record]) -> Mapping[int, Failure]:
        self.sent += records
        return self.failures


class Api:
    """The application, its keys, and what it has sent."""

    def __init__(self, folder: Path, rate: float = 1_000_000) -> None:
        self.settings = CollectorSettings(
            _env_file=None,  # type: ignore[call-arg]
            kafka_bootstrap="127.0.0.1:1",
            collector_keys=folder / "keys.json",
            collector_rate=rate,
            collector_request_events=20,
            collector_burst=50,
            collector_body_bytes=5_000,
            collector_unpacked_bytes=20_000,
        )
        self.keys = KeyFile(self.settings.collector_keys)
        _, self.token = self.keys.create("web", ("events",))
        _, self.phone = self.keys.create("phone", ("listens",), "alice", "listenbrainz-1")
        self.outlet = FakeOutlet(self.settings)
        self.app = application(self.settings, Gate(self.settings), self.outlet)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://collector") as client:
                return await client.request(method, path, **given)

        return asyncio.run(asked())

    def events(self, content: object, **headers: str) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        head = {"Authorization": f"Bearer {self.token}", **JSON, **headers}
        return self.ask("POST", "/v1/events", content=body, headers=head)

    def listens(self, document: object, authorization: str | None = None) -> httpx.Response:
        head = {"Authorization": authorization or f"Token {self.phone}"}
        return self.ask("POST", "/1/submit-listens", content=json.dumps(document), headers=head)


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


def test_each_event_of_a_batch_is_answered(api: Api) -> None:
    answer = api.events([LIKE, {**LIKE, "liked": 5}, 7])
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["rejected"], told["unacknowledged"]) == (1, 2, 0)
    assert [(each["index"], each["status"]) for each in told["events"]] == [
        (0, "accepted"),
        (1, "rejected"),
        (2, "rejected"),
    ]
    assert told["events"][0]["event_id"] == api.outlet.sent[0].event_id
    assert told["events"][1]["errors"] == [{"code": "invalid_field", "field": "liked"}]
    assert len(api.outlet.sent) == 1


def test_a_batch_may_be_lines_and_gzipped(api: Api) -> None:
    lines = b"\n".join([json.dumps(LIKE).encode()] * 3)
    answer = api.events(
        gzip.compress(lines), **{"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    )
    assert answer.json()["accepted"] == 3
    assert len({record.event_id for record in api.outlet.sent}) == 1


def test_what_kafka_has_not_acknowledged_is_answered_as_such(api: Api) -> None:
    api.outlet.failures = {0: Failure("timed out", permanent=False), 2: Failure("size", permanent=True)}
    answer = api.events([5, *[{**LIKE, "track_id": str(n)} for n in range(3)]])
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    told = [(each["status"], each.get("errors")) for each in answer.json()["events"][1:]]
    assert told == [
        ("unacknowledged", [{"code": "not_acknowledged", "field": ""}]),
        ("accepted", None),
        ("rejected", [{"code": "too_large", "field": ""}]),
    ]
    api.outlet.failures = {0: Failure("timed out", permanent=False)}
    refused = api.listens(SUBMISSION)
    assert (refused.status_code, refused.json()["code"]) == (503, 503)


def test_while_kafka_is_away_the_answer_is_503_and_nothing_is_sent(api: Api) -> None:
    api.outlet.circuit.unreachable("down")
    for answer in (api.events([LIKE]), api.listens(SUBMISSION)):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["code"] == 503
    assert api.outlet.sent == []
    ready = api.ask("GET", "/readyz")
    assert (ready.status_code, ready.json()) == (503, {"reasons": ["down"]})
    assert api.ask("GET", "/healthz").status_code == 200
    api.outlet.circuit.reachable()
    assert api.ask("GET", "/readyz").status_code == 200


@pytest.mark.parametrize(
    ("authorization", "error"),
    [
        ("", "You need to provide an Authorization header."),
        ("Token", "Provided Authorization header is invalid."),
        ("Basic abc", "Provided Authorization header is invalid."),
        ("Token x", "Invalid authorization token."),
        ("Bearer 00000000-0000-4000-8000-000000000000", "Invalid authorization token."),
    ],
)
def test_without_a_key_nothing_is_taken(api: Api, authorization: str, error: str) -> None:
    for path in ("/v1/events", "/1/submit-listens"):
        answer = api.ask("POST", path, content="[]", headers={**JSON, "Authorization": authorization})
        assert (answer.status_code, answer.json()) == (401, {"code": 401, "error": error})
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_key_is_for_its_scopes_until_it_is_revoked(api: Api) -> None:
    assert api.listens(SUBMISSION, f"Token {api.token}").status_code == 401
    assert api.events([LIKE], Authorization=f"Token {api.phone}").status_code == 403
    assert api.events([LIKE], Authorization=f"Token {api.token}").status_code == 200
    api.keys.revoke(api.token[:8])
    assert api.events([LIKE]).status_code == 401


def test_keys_that_cannot_be_read_are_not_taken_for_wrong_ones(api: Api) -> None:
    api.settings.collector_keys.chmod(0o644)
    assert api.events([LIKE]).status_code == 503
    assert api.ask("GET", f"/1/validate-token?token={api.token}").status_code == 503


def test_requests_have_limits(api: Api) -> None:
    assert api.events([LIKE] * 21).status_code == 413
    assert api.events(b"[" + b" " * 5_000 + b"]").status_code == 413
    assert api.events(gzip.compress(b" " * 20_001), **{"Content-Encoding": "gzip"}).status_code == 413
    assert api.events(b"[]", **{"Content-Encoding": "br"}).status_code == 415
    assert api.events(b"[]", **{"Content-Type": "text/csv"}).status_code == 415
    assert api.events(b"{}").status_code == 400


def test_too_many_events_wait(tmp_path: Path) -> None:
    api = Api(tmp_path, rate=0.5)
    assert [api.events([LIKE] * 20).status_code for _ in range(3)] == [200, 200, 429]
    assert api.events([LIKE] * 20).headers["Retry-After"] == "20"
    assert len(api.outlet.sent) == 40
    many = {"listen_type": "import", "payload": [LISTEN] * 20}
    assert [api.listens(many).status_code for _ in range(2)] == [200, 200]
    limited = api.listens(many)
    assert (limited.status_code, limited.json()["code"]) == (429, 429)
    fine = api.listens(SUBMISSION)
    assert (fine.headers["X-RateLimit-Limit"], fine.headers["X-RateLimit-Remaining"]) == ("50", "9")


def test_listenbrainz_gets_the_answers_it_knows(api: Api) -> None:
    assert api.listens(SUBMISSION).json() == {"status": "ok"}
    assert [record.topic for record in api.outlet.sent] == ["plays"]
    wrong = api.listens({"listen_type": "import", "payload": [LISTEN, {}]})
    assert wrong.status_code == 400
    assert set(wrong.json()) == {"code", "error"}
    assert len(api.outlet.sent) == 1
    valid = {"code": 200, "message": "Token valid.", "valid": True, "user_name": "alice"}
    assert api.ask("GET", f"/1/validate-token?token={api.phone}").json() == valid
    header = {"Authorization": f"Token {api.phone}"}
    assert api.ask("GET", "/1/validate-token", headers=header).json() == valid
    invalid = {"code": 200, "message": "Token invalid.", "valid": False}
    assert api.ask("GET", "/1/validate-token?token=x").json() == invalid
    assert api.ask("GET", f"/1/validate-token?token={api.token}").json() == invalid
    assert api.ask("GET", "/1/validate-token").status_code == 400


def test_scrobblers_in_a_browser_may_ask(api: Api) -> None:
    asked = api.ask("OPTIONS", "/1/submit-listens")
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert api.listens(SUBMISSION).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in api.events([LIKE]).headers


def test_other_routes_answer_in_the_same_shape(api: Api) -> None:
    assert api.ask("GET", "/nowhere").json() == {"code": 404, "error": "Not Found"}
    wrong = api.ask("GET", "/v1/events")
    assert (wrong.status_code, wrong.json()["code"]) == (405, 405)


def test_the_page_is_the_document_and_calls_nowhere(api: Api) -> None:
    document = api.ask("GET", "/openapi.json").json()
    text = api.ask("GET", "/docs").text
    for name in (*document["paths"], *document["components"]["schemas"]):
        assert name in text
    assert re.findall(r"<script|https?://", text) == []
    event = document["components"]["schemas"]["plays"]
    assert {"source", "received_at"} & set(event["properties"]) == set()
    assert "event_id" not in event["required"]


def test_every_metric_stands_in_the_runbook(api: Api) -> None:
    text = (ROOT / "docs/runbook.md").read_text()
    scraped = api.ask("GET", "/metrics").text
    for name in exported(metrics.REGISTRY):
        assert f"`{name}`" in text
        assert name.removesuffix("_total") in scraped


def test_what_was_answered_is_counted(api: Api) -> None:
    def total(*labels: str) -> float:
        return metrics.EVENTS.labels(*labels)._value.get()

    before = total("likes", "accepted"), total("none", "rejected"), total("plays", "accepted")
    api.events([LIKE, LIKE, 5])
    api.listens(SUBMISSION)
    after = total("likes", "accepted"), total("none", "rejected"), total("plays", "accepted")
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1, 1]
