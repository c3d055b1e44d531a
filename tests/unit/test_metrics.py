"""The names that the sink exports are the ones that runbook, dashboard and alerts use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from consumer.chain import Tail
from consumer.partition import Partition
from consumer.watch import metrics, requests
from consumer.watch.health import HEALTH
from consumer.watch.lookout import Lookout
from contracts.events import TOPICS
from contracts.lake import Chain
from contracts.metrics import exported
from tests.memory_lake import MemoryStore, chain_of
from tests.promql import names

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "infra/grafana/backbeat-sink.json").read_text())
RULES = yaml.safe_load((ROOT / "infra/prometheus/backbeat-sink.rules.yml").read_text())["groups"]
UNITS = ("_total", "_seconds", "_bytes", "_rows", "_owned", "_healthy", "_info")
OURS_FROM_ELSEWHERE = {
    "up",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
}


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> list[str]:
    """Every PromQL expression that we ship."""
    shown = [target["expr"] for panel in panels() for target in panel["targets"]]
    return shown + [rule["expr"] for group in RULES for rule in group["rules"]]


def series() -> set[str]:
    """Every name that a scrape of a sink holds."""
    metrics.prepare(TOPICS)
    metrics.LAG.labels("plays", "0").set(0)
    metrics.LANDED.labels("plays").set(0)
    found = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    metrics.LAG.remove("plays", "0")
    return found


def labels() -> dict[str, set[str]]:
    metrics.prepare(TOPICS)
    return {
        sample.name: set(sample.labels)
        for family in REGISTRY.collect()
        for sample in family.samples
        if family.name.startswith("backbeat_")
    }


def test_names_have_the_prefix_a_base_unit_and_a_sentence() -> None:
    found = exported(REGISTRY)
    assert len(found) == 22
    for name, said in found.items():
        assert name.startswith("backbeat_sink_")
        assert name.endswith(UNITS), name
        assert said.endswith("."), name


def test_the_runbook_has_each_metric_once() -> None:
    text = (ROOT / "docs/runbook.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `backbeat_sink_")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(exported(REGISTRY))


def test_the_runbook_has_the_labels_that_are_exported() -> None:
    text = (ROOT / "docs/runbook.md").read_text()
    had = labels()
    for _, name_cell, label_cell, *_ in (
        line.split("|") for line in text.splitlines() if line.startswith("| `backbeat_sink_")
    ):
        told = set(re.findall(r"\w+", label_cell))
        for name in re.findall(r"`(\w+)`", name_cell):
            for real in {name, f"{name}_sum"} & had.keys():
                assert had[real] == told, name


@pytest.mark.parametrize("expression", queries())
def test_a_query_reads_only_what_is_exported(expression: str) -> None:
    read = names(expression)
    assert read
    assert read - series() - OURS_FROM_ELSEWHERE == set()


@pytest.mark.parametrize("expression", [query for query in queries() if "histogram_quantile" in query])
def test_a_quantile_is_of_buckets_by_le(expression: str) -> None:
    assert all(name.endswith("_bucket") for name in names(expression))
    assert re.search(r"by \(le\b", expression)


def test_queries_of_counters_ask_for_their_rate() -> None:
    for query in queries():
        for name in names(query):
            if name.endswith(("_total", "_bucket", "_sum", "_count")):
                assert re.search(rf"(rate|increase)\({name}\b", query), query


def test_the_dashboard_asks_the_chosen_prometheus_and_its_panels_do_not_overlap() -> None:
    assert DASHBOARD["schemaVersion"] >= 36
    assert [v["name"] for v in DASHBOARD["templating"]["list"]] == ["datasource", "instance", "topic"]
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
        assert panel["description"]
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_alerts_say_how_bad_and_what_to_do() -> None:
    rules = [rule for group in RULES for rule in group["rules"]]
    assert {"BackbeatSinkLagGrowing", "BackbeatSinkNothingLanded", "BackbeatSinkFencesLost"} <= {
        rule["alert"] for rule in rules
    }
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "description"}
    scraped = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text())
    assert "backbeat-sink.rules.yml" in scraped["rule_files"]
    jobs = {job["job_name"] for job in scraped["scrape_configs"]}
    assert jobs >= set(re.findall(r'job="([^"]+)"', " ".join(rule["expr"] for rule in rules)))


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_what_lands_is_counted_once_a_flush() -> None:
    def counts() -> list[float]:
        return [
            value("backbeat_sink_rows_total", topic="plays", verdict="malformed"),
            value("backbeat_sink_rows_total", topic="plays", verdict="accepted"),
            value("backbeat_sink_payload_bytes_total", topic="plays"),
            value("backbeat_sink_objects_total", topic="plays"),
            value("backbeat_sink_fences_total", outcome="won"),
            value("backbeat_sink_object_size_bytes_count"),
            *(
                value("backbeat_sink_flush_seconds_count", stage=each)
                for each in ("total", "fence", "encode", "put")
            ),
        ]

    before, store = counts(), MemoryStore()
    chain_of(store, 9, 29)  # two objects of 30 rows that are not events
    after = counts()
    assert [b - a for a, b in zip(before, after, strict=True)] == [
        30, 0, 30 * len(b"not an event"), 2, 2, 2, 2, 2, 2, 2,
    ]  # fmt: skip


class Watermarks:
    """A consumer that has heard of ends, whatever partition it is asked about."""

    def get_watermark_offsets(self, partition: object, *, cached: bool) -> tuple[int, int]:
        assert cached, "a look must not ask the broker"
        return 0, 42


@pytest.mark.usefixtures("_well")
def test_the_lag_of_a_partition_goes_with_the_partition() -> None:
    mine = [Partition(Chain("sink", "cluster", "likes", "id", number), Tail(), 0) for number in (0, 1)]
    mine[1].position = 40
    lookout = Lookout()
    lookout.turn(Watermarks(), mine)  # type: ignore[arg-type]
    assert value("backbeat_sink_lag_rows", topic="likes", partition="0") == 42
    assert value("backbeat_sink_lag_rows", topic="likes", partition="1") == 2
    assert value("backbeat_sink_partitions_owned", topic="likes") == 2
    assert HEALTH.report()["lag_rows"] == 44
    lookout.turn(Watermarks(), [])  # type: ignore[arg-type]  # too soon for another look
    assert value("backbeat_sink_partitions_owned", topic="likes") == 2
    lookout.look(Watermarks(), mine[1:])  # type: ignore[arg-type]
    assert REGISTRY.get_sample_value("backbeat_sink_lag_rows", {"topic": "likes", "partition": "0"}) is None
    lookout.look(Watermarks(), [])  # type: ignore[arg-type]
    assert value("backbeat_sink_partitions_owned", topic="likes") == 0


@pytest.fixture
def _well() -> Iterator[None]:
    yield
    HEALTH.began(stuck_after=60.0)


@pytest.mark.usefixtures("_well")
def test_requests_are_counted_by_their_answer() -> None:
    expected = {200: "ok", 204: "ok", 404: "404", 409: "409", 412: "412", 403: "4xx", 500: "5xx", 503: "5xx"}
    for status, outcome in expected.items():
        before = value("backbeat_sink_s3_requests_total", outcome=outcome)
        requests.answered(status)
        assert value("backbeat_sink_s3_requests_total", outcome=outcome) == before + 1
    before = value("backbeat_sink_errors_total", kind="lake")
    requests.lost(TimeoutError("it took 30 s"))
    assert value("backbeat_sink_s3_requests_total", outcome="lost") >= 1
    assert value("backbeat_sink_errors_total", kind="lake") == before + 1
