"""How good recommendations are: what the last `backbeat evaluate` made of the warehouse."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from streamlit_app.snapshot import Snapshot

OURS = "ours"
MEASURES = {"ndcg@10": "NDCG@10", "recall@20": "Recall@20"}
_SCHEMA = {
    "model": pl.String,
    "measure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "is_ours": pl.Boolean,
}


def result(snapshot: Snapshot) -> dict[str, Any] | None:
    """The evaluation's JSON; None where none was kept, or the snapshot is of before there was any."""
    row = snapshot.row("select result from main.evaluation") if snapshot.holds("evaluation") else {}
    return json.loads(str(row["result"])) if row else None


def measured(found: dict[str, Any]) -> pl.DataFrame:
    """Of a `result`: model, measure, value, low, high (95 %), is_ours; the best NDCG@10 first."""
    models = found["models"]
    best = sorted(models, key=lambda name: (-models[name]["ndcg@10"], name))
    rows = [
        (
            name,
            words,
            models[name][key],
            models[name][f"{key}_low"],
            models[name][f"{key}_high"],
            name == OURS,
        )
        for name in best
        for key, words in MEASURES.items()
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
