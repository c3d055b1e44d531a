"""The collector asked as its own OpenAPI document says one may ask it, and not quite so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from consumer.judge import judge
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker, contract_topics
from tests.collector_harness import Running, collecting, values

EXAMPLES = 40


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(contract_topics(1)) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def running(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with collecting(broker.bootstrap, tmp_path_factory.mktemp("collector")) as collector:
        yield collector
