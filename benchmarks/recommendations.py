"""Recommendations: ours beside popularity, BM25, ALS, BPR and EASE, on real counts and simulated listening.

Reads HetRec 2011's Last.fm sample in BACKBEAT_DATA and keeps figures only. The log is simulated in the run,
and what its listeners truly like is known.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.build import command, simulate
from benchmarks.clock import Clock
from benchmarks.realism_data import folder
from benchmarks.sample import END
from benchmarks.stage import say
from contracts.events import TOPICS
from serving.evaluation.command import evaluate
from serving.settings import ServingSettings

EVENTS, DAYS, SEED = 1_000_000, 60, 7


def measure() -> dict[str, object]:
    """The result of `backbeat evaluate` on either, and the CPU seconds of both."""
    with Clock() as clock:
        counts = evaluate(ServingSettings(), folder() / "hetrec2011_lastfm_2k", None, SEED, say)
        with tempfile.TemporaryDirectory() as place:
            log = simulated(Path(place))
    return {"counts": counts, "log": log, "events": EVENTS, "cpu_seconds": round(clock.cpu, 1)}


def simulated(place: Path) -> dict[str, Any]:
    """The evaluation of simulated listening; the warehouse holds no more than it reads."""
    warehouse, truth = place / "warehouse.duckdb", place / "truth"
    environment = {"BACKBEAT_LAKE": str(place / "lake"), "BACKBEAT_WAREHOUSE": str(warehouse)}
    options = {"--events": EVENTS, "--days": DAYS, "--end": f"{END:%Y-%m-%d}", "--truth": truth}
    simulate(environment, *(str(part) for option in options.items() for part in option))
    events = [f"+silver_{topic}" for topic in TOPICS]
    kinds = ["--resource-type", "seed", "--resource-type", "model"]
    command(environment, "dbt", "build", "--quiet", *kinds, "--select", "+silver_track_ids", *events)
    settings = ServingSettings.model_validate({"warehouse": warehouse})
    return evaluate(settings, None, truth, SEED, say)
