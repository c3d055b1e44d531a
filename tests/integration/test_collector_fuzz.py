"""The collector asked as its own OpenAPI document says one may ask it, and not quite so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from consumer.judge import judge
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker
from tests.collector_harness import LISTEN, Running, values

_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 40


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        yield kept


@pytest.fixture(scope="module")
def document(collector: Running) -> OpenApiSchema:
    return schemathesis.openapi.from_url(f"http://{collector.address}/openapi.json")


def test_the_document_says_which_routes_there_are(document: OpenApiSchema) -> None:
    paths = {found.ok().path for found in document.get_all_operations()}
    assert paths == {"/v1/events", "/1/submit-listens", "/1/validate-token", "/healthz", "/readyz"}


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("route", ["/v1/events", "/1/submit-listens", "/1/validate-token"])
def test_whatever_is_asked_the_answer_is_as_documented(
    route: str, mode: GenerationMode, document: OpenApiSchema, collector: Running, session: requests.Session
) -> None:
    token = collector.listen_token if route.startswith("/1/") else collector.token
    (method,) = document[route]
    head = {"Authorization": f"Token {token}"}

    @given(case=document[route][method].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, derandomize=True)
    def ask(case: Case) -> None:
        case.call_and_validate(session=session, headers=head, checks=_CHECKS)

    ask()


def test_nothing_that_was_accepted_is_rubbish(collector: Running, contract_broker: EmbeddedBroker) -> None:
    # One that is sound among them: of what is made up, nothing may be.
    assert collector.submit({"listen_type": "single", "payload": [LISTEN]}) == (200, {"status": "ok"})
    accepted = 0
    for topic in TOPICS:
        found = values(contract_broker.bootstrap, topic)
        accepted += len(found)
        assert set(judge(topic, found, [None] * len(found)).errors) <= {None}
    assert accepted > 0
    with requests.get(f"http://{collector.address}/metrics", timeout=10) as scraped:
        assert 'status="accepted",topic="plays"' in scraped.text
