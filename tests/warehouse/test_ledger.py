"""Every rule finds what was planted for it and nothing else: precision and recall 1, rule by rule.

What the simulator plants, and by hand what it does not: together every code that silver knows.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from infra.ledger_check import RuleCheck, check_rules
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import EXPECTED_CODES
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import simulate
from tests.dbt_process import ROOT, WITHOUT_UNIT_TESTS, DbtProcess
from tests.lake_builder import event, play
from tests.warehouse_builder import Warehouse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONFIG = SimulationConfig(
    events=6_000, days=4, end=datetime(2026, 11, 21, tzinfo=UTC), defects=dict.fromkeys(EXPECTED_CODES, 0.01)
)
WEEK_MS = 7 * 24 * 3_600_000

Planted = tuple[str, str, dict[str, Any] | bytes]


def by_hand() -> list[Planted]:
    """Topic, expected code and value of a defect for each rule that the simulator does not plant."""
    at, day = NOW - timedelta(days=1), NOW - timedelta(days=2)
    step = {"episode_id": "ep-1", "action": "play"}
    started = {"play_id": "p", "track_id": "t", "track_title": "T", "artist_name": "A"}
    skip = {"play_id": "p", "track_id": "t"}
    return [
        ("plays", "", play("first", at)),
        ("plays", "duplicate_play", play("second", at, play_id="first")),
        ("plays", "occurred_too_early", play("early", datetime(1999, 12, 31, tzinfo=UTC))),
        ("plays", "implausible_ms_played", play("endless", at, ms_played=86_400_001)),
        ("plays", "negative_duration", play("minus", at, duration_ms=-1)),
        ("plays", "implausible_duration", play("long", at, duration_ms=WEEK_MS + 1)),
        ("plays", "ended_before_started", play("back", day, started_at=at.isoformat())),
        ("podcast_events", "negative_position", event("e1", at, position_ms=-1, **step)),
        ("podcast_events", "implausible_position", event("e2", at, position_ms=WEEK_MS + 1, **step)),
        ("podcast_events", "negative_duration", event("e3", at, duration_ms=-1, **step)),
        ("podcast_events", "implausible_duration", event("e4", at, duration_ms=WEEK_MS + 1, **step)),
        ("playback_started", "negative_duration", event("s1", at, duration_ms=-1, **started)),
        ("playback_started", "implausible_duration", event("s2", at, duration_ms=WEEK_MS + 1, **started)),
        ("skips", "negative_position", event("k1", at, position_ms=-1, **skip)),
        ("skips", "implausible_position", event("k2", at, position_ms=WEEK_MS + 1, **skip)),
        ("skips", "negative_duration", event("k3", at, position_ms=1, duration_ms=-1, **skip)),
        ("skips", "implausible_duration", event("k4", at, position_ms=1, duration_ms=WEEK_MS + 1, **skip)),
        ("likes", "not_an_object", b"[1, 2]"),
        ("likes", "empty_payload", b""),
        ("likes", "not_utf8", b'{"event_id": "\xff"}'),
    ]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, dbt: DbtProcess) -> tuple[Warehouse, Path, Ledger]:
    """A simulation and what was planted by hand, landed topic by topic and judged by dbt."""
    folder, ledger = tmp_path_factory.mktemp("ledger"), Ledger()
    warehouse = Warehouse(folder, dbt)
    values: dict[str, list[dict[str, Any] | bytes]] = defaultdict(list)
    for batch in simulate(CONFIG, ledger):
        values[batch.topic] += batch.values
    for topic, code, value in by_hand():
        body = json.dumps(value).encode() if isinstance(value, dict) else value
        values[topic].append(body)
        ledger.count(topic, 1)
        if code:
            # Bronze keeps text: bytes that are none stand there as base64.
            ledger.record("by_hand", topic, None, b64encode(body) if code == "not_utf8" else body, code)
    for topic, bodies in values.items():
        warehouse.lake.land(topic, bodies, landed_at=NOW)
    ledger.write(folder / "ledger.parquet")
    warehouse.dbt(
        "build",
        "--select",
        "+silver_rejected_events",
        "+pipeline_freshness",
        "--indirect-selection",
        "cautious",
        *WITHOUT_UNIT_TESTS,
    )
    return warehouse, folder / "ledger.parquet", ledger


def test_every_rule_finds_what_was_planted_and_nothing_else(
    judged: tuple[Warehouse, Path, Ledger],
) -> None:
    warehouse, path, _ = judged
    rules = check_rules(warehouse.path, path)
    assert [rule for rule in rules if (rule.precision, rule.recall) != (1.0, 1.0)] == []
    assert all(rule.planted == rule.found == rule.refused for rule in rules)
    simulated = {code for code in EXPECTED_CODES.values() if code}
    assert {rule.code for rule in rules} == simulated | {code for _, code, _ in by_hand() if code}
    assert min(rule.planted for rule in rules if rule.code in simulated) >= 10


def test_every_code_that_silver_spells_is_among_them(judged: tuple[Warehouse, Path, Ledger]) -> None:
    warehouse, path, _ = judged
    known = {rule.code for rule in check_rules(warehouse.path, path)}
    sources = [ROOT / "macros/judge.sql", *(ROOT / "models/silver/validated").glob("*.sql")]
    spelt = {code for source in sources for code in re.findall(r"'([a-z_0-9]+),'", source.read_text())}
    assert spelt >= {"negative_ms_played", "unknown_country"}
    assert spelt - known == set()


def test_what_only_came_late_or_out_of_order_is_accepted(judged: tuple[Warehouse, Path, Ledger]) -> None:
    warehouse, path, ledger = judged
    moved = {row["event_id"] for row in pq.read_table(path).to_pylist() if row["expected_code"] is None}
    refused = {row[0] for row in warehouse.rows("select event_id from silver.silver_rejected_events")}
    assert len(moved) > 20
    assert not moved & refused
    freshness = "select topic, landed, accepted, rejected from gold.pipeline_freshness"
    counted = {topic: counts for topic, *counts in warehouse.rows(freshness)}
    names = ("produced", "expected_accepted", "expected_rejected")
    expected = {topic: [totals[name] for name in names] for topic, totals in ledger.totals().items()}
    assert counted == expected


def test_a_rule_that_errs_is_told_by_its_shares() -> None:
    assert RuleCheck("code", planted=4, found=3, refused=6).recall == 0.75
    assert RuleCheck("code", planted=4, found=3, refused=6).precision == 0.5
    assert RuleCheck("code", planted=0, found=0, refused=0).recall == 1.0
