"""One Airflow for all tests of this folder: starting it takes as long as most of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.platform import Platform, backbeat, running


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Airflow over a lake with three weeks of a few listeners; nothing is built yet."""
    folder: Path = tmp_path_factory.mktemp("airflow")
    with running(folder) as started:
        backbeat(folder, "simulate", "--events", "3000", "--days", "21", "--users", "25", "--to", "bulk")
        yield started
