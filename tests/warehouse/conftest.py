"""dbt, started and parsed once for all that is built here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dbt_process import DbtProcess


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtProcess]:
    process = DbtProcess(tmp_path_factory.mktemp("dbt"))
    yield process
    process.close()
