"""Recordings that the same listeners like: against plain joins, and of little or nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.python_model import load

MODEL = load("conformed/silver_paired_tracks.py")
TRACKS = 1_100  # more than are multiplied at a time


def tastes(rng: np.random.Generator, users: int) -> pa.Table:
    """A few recordings of each user, the first ones far more often, in no order."""
    pairs = {(user, int(rng.power(0.3) * TRACKS)) for user in range(users) for _ in range(12)}
    user, track = np.array(rng.permutation(sorted(pairs))).reshape(-1, 2).T
    return pa.table(
        {
            "user_id": [f"u{n:04}" for n in user],
            "track_key": [f"t{n:04}" for n in track],
            "weight": rng.integers(1, 300, len(user)),
        }
    )


def plainly(given: pa.Table, shrinkage: float, kept: int) -> pd.DataFrame:
    """The same by joins and sorts."""
    rows = given.to_pandas()
    norm = np.sqrt((rows["weight"] ** 2).groupby(rows["track_key"]).sum())
    pairs = rows.merge(rows, on="user_id")
    pairs = pairs[pairs["track_key_x"] != pairs["track_key_y"]]
    pairs["product"] = pairs["weight_x"] * pairs["weight_y"]
    whole = pairs.groupby(["track_key_x", "track_key_y"], as_index=False).agg(
        listeners_together=("user_id", "count"), product=("product", "sum")
    )
    whole = whole[whole["listeners_together"] >= 2].rename(
        columns={"track_key_x": "track_key", "track_key_y": "similar_track_key"}
    )
    together = whole["listeners_together"]
    lengths = norm[whole["track_key"]].to_numpy() * norm[whole["similar_track_key"]].to_numpy()
    whole["similarity"] = (whole["product"] / lengths * together / (together + shrinkage)).round(6)
    whole = whole.sort_values(["track_key", "similarity", "similar_track_key"], ascending=[True, False, True])
    whole["rank"] = whole.groupby("track_key").cumcount() + 1
    return whole[whole["rank"] <= kept]


def test_it_is_the_plain_cosine_shrunk() -> None:
    given = tastes(np.random.default_rng(4), 400)
    found = MODEL.pair(given, shrinkage=3, kept=5)
    expected = plainly(given, 3, 5)
    columns = ["track_key", "similar_track_key", "listeners_together", "rank"]
    assert len(expected) > TRACKS
    assert found[columns].to_numpy().tolist() == expected[columns].to_numpy().tolist()
    assert found["similarity"].to_numpy() == pytest.approx(expected["similarity"].to_numpy(), abs=1e-9)
    assert (found["similarity_key"] == found["track_key"] + "|" + found["similar_track_key"]).all()


@pytest.mark.parametrize("users", [0, 1])
def test_of_nobody_and_of_one_user_nothing_is_alike(users: int) -> None:
    found = MODEL.pair(tastes(np.random.default_rng(4), users), shrinkage=3, kept=5)
    assert len(found) == 0
    assert (str(found["track_key"].dtype), found["rank"].dtype.kind) == ("string", "i")
