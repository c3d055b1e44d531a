"""compose.yaml against the code: its paths, variables, commands and image are real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.airflow_server import ROOT
from infra.env_example import fields

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
AIRFLOW = {name: service for name, service in SERVICES.items() if name != "postgres"}


def test_every_part_of_airflow_is_a_service_and_runs_the_same_image() -> None:
    parts = {service["command"][1] for name, service in AIRFLOW.items() if name != "init"}
    assert parts == {"api-server", "scheduler", "dag-processor", "triggerer"}
    assert {service["image"] for service in AIRFLOW.values()} == {"backbeat-airflow"}
    assert {service["command"][0] for name, service in AIRFLOW.items() if name != "init"} == {"airflow"}


@pytest.mark.parametrize("name", AIRFLOW)
def test_the_variables_are_settings_of_ours_or_airflows(name: str) -> None:
    known = {"AIRFLOW_HOME", "AIRFLOW_ADMIN_PASSWORD", "DBT_TARGET_PATH", "DBT_LOG_PATH", *fields()}
    variables = AIRFLOW[name]["environment"]
    assert [
        key for key in variables if key not in known and not re.fullmatch(r"AIRFLOW__[A-Z_]+__[A-Z_]+", key)
    ] == []
    assert variables["AIRFLOW__CORE__DAGS_FOLDER"] == f"{AIRFLOW[name]['working_dir']}/airflow/dags"


def test_the_pool_that_the_dags_wait_for_is_made() -> None:
    assert "airflow pools set warehouse 1 " in SERVICES["init"]["command"][2]


def test_secrets_have_no_default_and_the_port_is_of_this_machine_alone() -> None:
    text = (ROOT / "compose.yaml").read_text()
    given = re.findall(r"\$\{(\w*(?:SECRET|KEY|PASSWORD))\b([^}]*)\}", text)
    assert {name for name, _ in given} >= {
        "AIRFLOW_JWT_SECRET",
        "AIRFLOW_FERNET_KEY",
        "AIRFLOW_POSTGRES_PASSWORD",
    }
    assert all(default.startswith(":?") for _, default in given)
    assert [port for service in SERVICES.values() for port in service.get("ports", [])] == [
        "127.0.0.1:8080:8080"
    ]


def test_who_waits_waits_for_a_service_and_every_volume_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"]


def test_what_the_image_copies_is_there() -> None:
    lines = (ROOT / "infra" / "airflow.Dockerfile").read_text().splitlines()
    copied = [path for line in lines if line.startswith("COPY") for path in line.split()[2:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    packages = re.search(r"^include = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    assert {name.rstrip("*") for name in re.findall(r'"([^"]+)"', packages.group(1))} <= set(
        map(_name, copied)
    )


def _name(path: str) -> str:
    return Path(path).name
