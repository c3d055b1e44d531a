"""Settings that every test shares."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.tiers import leave_out_what_cannot_run, left_out

# Seeds are fixed, and a slow machine is not a failure: examples are counted, never timed.
settings.register_profile(
    "backbeat", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("backbeat")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "real: needs Apache Kafka, an S3 server and PostgreSQL (infra/kafka.sh, s3.sh, postgres.sh)",
    )


@pytest.hookimpl(trylast=True)  # after -k and -m: a run that wants nothing real sets nothing real up
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_what_cannot_run(config, items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if words := left_out(config):
        terminalreporter.write_line(words, yellow=True)
