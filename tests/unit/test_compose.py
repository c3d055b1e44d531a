"""compose.yaml and Dockerfile against the code: paths, settings, commands, secrets, versions are real."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import backbeat
from infra.airflow_server import ROOT
from infra.env_example import fields

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
AWAITED = {
    name
    for service in SERVICES.values()
    for name, how in service.get("depends_on", {}).items()
    if how["condition"] == "service_completed_successfully"
}
ENDING = {*AWAITED, "metabase-setup"}
STAYING = sorted(set(SERVICES) - ENDING)
OURS = sorted(
    name for name, service in SERVICES.items() if service["image"] in {"backbeat", "backbeat-airflow"}
)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMMANDS = typer.main.get_command(backbeat.app).commands  # type: ignore[attr-defined]


def text_of(name: str) -> str:
    return json.dumps(SERVICES[name])


def test_everything_is_there() -> None:
    parts = "kafka s3 postgres databases topics keys collector sink live serve app simulator"
    airflow = "airflow-init airflow-api airflow-scheduler airflow-dag-processor airflow-triggerer"
    watch = "metabase metabase-setup prometheus grafana"
    assert set(SERVICES) == {*parts.split(), *airflow.split(), *watch.split()}
    commands = {SERVICES[name]["command"][1] for name in airflow.split()[1:]}
    assert commands == {"api-server", "scheduler", "dag-processor", "triggerer"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_nobody_s_root_and_has_limits(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["read_only"] or name == "kafka"
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert service["restart"] == ("on-failure:5" if name in ENDING else "unless-stopped")


@pytest.mark.parametrize("name", sorted(set(STAYING) - {"simulator"}))
def test_what_stays_can_be_asked_how_it_is(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert check["retries"] * float(check["interval"].rstrip("s")) <= 120


def test_images_are_of_one_exact_version_that_is_the_one_tested_with() -> None:
    images = {name: service["image"] for name, service in SERVICES.items() if "build" not in service}
    assert [image for image in images.values() if not re.search(r":v?\d+\.\d+", image)] == []
    pom = re.search("<kafka.version>(.*)</kafka.version>", (ROOT / "infra/kafka/pom.xml").read_text())
    s3 = re.search("^VERSION=(.*)$", (ROOT / "infra/s3.sh").read_text(), re.MULTILINE)
    assert pom
    assert s3
    assert images["kafka"] == f"apache/kafka:{pom[1]}"
    assert f"versitygw@{s3[1]} source" in DOCKERFILE
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    made = {stage for _, stage in stages}
    assert [
        image for image, _ in stages if image not in made and not re.search(r":v?\d+\.\d+\.\d+", image)
    ] == []
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= made


@pytest.mark.parametrize("name", OURS)
def test_the_variables_are_settings_of_ours_or_airflows(name: str) -> None:
    secret = {f"{variable}_FILE" for variable, field in fields().items() if "Secret" in str(field.annotation)}
    known = {"AIRFLOW_HOME", "DBT_TARGET_PATH", "DBT_LOG_PATH", *fields(), *secret}
    variables = SERVICES[name].get("environment", {})
    assert [
        key for key in variables if key not in known and not re.fullmatch(r"AIRFLOW__[A-Z_]+__[A-Z_]+", key)
    ] == []


@pytest.mark.parametrize("name", OURS)
def test_our_commands_are_there(name: str) -> None:
    program, command, *_ = SERVICES[name]["command"]
    assert program in {"airflow", "bash", "python"} or (program == "backbeat" and command in COMMANDS)


def test_the_pool_that_the_dags_wait_for_is_made() -> None:
    assert "airflow pools set warehouse 1 " in SERVICES["airflow-init"]["command"][2]


def test_secrets_are_files_given_to_who_reads_them_and_made_by_the_script(tmp_path: Path) -> None:
    for name, service in SERVICES.items():
        text = text_of(name)
        if name == "databases":  # its SQL names them
            text += (ROOT / "infra/postgres/databases.sql").read_text()
        read = set(re.findall(r"(?:/run/secrets|\$SECRETS)/(\w+)", text))
        given = set(service.get("secrets", []))
        assert read <= given, name
        assert name.startswith("airflow") or read == given, name
        assert not re.search(r"(PASSWORD|SECRET|_KEY|TOKEN)\"", text), name
    made = subprocess.run(
        [ROOT / "infra/secrets.sh", tmp_path], capture_output=True, text=True, check=True
    ).stdout.split()[1::2]
    assert {name: f"var/secrets/{name}" for name in made} == {
        name: entry["file"] for name, entry in COMPOSE["secrets"].items()
    }
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert min(map(len, before.values())) >= 16
    again = subprocess.run([ROOT / "infra/secrets.sh", tmp_path], capture_output=True, text=True, check=True)
    assert again.stdout == ""
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_ports_are_of_this_machine_alone_and_each_is_one_services() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in ports)
    assert len(set(ports)) == len(ports)
    assert COMPOSE["networks"]["stores"]["internal"] is True
    assert all("front" in service["networks"] for service in SERVICES.values() if "ports" in service)


def test_who_waits_waits_for_a_service_and_every_volume_and_file_is_there() -> None:
    mounted = set()
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).is_dir() if source.startswith("./") else source in COMPOSE["volumes"]
            mounted.add(source)
    assert set(COMPOSE["volumes"]) <= mounted
    folders = {f"/{part}" for part in re.findall(r"/((?:var/lib/backbeat|opt/airflow)[\w/]*)", DOCKERFILE)}
    ours = {volume.split(":")[1] for name in OURS for volume in SERVICES[name].get("volumes", [])}
    assert ours <= folders, "a new volume would belong to root"


def test_what_is_asked_for_by_name_answers_there() -> None:
    scraped = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text())["scrape_configs"]
    source = yaml.safe_load((ROOT / "infra/grafana/provisioning/datasources/prometheus.yaml").read_text())
    texts = [*map(text_of, SERVICES), json.dumps(scraped), json.dumps(source)]
    asked = set(re.findall(r"(?<![\w.])([a-z][a-z0-9-]*):(\d{4})\b", " ".join(texts))) - {
        ("localhost", "9092")
    }
    asked -= {("localhost", "8080")}
    assert {"kafka", "s3", "sink", "collector", "live", "serve", "prometheus"} <= {host for host, _ in asked}
    for host, port in asked:
        assert re.search(rf"\b{port}\b", text_of(host)) or (host, port) == ("postgres", "5432"), (host, port)


def test_the_image_holds_what_runs_and_no_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    assert {".env", "compose.env", "var", "profiles.yml", ".git", "!tests/dbt"} <= set(ignored)
    packages = re.search(r"^include = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    needed = {name.rstrip("*") for name in re.findall(r'"([^"]+)"', packages.group(1))}
    assert not (needed | {"airflow", "infra", "models", "macros", "seeds", "snapshots", ".streamlit"}) & set(
        ignored
    )
    assert set(re.findall(r"requirements/(\w+)\.txt", DOCKERFILE)) == {"base", "airflow", "snowflake"}
    assert not re.search(r"^ARG|SECRET|PASSWORD", DOCKERFILE, re.MULTILINE)
    assert re.search(r"AS services\n(?:.*\n)*?USER 50000:50000", DOCKERFILE)
