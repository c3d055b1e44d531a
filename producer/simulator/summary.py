"""What a simulation has made, told at its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.events import TOPICS
from producer.simulator.ledger import Ledger

_stderr = Console(stderr=True)


def summary(truth: Ledger, path: Path | None, seconds: float) -> dict[str, Any]:
    """How many events there were, and what should become of them."""
    totals = truth.totals()
    by_topic = {topic: totals[topic]["produced"] for topic in TOPICS if topic in totals}
    return {
        "produced": sum(by_topic.values()),
        "by_topic": by_topic,
        "expected_accepted": sum(topic["expected_accepted"] for topic in totals.values()),
        "expected_rejected": sum(topic["expected_rejected"] for topic in totals.values()),
        "ledger": None if path is None else str(path),
        "seconds": round(seconds, 2),
    }


def tell(found: dict[str, Any], *, as_json: bool) -> None:
    """A table on stderr, or one JSON object on stdout."""
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table("topic", "events", title="Simulated")
    table.columns[1].justify = "right"
    for topic, events in found["by_topic"].items():
        table.add_row(topic, f"{events:,}")
    table.add_section()
    for name in ("produced", "expected_accepted", "expected_rejected"):
        table.add_row(name.replace("_", " "), f"{found[name]:,}")
    _stderr.print(table)
    rate = found["produced"] / max(found["seconds"], 1e-6)
    _stderr.print(f"{found['seconds']:,.1f} s, {rate:,.0f} events/s")
