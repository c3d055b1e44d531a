"""The live path and the read API asked as their OpenAPI documents say one may ask them, and not quite so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from producer.broker import EmbeddedBroker, contract_topics
from tests.service_harness import service, until
from tests.snapshot_builder import build_snapshot

_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 10
ROUTES = {
    "live": ("/v1/now", "/v1/rising", "/v1/ticket"),
    "serve": (
        "/v1/charts/daily",
        "/v1/charts/hourly",
        "/v1/kpis",
        "/v1/regions",
        "/v1/snapshot",
        "/v1/trends/daily",
        "/v1/trends/hourly",
        "/v1/users/{user_id}/recommendations",
        "/v1/users/{user_id}/stats",
    ),
}


# A question without parameters cannot be asked wrongly.
ASKED = [
    (name, route, mode)
    for name, routes in ROUTES.items()
    for route in routes
    for mode in GenerationMode
    if not (route in ("/v1/snapshot", "/v1/ticket") and mode == GenerationMode.NEGATIVE)
]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, OpenApiSchema]]:
    """Service → its document, while it runs."""
    folder = tmp_path_factory.mktemp("fuzz")
    build_snapshot(folder)
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(contract_topics(1)))
        services = {
            "live": stack.enter_context(service("live", folder, kafka_bootstrap=broker.bootstrap)),
            "serve": stack.enter_context(service("serve", folder, snapshots=folder / "snapshots")),
        }
        for running in services.values():
            until(lambda: running.ask("/readyz")[0] == 200)  # noqa: B023 - called in this round
        yield {
            name: schemathesis.openapi.from_url(f"http://{running.address}/openapi.json")
            for name, running in services.items()
        }


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        yield kept


@pytest.mark.parametrize("name", ROUTES)
def test_the_document_says_which_routes_there_are(name: str, documents: dict[str, OpenApiSchema]) -> None:
    paths = {found.ok().path for found in documents[name].get_all_operations()}
    assert paths == {*ROUTES[name], "/healthz", "/readyz"}


@pytest.mark.parametrize(("name", "route", "mode"), ASKED)
def test_whatever_is_asked_the_answer_is_as_documented(
    name: str,
    route: str,
    mode: GenerationMode,
    documents: dict[str, OpenApiSchema],
    session: requests.Session,
) -> None:
    operation = documents[name][route]["GET"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, derandomize=True)
    def ask(case: Case) -> None:
        case.call_and_validate(session=session, checks=_CHECKS)

    ask()
