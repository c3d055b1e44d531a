"""The project's own recommendations: its dbt models, run on what a split has seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from contracts.errors import BackbeatError
from serving.build import DBT, ROOT
from serving.evaluation.arrays import Ints
from serving.evaluation.ranker import Setting, Tell
from serving.evaluation.ranking import NOTHING
from serving.evaluation.split import Split
from serving.evaluation.upstream import NOT_BUILT, prepare, prepared

# What differs from the list a listener gets: its length, artists may come again, and whatever was played once
# is known. None of it depends on the data.
_VARIABLES = {"recommendations_per_artist": 1_000_000, "known_track_plays": 1}
# Seeds and models up to gold's `recommendations`, but for what is named behind it.
_WHAT = ("--resource-type", "seed", "--resource-type", "model", "--select", "+recommendations", "--exclude")
_LISTS = """
    select "row", item, "rank" - 1 as place
    from gold.recommendations join asked using (user_id) join known using (track_key)
    where "rank" <= ?
"""
# Of whom the warehouse knows nothing: what is offered where no country is known.
_NEWCOMERS = """
    select item, row_number() over (order by score desc, track_key) - 1 as place
    from silver.silver_offered_tracks join known using (track_key)
    where region = 'GLOBAL'
    qualify place < ?
"""


class Ours:
    """gold's `recommendations`, built in a folder that is gone afterwards."""

    def __init__(self, tell: Tell, root: Path = ROOT) -> None:
        self._tell, self._root = tell, root
        self.chosen: Setting = {}

    def fit_rank(self, split: Split, users: Ints, k: int) -> Ints:
        """See `Ranker`. Raises BackbeatError with dbt's last words when a model fails."""
        variables = {**_VARIABLES, "recommendations_per_user": k}
        self.chosen = {"dbt": "recommendations", **variables}
        with tempfile.TemporaryDirectory(prefix="backbeat-evaluate-") as folder:
            warehouse = Path(folder) / "warehouse.duckdb"
            self._tell("filling the tables that the models read")
            prepare(split, warehouse, self._root)
            self._tell("dbt builds the recommendations")
            command = ["--vars", json.dumps(variables), *_WHAT, *NOT_BUILT, *prepared(split)]
            run_dbt(self._root, warehouse, command)
            return _ranked(warehouse, split, users, k)


def run_dbt(root: Path, warehouse: Path, command: Sequence[str]) -> None:
    """`dbt build` of the project in `root` on a DuckDB file, with all its traces beside that.

    Raises BackbeatError with dbt's last words when a model fails.
    """
    folder, profile = warehouse.parent, root / "profiles.yml"
    found = profile if profile.exists() else root / "profiles.yml.example"
    (folder / "profiles.yml").write_bytes(found.read_bytes())
    environment = {
        **os.environ,
        "BACKBEAT_TARGET": "duckdb",
        "BACKBEAT_WAREHOUSE": str(warehouse),
        "BACKBEAT_LAKE": str(folder / "lake"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(  # noqa: S603 - dbt of this environment, no shell
        [sys.executable, "-c", DBT, "--no-use-colors", "build", "--profiles-dir", str(folder), *command],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "rror" in line]
        reason = " ".join((said or done.stdout.splitlines() or [done.stderr])[-1].split())
        raise BackbeatError(f"dbt could not build the recommendations to evaluate: {reason}")


def _ranked(warehouse: Path, split: Split, users: Ints, k: int) -> Ints:
    # Tracks only skipped or liked are no items of this split: nobody has streamed them.
    asked = pl.DataFrame({"user_id": [split.users[user] for user in users], "row": range(len(users))})
    known = pl.DataFrame({"track_key": split.items, "item": range(len(split.items))})
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.register("asked", asked.to_arrow())
        connection.register("known", known.to_arrow())
        found = connection.execute(_LISTS, [k]).fetchnumpy()
        offered = connection.execute(_NEWCOMERS, [k]).fetchnumpy()
    ranked = np.full((len(users), k), NOTHING, np.int64)
    newcomers = np.flatnonzero(np.diff(split.known.indptr)[users] == 0)
    ranked[newcomers[:, None], np.asarray(offered["place"])] = np.asarray(offered["item"])
    ranked[np.asarray(found["row"]), np.asarray(found["place"])] = np.asarray(found["item"])
    return ranked
