"""The alerts about collector, live path and read API ask for what these export, and say what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from contracts.metrics import exported
from producer.collector.metrics import REGISTRY as COLLECTOR
from serving.live.metrics import REGISTRY as LIVE
from serving.read.metrics import REGISTRY as SERVE
from tests.promql import names

FOLDER = Path(__file__).parents[2] / "infra" / "prometheus"
RULES = yaml.safe_load((FOLDER / "backbeat-services.rules.yml").read_text())["groups"][0]["rules"]
EXPORTED = {"up"}.union(*(exported(registry) for registry in (COLLECTOR, LIVE, SERVE)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_reads_what_is_exported_and_says_how_bad_it_is(rule: dict[str, object]) -> None:
    assert names(str(rule["expr"])) <= EXPORTED
    assert rule["labels"] in [{"severity": "critical"}, {"severity": "warning"}]
    assert rule["annotations"].keys() == {"summary", "description"}  # type: ignore[attr-defined]


def test_every_service_that_is_scraped_is_missed_when_it_is_gone() -> None:
    scraped = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    assert set(scraped["rule_files"]) == {path.name for path in FOLDER.glob("*.rules.yml")}
    told = " ".join((FOLDER / name).read_text() for name in scraped["rule_files"])
    jobs = {job["job_name"] for job in scraped["scrape_configs"]}
    assert jobs == set(re.findall(r'up\{job="([^"]+)"\}', told))
