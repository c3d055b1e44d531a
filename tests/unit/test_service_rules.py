"""Alerts and dashboard of collector, live path and read API ask for what these export, by its labels."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from contracts.metrics import exported
from producer.collector.metrics import REGISTRY as COLLECTOR
from serving.live.metrics import REGISTRY as LIVE
from serving.read.metrics import REGISTRY as SERVE
from tests.promql import names

FOLDER = Path(__file__).parents[2] / "infra" / "prometheus"
BOARD = json.loads((FOLDER.parent / "grafana" / "backbeat-services.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
RULES = yaml.safe_load((FOLDER / "backbeat-services.rules.yml").read_text())["groups"][0]["rules"]
REGISTRIES = (COLLECTOR, LIVE, SERVE)
EXPORTED = {"up"}.union(*(exported(registry) for registry in REGISTRIES))
LABELS = {
    metric._name: set(metric._labelnames)
    for registry in REGISTRIES
    for metric in registry._collector_to_names
    if isinstance(metric, MetricWrapperBase)
}


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


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_panel_asks_for_what_is_exported_by_labels_it_has(panel: dict[str, Any]) -> None:
    assert panel["description"]
    for target in panel["targets"]:
        read = {re.sub(r"_(bucket|total)$", "", name) for name in names(target["expr"])}
        assert read <= {re.sub("_total$", "", name) for name in EXPORTED}
        by = re.search(r"by \(([^)]*)\)", target["expr"])
        grouped = {label.strip() for label in by[1].split(",")} if by else set()
        for name in read:
            assert grouped - {"le", "instance"} <= LABELS[name], target["expr"]


def test_no_panel_lies_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in BOARD["panels"]):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
